"""The reference vectors: seven independent implementations agree on them."""

import csv
from itertools import permutations

import pytest
from pyproj import Geod

from app.sites.datums import Datum, convert
from tests.shared import SHARED

PAIRS = [*permutations(Datum, 2)]
GEO = SHARED / "data" / "geo"
COLUMNS = {Datum.WGS84: "wgs84", Datum.GCJ02: "gcj02", Datum.BD09: "bd09"}


def rows(name: str) -> list[dict[str, str]]:
    with (GEO / name).open(encoding="utf-8-sig", newline="") as file:
        return [*csv.DictReader(file)]


def place(row: dict[str, str], datum: Datum) -> tuple[float, float]:
    return float(row[f"{COLUMNS[datum]}_lng"]), float(row[f"{COLUMNS[datum]}_lat"])


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_every_vector_within_a_centimetre(source, target):
    vectors = rows("coord_reference_vectors.csv")
    assert len(vectors) == 25
    for row in vectors:
        found = convert(*place(row, source), source, target)
        _, _, miss_m = Geod(ellps="WGS84").inv(*found, *place(row, target))
        assert miss_m < 0.01, row["place"]


def test_places_outside_china_stay_where_they_are():
    places = {row["place"]: place(row, Datum.WGS84) for row in rows("coord_outside_china.csv")}
    assert len(places) == 3
    for start in places.values():
        for source, target in PAIRS:
            assert convert(*start, source, target) == start
