"""The directory against brute force and PostGIS on three published lists."""

import csv
import json

import numpy as np
import pytest

from tests.finder.oracle import PostGis, answers, assert_same, directory, queries_near, sieved
from tests.postgres import Server
from tests.shared import SHARED

DATA = SHARED / "data"


def geojson_points(name: str) -> list[tuple[float, float]]:
    features = json.loads((DATA / "rooms" / name).read_text(encoding="utf-8"))["features"]
    return [tuple(feature["geometry"]["coordinates"][:2]) for feature in features]


def australian_points() -> list[tuple[float, float]]:
    with (DATA / "scale" / "au_public_toilets_2024.csv").open(encoding="utf-8-sig", newline="") as file:
        return [(float(row["Longitude"]), float(row["Latitude"])) for row in csv.DictReader(file)]


def points_of(name: str) -> np.ndarray:
    found = {
        "tokyo": lambda: geojson_points("jp_tokyo_akachan_flat_2026.geojson"),
        "taipei": lambda: geojson_points("tw_taipei_dashboard_2023.geojson"),
        "australia": australian_points,
    }[name]()
    return np.array(found, dtype=float)


@pytest.mark.parametrize(("name", "count"), [("tokyo", 1654), ("taipei", 538), ("australia", 22_513)])
def test_equal_to_brute_force_and_to_postgis(name, count, postgres: Server):
    points = points_of(name)
    assert len(points) == count
    built = directory(points)
    with postgres.database() as url:
        oracle = PostGis(url, points)
        for query in queries_near(points, seed=count):
            found = answers(built, query)
            assert_same(found, sieved(points, query), query)
            assert_same(found, oracle.nearest(query), query)
        oracle.connection.close()
