"""Boundaries: loaded in any datum, kept in WGS-84, and what is refused."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.db import db, unit_of_work
from app.errors import Invalid
from app.sites.boundaries import Boundaries, load_boundaries
from app.sites.datums import Datum, convert
from app.sites.models import Division

BOX = [[[120.0, 30.0], [120.4, 30.0], [120.4, 30.4], [120.0, 30.4], [120.0, 30.0]]]
CITY = [[[119.0, 29.0], [121.0, 29.0], [121.0, 31.0], [119.0, 31.0], [119.0, 29.0]]]


def feature(code: object, name: str, rings: Any = BOX, kind: str = "Polygon") -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"adcode": code, "name": name, "parent": {"adcode": 330100}},
        "geometry": {"type": kind, "coordinates": rings},
    }


@pytest.fixture
def file(app: Flask, tmp_path: Path) -> Iterator[Any]:
    def write(*features: Any) -> Path:
        path = tmp_path / "b.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
        return path

    with app.app_context():
        yield write


def load(path: Path, datum: Datum = Datum.WGS84) -> list[str]:
    with unit_of_work():
        return load_boundaries(path, datum)


def test_a_point_is_in_the_smallest_division_that_contains_it(file: Any) -> None:
    assert load(file(feature(330100, "杭州市", CITY), feature("330114", "钱塘区"))) == ["330100", "330114"]
    boundaries = Boundaries()
    assert boundaries.containing(120.2, 30.2) == "330114"
    assert boundaries.containing(120.2, 30.9) == "330100"
    assert boundaries.containing(0, 0) is None


def test_contradictions(file: Any) -> None:
    load(file(feature(330100, "杭州市", CITY), feature("330114", "钱塘区")))
    boundaries = Boundaries()
    assert boundaries.contradicts("330114", 120.2, 30.2) is None
    assert boundaries.contradicts("330114001000", 120.2, 30.2) is None, "a street is checked by its district"
    assert boundaries.contradicts("330102", 120.2, 30.2) is None, "nothing is known of that district"
    assert boundaries.contradicts("330114", 120.2, 30.9) == "330100"
    assert boundaries.contradicts("330114", 0, 0) == ""


def test_gcj02_is_converted(file: Any) -> None:
    load(file(feature("330114", "钱塘区")), Datum.GCJ02)
    stored = db.session.get_one(Division, "330114")
    assert stored.parent_code == "330100"
    assert stored.boundary is not None
    corners = {(round(lon, 5), round(lat, 5)) for lon, lat in stored.boundary["coordinates"][0]}
    lon, lat = convert(120.0, 30.0, Datum.GCJ02, Datum.WGS84)
    assert (round(lon, 5), round(lat, 5)) in corners


def test_loading_again_replaces_the_area_and_keeps_the_name(file: Any) -> None:
    load(file(feature("330114", "钱塘区")))
    load(file(feature("330114", "Qiantang", CITY)))
    division = db.session.scalars(select(Division)).one()
    assert division.name == "钱塘区"
    assert Boundaries().containing(120.2, 30.9) == "330114"


def test_a_ring_that_crosses_itself_is_mended(file: Any) -> None:
    bow_tie = [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]
    load(file(feature("1", "x", bow_tie)))
    boundaries = Boundaries()
    points = ((0.2, 1), (1.8, 1), (1, 0.2), (1, 1.8))
    assert [boundaries.containing(*point) for point in points] == ["1", "1", None, None]


@pytest.mark.parametrize(
    "bad",
    [
        {"type": "Feature", "properties": {}, "geometry": None},
        {"type": "Feature", "properties": {"adcode": "330114", "name": "x"}, "geometry": None},
        feature("33-0114", "x"),
        feature("330114", ""),
        feature("330114", "x", [120, 30], "Point"),
        feature("330114", "x", [[[509898, 180007], [1, 1], [2, 1], [509898, 180007]]]),
        feature("330114", "x", [[[0, 0], [1, 1]]]),
        5,
    ],
)
def test_nothing_is_stored_when_one_feature_is_bad(file: Any, bad: Any) -> None:
    with pytest.raises(Invalid, match="Feature 2 of"):
        load(file(feature("330102", "上城区"), bad))
    assert db.session.scalars(select(Division)).all() == []


def test_a_file_that_is_no_geojson_is_refused(file: Any) -> None:
    path = file()
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(Invalid, match="not a GeoJSON"):
        load(path)
