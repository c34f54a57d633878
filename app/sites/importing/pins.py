"""Coordinates of a row → the site's pin in WGS-84, or the reason why a person has to set it."""

import re
import unicodedata
from collections.abc import Mapping

from app.errors import N_
from app.sites.datums import Datum, check_degrees, convert
from app.sites.importing.findings import Draft, Level
from app.sites.importing.profile import CoordinateRule

FITS_180, FITS_90 = 180.0, 90.0
CONVERTED_DIGITS = 8
"""About a millimetre."""
_BY_HAND = N_("The site is kept without a pin; set it on the map")
_SWAPPED = N_("Longitude and latitude seem to have changed places; put each into its column and import the list again")


def read_pin(draft: Draft, rule: CoordinateRule, datum: Datum) -> None:
    """Put `lon`, `lat` and `source_datum` into the draft, or the finding that says why there is no pin.

    One coordinate that is no degree is a slip of the pen: the row is kept without a pin. Both of them are another
    unit, metres mostly, and then the row is refused.
    """
    place = rule.cell or f"{rule.lon}, {rule.lat}"
    lon_text, lat_text = _pair(draft, rule)
    if not lon_text and not lat_text:
        _no_pin(draft, place, N_("The row has no coordinates"))
        return
    lon, lat = _degrees(lon_text), _degrees(lat_text)
    if lon is None or lat is None:
        _no_pin(draft, place, N_("%(text)s is not a pair of degrees"), text=f"{lon_text}, {lat_text}".strip(", "))
    elif abs(lon) > FITS_180 and abs(lat) > FITS_90:
        draft.add(
            Level.ERROR,
            place,
            N_("%(lon)s, %(lat)s are not degrees, but probably metres of a national grid"),
            N_("Convert the coordinates to degrees and state their datum"),
            lon=lon_text,
            lat=lat_text,
        )
    elif abs(lon) > FITS_180:
        _no_pin(draft, place, N_("The longitude %(text)s is not between -180 and 180"), text=lon_text)
    elif abs(lat) > FITS_90:
        remedy = _SWAPPED if abs(lon) <= FITS_90 else _BY_HAND
        _no_pin(draft, place, N_("The latitude %(text)s is not between -90 and 90"), remedy=remedy, text=lat_text)
    elif lon == 0 and lat == 0:
        _no_pin(draft, place, N_("The coordinates 0, 0 stand for none"))
    else:
        _set_pin(draft, rule, datum, lon, lat)


def _pair(draft: Draft, rule: CoordinateRule) -> tuple[str, str]:
    cells: Mapping[str, object] = draft.cells
    if rule.cell is None:
        return _plain(cells.get(rule.lon or "")), _plain(cells.get(rule.lat or ""))
    first, _, second = unicodedata.normalize("NFKC", _plain(cells.get(rule.cell))).partition(",")
    pair = (first.strip(), second.strip())
    return pair if rule.order == "lng,lat" else (pair[1], pair[0])


def _plain(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _degrees(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[-+]?\d+(\.\d*)?", text, re.ASCII) else None


def _no_pin(draft: Draft, place: str, problem: str, *, remedy: str = _BY_HAND, **params: object) -> None:
    draft.add(Level.WARNING, place, problem, remedy, **params)
    draft.pin_problem = draft.findings[-1]


def _set_pin(draft: Draft, rule: CoordinateRule, datum: Datum, lon: float, lat: float) -> None:
    check_degrees(lon, lat)
    if datum != Datum.WGS84:
        lon, lat = (round(degrees, CONVERTED_DIGITS) for degrees in convert(lon, lat, datum, Datum.WGS84))
    draft.values |= {"lon": lon, "lat": lat, "source_datum": datum.value}
    _flag_doubt(draft, rule)


def _flag_doubt(draft: Draft, rule: CoordinateRule) -> None:
    """A position that its source itself trusts little goes to the work list."""
    doubts = [f"{column} = {draft.cells.get(column)}" for column, bad in rule.doubtful.items()
              if str(draft.cells.get(column)) in bad]  # fmt: skip
    confidence = _degrees(_plain(draft.cells.get(rule.confidence))) if rule.confidence else None
    if confidence is not None and confidence < rule.trusted:
        doubts.append(f"{rule.confidence} = {confidence:.2f}")
    if doubts:
        problem = N_("The source is not sure of the position (%(doubts)s)")
        draft.add(
            Level.NOTE, rule.confidence or "", problem, N_("Check the pin on the map"), doubts="; ".join(doubts)
        )
        draft.pin_problem = draft.findings[-1]
