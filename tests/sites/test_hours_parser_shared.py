"""The share of hours that is read for certain, on the published lists; the numbers stand in docs/import.md."""

import csv
import json
import re
from datetime import date
from typing import Any

import pytest

from app.sites.hours_parser import parse_hours
from tests.shared import ROOMS

GLUED = re.compile(r"[:：]\d{2}\d{1,2}[:：]")
TODAY = date(2026, 11, 20)


def rows(name: str) -> list[dict[str, Any]]:
    path = ROOMS / name
    if path.suffix == ".geojson":
        return [feature["properties"] for feature in json.loads(path.read_text(encoding="utf-8"))["features"]]
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("name", "column", "days_column", "with_words", "known"),
    [
        ("tw_taipei_list_2026.csv", "開放時間", "", 526, 498),
        ("tw_taipei_dashboard_2023.geojson", "opening_hours", "", 538, 512),
        ("jp_tokyo_akachan_flat_2026.geojson", "open_hours", "available_days", 1654, 1233),
        ("tw_national_voluntary_excerpt_2026.csv", "hours", "", 44, 22),
        ("uk_hillingdon_toilets_2016.csv", "OPENINGHOURS", "", 47, 28),
        ("osm_japan_changing_tables_2026.geojson", "opening_hours", "", 12, 7),
    ],
)
def test_share_of_hours_read(name: str, column: str, days_column: str, with_words: int, known: int) -> None:
    texts = [(str(row.get(column) or ""), str(row.get(days_column) or "")) for row in rows(name)]
    stated = [pair for pair in texts if "".join(pair).strip()]
    read = [parse_hours(text, TODAY, days=days, calendar="none") for text, days in stated]
    assert len(stated) == with_words
    assert sum(hours.is_known for hours in read) == known


def test_hours_glued_together_upstream_are_unknown() -> None:
    glued = [row for row in rows("jp_tokyo_akachan_flat_2026.geojson") if GLUED.search(row["open_hours"])]
    assert len(glued) == 22
    for row in glued:
        assert not parse_hours(row["open_hours"], TODAY, days=row["available_days"]).is_known
