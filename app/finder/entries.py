"""What the directory holds and what it can be asked for: pure values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.finder.folding import fold
from app.finder.geometry import Floats
from app.sites.divisions import division_name
from app.sites.facilities import facilities
from app.sites.hours import Hours

Photo = Mapping[str, Any]
Span = tuple[datetime, datetime | None]
Mask = NDArray[np.bool_]


class Version(NamedTuple):
    """How often what the finder shows has changed, and how often without telling which sites have."""

    number: int
    wholes: int


class Entry(NamedTuple):
    """One published site. Degrees are WGS-84, both None without a pin: then search lists it and no map shows it.

    `facilities` are numbers, or None, by code. `suspensions` are half-open [starts_at, ends_at) in UTC, as are those
    in `scan_only`, during which only who scans the code enters. `district` is the code of a division or empty;
    `on_map` the pin under tiles of another datum. `photos`, `titles`, `host` and `phone` are for the site's own page.
    """

    site_id: int
    lon: float | None
    lat: float | None
    kind: str = "room"
    location_kind: str = "public"
    district: str = ""
    admission: str | None = None
    women_only: bool | None = None
    is_synthetic: bool = False
    being_checked: bool = False
    floor: str = ""
    last_verified_on: date | None = None
    host: str = ""
    name: str = ""
    address: str = ""
    landmark: str = ""
    access_note: str = ""
    phone: str = ""
    hours: Hours = Hours.UNKNOWN
    facilities: Mapping[str, int | None] = MappingProxyType({})
    suspensions: tuple[Span, ...] = ()
    scan_only: tuple[Span, ...] = ()
    photos: tuple[Photo, ...] = ()
    titles: tuple[str, ...] = ()
    on_map: tuple[float, float] | None = None

    @property
    def properties(self) -> dict[str, Any]:
        """What the API says of it, apart from what the clock says: ready for JSON."""
        said = {
            "id": self.site_id,
            "name": self.name,
            "kind": self.kind,
            "location_kind": self.location_kind,
            "address": self.address,
            "district": division_name(self.district) or "",
            "floor": self.floor,
            "landmark": self.landmark,
            "facilities": tuple(code for code in facilities() if code in self.facilities),
            "admission": self.admission,
            "women_only": self.women_only,
            "access_note": self.access_note,
            "hours_text": self.hours.text,
            "last_verified_on": self.last_verified_on and self.last_verified_on.isoformat(),
            "is_synthetic": self.is_synthetic,
            "being_checked": self.being_checked,
            "url": f"/sites/{self.site_id}",
        }
        if self.scan_only:
            said["scan_only"] = as_texts(self.scan_only)
        return said if self.on_map is None else {**said, "map": self.on_map}

    @property
    def search_text(self) -> str:
        """What search looks at, folded."""
        return fold(f"{self.name} {division_name(self.district) or ''} {self.address} {self.landmark}")

    def is_suspended(self, at: datetime) -> bool:
        """Whether a suspension keeps it closed at the instant `at`."""
        return is_covered(self.suspensions, at)

    def is_scan_only(self, at: datetime) -> bool:
        """Whether only who scans the code may enter at the instant `at`."""
        return is_covered(self.scan_only, at)


def as_texts(spans: tuple[Span, ...]) -> list[tuple[str, str | None]]:
    """The spans for JSON, in ISO 8601."""
    return [(start.isoformat(), end.isoformat() if end else None) for start, end in spans]


def is_covered(spans: tuple[Span, ...], at: datetime) -> bool:
    """Whether the instant `at` lies in one of the spans."""
    return any(start <= at and (end is None or at < end) for start, end in spans)


@dataclass(frozen=True, slots=True)
class Filters:
    """What an answer is limited to: all of `facilities`, any of `kinds` (empty = every kind), open at that instant."""

    facilities: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    open_now: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left out."""
        return not (self.facilities or self.kinds or self.open_now)


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Box:
    """Degrees; `west` > `east` runs across the date line. All four edges belong to the box."""

    west: float
    south: float
    east: float
    north: float

    def spans(self, lons: Floats) -> Mask:
        """Which of the longitudes lie between the edges. 180 and -180 are the same meridian."""
        right, left = lons >= self.west, lons <= self.east
        across: Mask = (right | left) if self.west > self.east else (right & left)
        if self.east == 180:
            across |= lons == -180
        if self.west == -180:
            across |= lons == 180
        return across
