"""What the directory holds and what it can be asked for: pure values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.finder.geometry import Floats
from app.sites.hours import Hours

Span = tuple[datetime, datetime | None]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Entry:
    """One published site. Degrees are WGS-84, both None without a pin: then search lists it and no map shows it.

    `properties` is ready for JSON and says nothing that changes with the clock; `details` is for the site's own page
    only. `suspensions` are half-open [starts_at, ends_at) in UTC, as are those in `scan_only`, during which only who
    scans the code enters. `search_text` is already folded.
    """

    site_id: int
    lon: float | None
    lat: float | None
    kind: str
    facilities: frozenset[str]
    hours: Hours
    properties: Mapping[str, Any]
    suspensions: tuple[Span, ...] = ()
    scan_only: tuple[Span, ...] = ()
    district: str = ""
    search_text: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def is_suspended(self, at: datetime) -> bool:
        """Whether a suspension keeps it closed at the instant `at`."""
        return is_covered(self.suspensions, at)

    def is_scan_only(self, at: datetime) -> bool:
        """Whether only who scans the code may enter at the instant `at`."""
        return is_covered(self.scan_only, at)


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
