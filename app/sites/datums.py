"""Coordinates in WGS-84, GCJ-02 and BD-09, and where in the world the last two are in use.

The project stores WGS-84. The other two occur at the edges only: in imported files that state them, in the query
parameter `crs`, under map tiles and in navigation links. Nothing is ever converted unless a datum was stated.

Nothing outside China is ever shifted. The usual implementations shift whatever lies in a rectangle, so a site in Seoul
lands 459 m away; here polygons decide (`data/datum_areas.json`). The formulas hold in all of China, but the map
services do not use them everywhere; their documentation says:

- Mainland: Amap, Tencent, Google and Apple expect GCJ-02, Baidu BD-09.
- Hong Kong and Macau: Amap, Tencent and Huawei expect GCJ-02, Baidu BD-09; Google and Apple keep WGS-84.
- Taiwan: Amap, Tencent, Huawei, Google and Apple expect WGS-84; Baidu alone BD-09.
- Elsewhere all of them expect WGS-84.

`convert` applies the formulas, `as_shown` the rule of the Chinese services. Near a land border the polygon leans to
China by about a kilometre: a pin that is 500 m off in Dandong harms a real visitor, one on the far bank of the Yalu is
not this network's site. Within half a kilometre of a polygon's edge GCJ-02 cannot be undone without doubt: two places
share one pair of numbers there, and the one inside is taken.

All angles are degrees, longitude first.
"""

import json
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from importlib.resources import files
from math import atan2, cos, hypot, isfinite, pi, sin, sqrt

import shapely
from shapely.geometry import MultiPolygon, Polygon

Point = tuple[float, float]

# Krassovsky 1940, the ellipsoid inside the published GCJ-02 formulas.
AXIS_M = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
BD_TURN = pi * 3000.0 / 180.0
INVERSE_STEPS = 30
# About a tenth of a millimetre.
INVERSE_TOLERANCE = 1e-9


class Datum(StrEnum):
    """What a pair of coordinates refers to."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class Area(StrEnum):
    """Parts of the world in which the map services follow different rules."""

    MAINLAND = "mainland"
    HONG_KONG_MACAU = "hong_kong_macau"
    TAIWAN = "taiwan"
    ABROAD = "abroad"


def convert(lon: float, lat: float, source: Datum, target: Datum) -> Point:
    """The same place in another datum: degrees in, degrees out, within 1 cm of the published formulas.

    Points outside China come back as they are, whatever the two datums.
    Raises ValueError for coordinates that are not finite or not degrees.
    """
    check_degrees(lon, lat)
    if source == target or not (70 < lon < 140 and 10 < lat < 60):
        return lon, lat
    place = _to_wgs84(lon, lat, source)
    # The place decides, not its shifted coordinates, which may fall into another area.
    if area_of(*place) == Area.ABROAD:
        return lon, lat
    return _from_wgs84(*place, target)


def as_shown(lon: float, lat: float, datum: Datum) -> Point:
    """What a Chinese map service that works in `datum` calls the WGS-84 place: `convert`, but no GCJ-02 in Taiwan."""
    if datum == Datum.GCJ02 and area_of(lon, lat) == Area.TAIWAN:
        return lon, lat
    return convert(lon, lat, Datum.WGS84, datum)


def check_degrees(lon: float, lat: float) -> None:
    """Raises ValueError unless -180 <= lon <= 180 and -90 <= lat <= 90; metres in a column of degrees end here."""
    if not (isfinite(lon) and -180 <= lon <= 180):
        raise ValueError(f"longitude {lon} is not between -180 and 180 degrees")
    if not (isfinite(lat) and -90 <= lat <= 90):
        raise ValueError(f"latitude {lat} is not between -90 and 90 degrees")


def area_of(lon: float, lat: float) -> Area:
    """The area of a WGS-84 place, for choosing a datum only: the polygons are widened and simplified."""
    areas = _areas()
    if shapely.contains_xy(areas["mainland_hong_kong_macau"], lon, lat):
        inner = shapely.contains_xy(areas["hong_kong_macau"], lon, lat)
        return Area.HONG_KONG_MACAU if inner else Area.MAINLAND
    return Area.TAIWAN if shapely.contains_xy(areas["taiwan"], lon, lat) else Area.ABROAD


@cache
def _areas() -> dict[str, MultiPolygon]:
    content = json.loads(files("app.sites").joinpath("data", "datum_areas.json").read_text(encoding="utf-8"))
    areas = {}
    for name in ("mainland_hong_kong_macau", "hong_kong_macau", "taiwan"):
        areas[name] = MultiPolygon([Polygon(shell, holes) for shell, *holes in content[name]])
        shapely.prepare(areas[name])
    return areas


def _to_wgs84(lon: float, lat: float, source: Datum) -> Point:
    if source == Datum.BD09:
        lon, lat = _inverse(_gcj02_to_bd09, lon, lat)
    return (lon, lat) if source == Datum.WGS84 else _inverse(_wgs84_to_gcj02, lon, lat)


def _from_wgs84(lon: float, lat: float, target: Datum) -> Point:
    if target == Datum.WGS84:
        return lon, lat
    shifted = _wgs84_to_gcj02(lon, lat)
    return _gcj02_to_bd09(*shifted) if target == Datum.BD09 else shifted


def _inverse(forward: Callable[[float, float], Point], lon: float, lat: float) -> Point:
    """The point that `forward` sends to (lon, lat): the shift hardly varies, so subtracting the miss converges."""
    x, y = lon, lat
    for _ in range(INVERSE_STEPS):
        moved_x, moved_y = forward(x, y)
        miss_x, miss_y = moved_x - lon, moved_y - lat
        x, y = x - miss_x, y - miss_y
        if abs(miss_x) < INVERSE_TOLERANCE and abs(miss_y) < INVERSE_TOLERANCE:
            break
    return x, y


def _wgs84_to_gcj02(lon: float, lat: float) -> Point:
    east, north = lon - 105.0, lat - 35.0
    root = sqrt(abs(east))
    waves = 20.0 * sin(6.0 * east * pi) + 20.0 * sin(2.0 * east * pi)
    north_m = -100.0 + 2.0 * east + 3.0 * north + 0.2 * north * north + 0.1 * east * north + 0.2 * root
    north_m += (waves + 20.0 * sin(north * pi) + 40.0 * sin(north / 3.0 * pi)) * 2.0 / 3.0
    north_m += (160.0 * sin(north / 12.0 * pi) + 320.0 * sin(north * pi / 30.0)) * 2.0 / 3.0
    east_m = 300.0 + east + 2.0 * north + 0.1 * east * east + 0.1 * east * north + 0.1 * root
    east_m += (waves + 20.0 * sin(east * pi) + 40.0 * sin(east / 3.0 * pi)) * 2.0 / 3.0
    east_m += (150.0 * sin(east / 12.0 * pi) + 300.0 * sin(east / 30.0 * pi)) * 2.0 / 3.0
    radians = lat / 180.0 * pi
    flatness = 1.0 - ECCENTRICITY_SQUARED * sin(radians) ** 2
    meridian_m = AXIS_M * (1.0 - ECCENTRICITY_SQUARED) / (flatness * sqrt(flatness))
    parallel_m = AXIS_M / sqrt(flatness) * cos(radians)
    return lon + east_m * 180.0 / (parallel_m * pi), lat + north_m * 180.0 / (meridian_m * pi)


def _gcj02_to_bd09(lon: float, lat: float) -> Point:
    radius = hypot(lon, lat) + 0.00002 * sin(lat * BD_TURN)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * BD_TURN)
    return radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006
