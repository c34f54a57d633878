"""Query parameters of the finder's API, read by hand: validating libraries cost more than the search itself."""

import re
from collections.abc import Collection
from math import inf
from typing import Final

from werkzeug.datastructures import MultiDict

from app.errors import N_, Invalid
from app.finder.entries import Box, Filters
from app.sites.datums import Datum, Point, convert
from app.sites.facilities import facilities
from app.sites.models import SiteKind

NUMBER: Final = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?")
BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
DATUMS: Final = {datum.value: datum for datum in Datum}
KINDS: Final = frozenset(kind.value for kind in SiteKind)
LONGEST_RADIUS_M: Final = 20_040_000.0

Arguments = MultiDict[str, str]


def wrong(field: str, message: str, **params: object) -> Invalid:
    """The error for one parameter."""
    return Invalid(message, {field: message}, **params)


def once(arguments: Arguments, field: str) -> str | None:
    """The value of a parameter that may be given once at most. Raises Invalid naming it."""
    values = arguments.getlist(field)
    if len(values) > 1:
        raise wrong(field, N_("This parameter is given more than once"))
    return values[0] if values else None


def only(arguments: Arguments, known: frozenset[str]) -> None:
    """Nothing but `known`: a filter whose name is mistyped would filter nothing. Raises Invalid naming the others."""
    if not arguments.keys() <= known:
        message, others = N_("Give one of %(choices)s"), arguments.keys() - known
        raise Invalid(message, dict.fromkeys(sorted(others), message), choices=", ".join(sorted(known)))


def number(arguments: Arguments, field: str, low: float, high: float, default: float | None = None) -> float:
    """A decimal number from `low` to `high`. Raises Invalid naming the parameter."""
    text = once(arguments, field)
    if text is None:
        if default is None:
            raise wrong(field, N_("This parameter is missing"))
        return default
    value = float(text) if NUMBER.fullmatch(text) else inf
    if not low <= value <= high:
        raise wrong(field, N_("Give a number from %(low)s to %(high)s"), low=f"{low:.15g}", high=f"{high:.15g}")
    return value


def whole(arguments: Arguments, field: str, low: int, high: int, default: int) -> int:
    """A whole number from `low` to `high`. Raises Invalid naming the parameter."""
    text = once(arguments, field)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and low <= int(text) <= high):
        raise wrong(field, N_("Give a whole number from %(low)s to %(high)s"), low=low, high=high)
    return int(text)


def datum(arguments: Arguments) -> Datum:
    """The parameter `crs`. Raises Invalid naming it."""
    text = once(arguments, "crs")
    if text is None:
        return Datum.WGS84
    if text not in DATUMS:
        raise wrong("crs", N_("Give one of %(choices)s"), choices=", ".join(DATUMS))
    return DATUMS[text]


def place(arguments: Arguments) -> Point:
    """`lat` and `lon` in the datum of `crs`, as WGS-84 degrees. Raises Invalid naming the faulty one."""
    lat = number(arguments, "lat", -90, 90)
    lon = number(arguments, "lon", -180, 180)
    source = datum(arguments)
    return (lon, lat) if source is Datum.WGS84 else convert(lon, lat, source, Datum.WGS84)


def radius_m(arguments: Arguments) -> float:
    """`radius_m`, infinite when missing. Raises Invalid naming it."""
    return number(arguments, "radius_m", 0, LONGEST_RADIUS_M, inf)


def box(arguments: Arguments) -> Box:
    """`bbox` as minlon,minlat,maxlon,maxlat in the datum of `crs`, its corners in WGS-84. Raises Invalid naming it."""
    text = once(arguments, "bbox")
    if text is None:
        raise wrong("bbox", N_("This parameter is missing"))
    parts = text.split(",")
    if len(parts) != 4 or not all(NUMBER.fullmatch(part) for part in parts):
        raise wrong("bbox", N_("Give four numbers: minlon,minlat,maxlon,maxlat"))
    west, south, east, north = map(float, parts)
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= 90 and -90 <= north <= 90):
        raise wrong("bbox", N_("Longitudes run from -180 to 180, latitudes from -90 to 90"))
    if south > north:
        raise wrong("bbox", N_("minlat is above maxlat"))
    source = datum(arguments)
    if source is not Datum.WGS84:
        west, south = convert(west, south, source, Datum.WGS84)
        east, north = convert(east, north, source, Datum.WGS84)
    return Box(west, south, east, north)


def filters(arguments: Arguments) -> Filters:
    """`open_now`, `facility` and `kind`; the last two repeated or separated by commas. Raises Invalid naming one."""
    text = once(arguments, "open_now")
    if text is not None and text not in BOOLEANS:
        raise wrong("open_now", N_("Give true or false"))
    return Filters(
        facilities=_choices(arguments, "facility", facilities().keys()),
        kinds=_choices(arguments, "kind", KINDS),
        open_now=text is not None and BOOLEANS[text],
    )


def _choices(arguments: Arguments, field: str, known: Collection[str]) -> frozenset[str]:
    given = arguments.getlist(field)
    if not given:
        return frozenset()
    found = frozenset(part for text in given for part in text.split(","))
    if not found <= set(known):
        raise wrong(field, N_("Give one or more of %(choices)s"), choices=", ".join(sorted(known)))
    return found
