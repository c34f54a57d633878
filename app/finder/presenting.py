"""What the finder's pages show of the directory, as plain values for templates; the words are the templates' own."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from app.finder.directory import Directory
from app.finder.entries import Span
from app.finder.timetable import clock_text
from app.months import SHANGHAI, local_date
from app.sites.divisions import division_name, division_path
from app.sites.hours import WEEKDAYS, Hours, HoursException, Intervals

# What decides whether a room will do comes first; the card shows the first few of these.
TELLING = (
    "lock", "fridge", "changing_table", "hot_water", "power_socket", "breast_pump", "sofa", "washbasin", "milk_warmer",
    "steriliser", "wheelchair", "water_dispenser", "privacy_partition", "air_conditioning",
)  # fmt: skip
OFFERED_FILTERS = ("lock", "fridge", "changing_table", "hot_water", "power_socket", "breast_pump", "wheelchair")
ALL_DAY = [("00:00", "24:00")]


@dataclass(frozen=True, slots=True)
class District:
    """One choice of the district picker."""

    code: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Days:
    """Weekdays `first`…`last` (ISO) with the same hours; None = unknown, () = closed."""

    first: int
    last: int
    intervals: tuple[tuple[str, str], ...] | None


@dataclass(frozen=True, slots=True)
class Pause:
    """A suspension from the day `first` to `last`: "YYYY-MM-DD", with " HH:MM" within a day, empty without an end."""

    first: date
    last: str
    is_now: bool


def card(directory: Directory, position: int, at: datetime, metres: float | None = None) -> dict[str, Any]:
    """One site as the list shows it: the API's properties, plus `note` on the state and `telling` facilities first."""
    entry = directory.entries[position]
    properties = {**entry.properties, **directory.live(position, at), "distance_m": metres}
    said = {"note": _note(properties), "telling": telling(properties["facilities"])}
    return properties | said | {"scan_only": entry.is_scan_only(at)}


def telling(codes: Sequence[str]) -> list[str]:
    """The facilities in the order in which they decide, the others after them."""
    return sorted(codes, key=lambda code: TELLING.index(code) if code in TELLING else len(TELLING))


def _note(properties: Mapping[str, Any]) -> tuple[str, str] | None:
    """(key of a phrase, its time) that follows the state."""
    state, today, changes_at = properties["state"], properties["hours_today"], properties["changes_at"]
    if state == "open":
        if today == ALL_DAY:
            return "all_day", ""
        return ("until", changes_at) if changes_at else None
    if state == "closed":
        if changes_at:
            return "opens", changes_at
        return ("ended", "") if today else ("closed_today", "")
    return None


def districts(directory: Directory) -> list[tuple[str, list[District]]]:
    """Choices of the picker under the name of their city, by code; divisions without a name are left out."""
    groups: dict[str, list[District]] = defaultdict(list)
    for code, count in sorted(directory.districts.items()):
        if name := division_name(code):
            groups["".join(division_path(code)[:-1])].append(District(code, name, count))
    return [*groups.items()]


def week(hours: Hours) -> list[Days]:
    """The ordinary week, neighbouring days with the same hours together."""
    rows = []
    for intervals, run in groupby(WEEKDAYS, key=hours.week.get):
        days = [*run]
        rows.append(Days(days[0], days[-1], texts(intervals)))
    return rows


def texts(intervals: Intervals | None) -> tuple[tuple[str, str], ...] | None:
    """Intervals as pairs "HH:MM"; None stays unknown."""
    return None if intervals is None else tuple((clock_text(start), clock_text(end)) for start, end in intervals)


def coming_exceptions(hours: Hours, at: datetime) -> list[tuple[HoursException, tuple[tuple[str, str], ...] | None]]:
    """Dated exceptions that are not over yet, with their intervals as texts."""
    today: date = local_date(at)
    return [(item, texts(item.intervals)) for item in hours.exceptions if item.to_on >= today]


def coming_pauses(suspensions: Sequence[Span], at: datetime) -> list[Pause]:
    """The suspensions that are not over at the instant `at`."""
    return [
        Pause(local_date(start), _last(end) if end else "", start <= at)
        for start, end in suspensions
        if end is None or at < end
    ]


def _last(end: datetime) -> str:
    local = end.astimezone(SHANGHAI)
    return f"{local:%Y-%m-%d %H:%M}" if local.hour or local.minute else f"{local - timedelta(days=1):%Y-%m-%d}"
