"""Boundaries of districts: loaded from GeoJSON, kept in WGS-84, used to check and to find a site's district."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from app.db import db
from app.errors import N_, Invalid
from app.sites.datums import Datum, check_degrees, convert
from app.sites.models import Division

Points = npt.NDArray[np.float64]
CODE_KEYS = ("adcode", "code", "gb")
NAME_KEYS = ("name", "ct_name")
DISTRICT_DIGITS = 6
DIGITS = 6
"""A tenth of a metre, far finer than any published boundary."""


def load_boundaries(path: Path, datum: Datum) -> list[str]:
    """Store the polygons of a GeoJSON file by division code, converted from `datum`; returns the codes.

    Every feature needs the code (`adcode` or `code`) and a name. Nothing is stored unless all features are sound:
    Invalid names the first that is not.
    """
    divisions = list(_features(path, datum))
    for division in divisions:
        db.session.merge(division)
    db.session.flush()
    return [division.code for division in divisions]


def _features(path: Path, datum: Datum) -> Iterator[Division]:
    try:
        features = orjson.loads(path.read_bytes())["features"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Invalid(N_("%(name)s is not a GeoJSON collection of features"), name=path.name) from error
    for number, feature in enumerate(features, start=1):
        try:
            yield _division(feature, datum)
        except (KeyError, TypeError, ValueError, AttributeError, ShapelyError) as error:
            raise Invalid(
                N_("Feature %(number)s of %(name)s: %(reason)s"), number=number, name=path.name, reason=str(error)
            ) from error


def _division(feature: dict[str, Any], datum: Datum) -> Division:
    properties = feature["properties"]
    code = str(next((properties[key] for key in CODE_KEYS if properties.get(key)), ""))
    name = str(next((properties[key] for key in NAME_KEYS if properties.get(key)), ""))
    if not (code.isdigit() and len(code) <= 12 and name):
        raise ValueError("a code of digits and a name are needed")
    known = db.session.get(Division, code)
    parent = properties.get("parent")
    parent_code = str(parent["adcode"]) if isinstance(parent, dict) and "adcode" in parent else None
    area = shapely.transform(shape(feature["geometry"]), lambda points: _converted(points, datum))
    if area.geom_type not in ("Polygon", "MultiPolygon") or area.is_empty:
        raise ValueError(f"{area.geom_type} is not an area")
    area = area if area.is_valid else shapely.make_valid(area, method="structure")
    return Division(
        code=code,
        name=known.name if known else name,
        parent_code=(known.parent_code if known else None) or parent_code,
        boundary=mapping(area),
    )


def _converted(points: Points, datum: Datum) -> Points:
    for lon, lat in points:
        check_degrees(float(lon), float(lat))
    if datum == Datum.WGS84:
        return points
    moved = [convert(float(lon), float(lat), datum, Datum.WGS84) for lon, lat in points]
    return np.round(np.array(moved), DIGITS)


class Boundaries:
    """The loaded boundaries, ready to be asked many times."""

    def __init__(self) -> None:
        """Read them all from the database."""
        rows = db.session.execute(
            select(Division.code, Division.name, Division.boundary).where(Division.boundary.is_not(None))
        ).all()
        self.areas: dict[str, BaseGeometry] = {}
        self.names: dict[str, str] = {}
        for code, name, boundary in rows:
            if boundary:
                self.areas[code] = shape(boundary)
                self.names[code] = name
        self.codes = list(self.areas)
        self.tree = shapely.STRtree([self.areas[code] for code in self.codes])

    def containing(self, lon: float, lat: float) -> str | None:
        """Code of the smallest loaded division that contains a WGS-84 point, or None."""
        hits = self.tree.query(shapely.Point(lon, lat), predicate="intersects")
        codes = [self.codes[index] for index in hits]
        return min(codes, key=lambda code: float(self.areas[code].area), default=None)

    def contradicts(self, stated: str, lon: float, lat: float) -> str | None:
        """Code of the division that contains the point, when the stated one has a boundary and does not; else None.

        A street's code (9 or 12 digits) is checked against its district. A point outside every loaded boundary gives
        the empty text.
        """
        code = stated if stated in self.areas else stated[:DISTRICT_DIGITS]
        if code not in self.areas or self.areas[code].intersects(shapely.Point(lon, lat)):
            return None
        return self.containing(lon, lat) or ""
