"""The six kinds of rooms: opening hours, rhythm, and the middle of what is drawn for each room. Pure data."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from app.sites.hours import Hours
from app.sites.hours_parser import parse_hours

TODAY = date(2025, 1, 1)


@dataclass(frozen=True)
class RoomType:
    """One kind of room. `code` is the `room_type` of `app.anomalies`.

    `opening`: hours in words that the product reads; `profile`: relative use in the 24 hours; `weekdays`: Monday to
    Sunday; `holiday`: factor on a public holiday. The rest are middles: `level` counted uses a month, `loyal` the share
    of uses by returning women, `wifi` the share of taps through the network of the house, `capacity` women at a time,
    `rated` the share of uses that are rated, `fives` the share of ratings that are 5, `groups` groups a month, `events`
    declared activities a year.
    """

    code: str
    is_internal: bool
    opening: str
    profile: tuple[float, ...]
    weekdays: tuple[float, ...]
    holiday: float
    level: float
    loyal: float
    wifi: float
    capacity: int
    rated: float
    fives: float
    groups: float
    events: float

    @cached_property
    def hours(self) -> Hours:
        """The opening hours."""
        return parse_hours(self.opening, TODAY)

    @property
    def threshold(self) -> int:
        """Mean monthly uses that the title asks for."""
        return 50 if self.is_internal else 100


def _profile(first: int, *shares: float) -> tuple[float, ...]:
    """Relative use of the 24 hours, given from the hour `first` on."""
    return (*(0.0,) * first, *shares, *(0.0,) * (24 - first - len(shares)))


ROOM_TYPES = (
    RoomType(
        code="hospital", is_internal=False, opening="Mo-Su 07:00-21:00; PH 07:00-21:00", capacity=2,
        profile=_profile(7, 2, 7, 11, 12, 9, 5, 6, 9, 9, 7, 4, 2, 2, 1),
        weekdays=(1.3, 1.15, 1.1, 1.1, 1.05, 0.6, 0.45), holiday=0.4,
        level=220, loyal=0.10, wifi=0.45, rated=0.30, fives=0.86, groups=0.5, events=2,
    ),
    RoomType(
        code="mall", is_internal=False, opening="Mo-Su 10:00-22:00; PH 10:00-22:00", capacity=2,
        profile=_profile(10, 4, 7, 7, 7, 9, 10, 10, 8, 8, 9, 7, 4),
        weekdays=(0.7, 0.7, 0.75, 0.75, 1.0, 1.6, 1.5), holiday=1.5,
        level=160, loyal=0.08, wifi=0.25, rated=0.25, fives=0.86, groups=0.7, events=4,
    ),
    RoomType(
        code="station", is_internal=False, opening="Mo-Su 05:00-23:00; PH 05:00-23:00", capacity=2,
        profile=_profile(5, 1, 3, 5, 7, 8, 8, 7, 6, 6, 7, 8, 8, 8, 7, 5, 4, 3, 2),
        weekdays=(1.0, 0.9, 0.9, 0.95, 1.2, 1.1, 1.1), holiday=1.7,
        level=170, loyal=0.04, wifi=0.20, rated=0.20, fives=0.84, groups=0.6, events=1,
    ),
    RoomType(
        code="office", is_internal=True, opening="Mo-Fr 08:00-18:00; Sa-Su off; PH off", capacity=1,
        profile=_profile(8, 2, 8, 12, 6, 9, 5, 7, 12, 8, 3),
        weekdays=(1.0, 1.0, 1.0, 1.0, 0.9, 0.05, 0.03), holiday=0.03,
        level=60, loyal=0.80, wifi=0.60, rated=0.35, fives=0.92, groups=0.2, events=2,
    ),
    RoomType(
        code="factory", is_internal=True, opening="Mo-Sa 08:00-20:00; Su off; PH off", capacity=1,
        profile=_profile(8, 3, 10, 9, 5, 8, 5, 9, 10, 6, 3, 3, 2),
        weekdays=(1.0, 1.0, 1.0, 1.0, 1.0, 0.6, 0.05), holiday=0.05,
        level=60, loyal=0.75, wifi=0.35, rated=0.30, fives=0.90, groups=0.3, events=2,
    ),
    RoomType(
        code="community", is_internal=False, opening="Mo-Su 08:00-20:00; PH 08:00-20:00", capacity=1,
        profile=_profile(8, 2, 8, 11, 8, 3, 4, 8, 10, 8, 4, 2, 1),
        weekdays=(0.7, 0.8, 0.85, 0.8, 0.9, 1.5, 1.4), holiday=1.3,
        level=110, loyal=0.15, wifi=0.25, rated=0.30, fives=0.88, groups=1.5, events=8,
    ),
)  # fmt: skip
BY_CODE = {one.code: one for one in ROOM_TYPES}
