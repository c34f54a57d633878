"""The published lists' real names on posters."""

import csv
import json

import pytest

from app.sites.posters import FORMATS, PosterFormat, unprintable
from tests.shared import ROOMS
from tests.sites.poster_pages import assert_read_back, poster

with (ROOMS / "cn_hangzhou_mommy_rooms.csv").open(encoding="utf-8") as hangzhou:
    HANGZHOU = list(csv.DictReader(hangzhou))


@pytest.mark.parametrize("paper", FORMATS)
@pytest.mark.parametrize("part", range(3))
def test_the_36_hangzhou_rooms_are_read_back(paper: PosterFormat, part: int) -> None:
    rooms = HANGZHOU[part::3]
    assert_read_back([poster(row["name"], organisation=row["location"]) for row in rooms], paper)


def test_every_hangzhou_and_taipei_name_has_glyphs() -> None:
    with (ROOMS / "tw_taipei_list_2026.csv").open(encoding="utf-8") as taipei:
        cells = [cell or "" for row in csv.DictReader(taipei) for cell in row.values()]
    features = json.loads((ROOMS / "tw_taipei_dashboard_2023.geojson").read_text(encoding="utf-8"))["features"]
    cells += [str(feature["properties"].get("name", "")) for feature in features]
    cells += [cell for row in HANGZHOU for cell in row.values()]
    assert any("朮" in cell for cell in cells)
    assert unprintable("".join(cells)) == ""
