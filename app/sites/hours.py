"""Opening hours of a site: a pure value, with *unknown* as a third state beside open and closed.

Intervals are half-open minutes ``[start, end)`` counted from the local midnight of the day they belong to;
an ``end`` above 1440 runs past midnight into the next day. Local time is Asia/Shanghai.

Limits: public holidays and working weekends come from ``chinesecalendar``, whose tables end with the last year that the
State Council has announced. On a date outside those tables the rule of the weekday applies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any, ClassVar, Literal, NamedTuple
from zoneinfo import ZoneInfo

import chinese_calendar

DAY_MINUTES = 1440
MAX_INTERVALS_A_DAY = 3
WEEKDAYS = range(1, 8)
SESSIONS = ("morning", "noon", "afternoon")
NOON_START, NOON_END = 720, 840
LOCAL_ZONE = ZoneInfo("Asia/Shanghai")

State = Literal["open", "closed", "unknown"]
Calendar = Literal["cn", "none"]
DayKind = Literal["holiday", "working_weekend", "ordinary"]


class Interval(NamedTuple):
    """Half-open minutes from the local midnight of the day it belongs to: start < 1440, end <= 2880."""

    start: int
    end: int


Intervals = tuple[Interval, ...]
SessionTimes = dict[str, Interval | None]
Holidays = Intervals | Literal["usual"] | None
ALL_DAY: Intervals = (Interval(0, DAY_MINUTES),)


def normalise(pairs: Iterable[Sequence[int]]) -> Intervals:
    """Sort the pairs and join those that touch or overlap.

    Raises ValueError for a pair outside a day, an empty or reversed pair, one longer than 24 hours,
    and for more than three intervals, which the unions' forms (morning, noon, afternoon) cannot hold.
    """
    intervals: list[Interval] = []
    for pair in sorted(_checked(pair) for pair in pairs):
        if intervals and pair.start <= intervals[-1].end:
            intervals[-1] = Interval(intervals[-1].start, max(intervals[-1].end, pair.end))
        else:
            intervals.append(pair)
    if len(intervals) > MAX_INTERVALS_A_DAY:
        raise ValueError(f"more than {MAX_INTERVALS_A_DAY} intervals on one day")
    if any(interval.end - interval.start > DAY_MINUTES for interval in intervals):
        raise ValueError("an interval is longer than 24 hours")
    return tuple(intervals)


def _checked(pair: Sequence[int]) -> Interval:
    if len(pair) != 2 or not all(type(minute) is int for minute in pair):
        raise ValueError(f"an interval is two whole minutes, not {pair!r}")
    start, end = pair
    if not (0 <= start < DAY_MINUTES and start < end <= 2 * DAY_MINUTES):
        raise ValueError(f"minutes {start} to {end} are not an interval of a day")
    return Interval(start, end)


@lru_cache(maxsize=4096)
def day_kind(on: date) -> DayKind:
    """What the State Council's calendar says of a date; ``ordinary`` outside the published years."""
    try:
        is_off, name = chinese_calendar.get_holiday_detail(on)
    except NotImplementedError:
        return "ordinary"
    if is_off:
        return "holiday" if name else "ordinary"
    return "working_weekend" if on.isoweekday() > 5 else "ordinary"


@dataclass(frozen=True)
class HoursException:
    """Other hours from ``from_on`` to ``to_on``, both days included; ``intervals`` None means unknown, () closed."""

    from_on: date
    to_on: date
    intervals: Intervals | None
    note: str = ""

    def __post_init__(self) -> None:
        if self.to_on < self.from_on:
            raise ValueError(f"an exception ends on {self.to_on}, before it starts on {self.from_on}")
        if self.intervals is not None:
            object.__setattr__(self, "intervals", normalise(self.intervals))

    def covers(self, on: date) -> bool:
        return self.from_on <= on <= self.to_on


@dataclass(frozen=True)
class Hours:
    """When a site is open, as far as it is certain.

    ``text``: the source's own words. ``week``: ISO weekday 1..7 → intervals; a missing one is unknown, () is closed.
    ``holidays``: on public holidays "usual" (the weekday's rule), stated intervals, or None for unknown.
    ``workday``: intervals stated for working days, used on working weekends; None = not stated.
    ``exceptions``: dated exceptions, the later in the tuple wins. ``calendar``: "cn", or "none" for sites elsewhere.
    """

    text: str = ""
    week: Mapping[int, Intervals] = field(default_factory=dict)
    holidays: Holidays = None
    workday: Intervals | None = None
    exceptions: tuple[HoursException, ...] = ()
    calendar: Calendar = "cn"

    UNKNOWN: ClassVar[Hours]

    def __post_init__(self) -> None:
        if any(day not in WEEKDAYS for day in self.week):
            raise ValueError("weekdays are numbered 1 (Monday) to 7 (Sunday)")
        if self.calendar not in ("cn", "none"):
            raise ValueError(f"unknown calendar {self.calendar!r}")
        object.__setattr__(self, "week", {day: normalise(self.week[day]) for day in sorted(self.week)})
        if isinstance(self.holidays, str) and self.holidays != "usual":
            raise ValueError(f"holidays are 'usual', intervals or unknown, not {self.holidays!r}")
        if self.holidays is not None and self.holidays != "usual":
            object.__setattr__(self, "holidays", normalise(self.holidays))
        if self.workday is not None:
            object.__setattr__(self, "workday", normalise(self.workday))

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.text, tuple(self.week.items()), self.holidays, self.workday, self.exceptions, self.calendar))

    @property
    def is_known(self) -> bool:
        """Whether anything at all is known of an ordinary week."""
        return bool(self.week) or self.workday is not None

    def intervals_on(self, on: date) -> Intervals | None:
        """The intervals that start on this local date; () = closed, None = unknown."""
        for exception in reversed(self.exceptions):
            if exception.covers(on):
                return exception.intervals
        kind = day_kind(on) if self.calendar == "cn" else "ordinary"
        usual = self.week.get(on.isoweekday())
        if kind == "holiday" and self.holidays != "usual":
            return self.holidays
        if kind == "working_weekend":
            # People work on such a day, so a weekend's "closed" says nothing about it.
            return self.workday if self.workday is not None else usual or None
        return usual

    def state_at(self, moment: datetime) -> State:
        """Open, closed or unknown at a local naive or an aware datetime.

        Yesterday's intervals count when they run past midnight; an unknown yesterday is not assumed to.
        """
        local = moment.astimezone(LOCAL_ZONE) if moment.tzinfo else moment
        today, minute = local.date(), local.hour * 60 + local.minute
        intervals = self.intervals_on(today)
        late = self.intervals_on(today - timedelta(days=1)) or ()
        if _covers(intervals or (), minute) or _covers(late, minute + DAY_MINUTES):
            return "open"
        return "unknown" if intervals is None else "closed"

    def sessions(self, weekday: int) -> SessionTimes | None:
        """The weekday's intervals under ``morning``, ``noon`` and ``afternoon``, each None when there is none.

        None for an unknown weekday. One interval over the whole of noon is cut at 12:00 and 14:00;
        ``from_sessions`` joins such pieces again, so the round trip keeps the hours.
        """
        intervals = self.week.get(weekday)
        return None if intervals is None else _as_sessions(intervals)

    @classmethod
    def from_sessions(
        cls,
        week: Mapping[int, Mapping[str, Sequence[int] | None] | None],
        *,
        text: str = "",
        holidays: Holidays = None,
        workday: Intervals | None = None,
        exceptions: tuple[HoursException, ...] = (),
        calendar: Calendar = "cn",
    ) -> Hours:
        """The reverse of ``sessions``: weekday → session → (start, end) or None.

        A weekday that is missing or None is unknown; one whose sessions are all None is closed. Raises ValueError
        for an unknown session name, a pair that is no interval, or sessions that overlap or are out of order.
        """
        days = {day: _from_sessions(times) for day, times in week.items() if times is not None}
        return cls(text, days, holidays, workday, exceptions, calendar)

    def to_json(self) -> dict[str, Any]:
        """A JSON object that ``from_json`` reads back to an equal value."""
        return {
            "text": self.text,
            "week": {str(day): _pairs(intervals) for day, intervals in self.week.items()},
            "holidays": self.holidays if isinstance(self.holidays, str) else _pairs(self.holidays),
            "workday": _pairs(self.workday),
            "exceptions": [
                {
                    "from_on": item.from_on.isoformat(),
                    "to_on": item.to_on.isoformat(),
                    "intervals": _pairs(item.intervals),
                    "note": item.note,
                }
                for item in self.exceptions
            ],
            "calendar": self.calendar,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None) -> Hours:
        """Read ``to_json``'s object; None and {} are UNKNOWN. Raises ValueError when it is malformed."""
        if not value:
            return cls.UNKNOWN
        try:
            return cls(
                text=str(value.get("text", "")),
                week={int(day): _tuples(pairs) or () for day, pairs in value.get("week", {}).items()},
                holidays="usual" if value.get("holidays") == "usual" else _tuples(value.get("holidays")),
                workday=_tuples(value.get("workday")),
                exceptions=tuple(_exception(item) for item in value.get("exceptions", ())),
                calendar=value.get("calendar", "cn"),
            )
        except (TypeError, AttributeError, KeyError) as error:
            raise ValueError(f"malformed hours: {error!r}") from error


Hours.UNKNOWN = Hours()


def _covers(intervals: Intervals, minute: int) -> bool:
    return any(interval.start <= minute < interval.end for interval in intervals)


def _pairs(intervals: Intervals | None) -> list[list[int]] | None:
    return None if intervals is None else [[start, end] for start, end in intervals]


def _tuples(pairs: Iterable[Sequence[int]] | None) -> Intervals | None:
    return None if pairs is None else tuple(Interval(*pair) for pair in pairs)


def _exception(item: Mapping[str, Any]) -> HoursException:
    intervals = _tuples(item["intervals"])
    start, end = date.fromisoformat(item["from_on"]), date.fromisoformat(item["to_on"])
    return HoursException(start, end, intervals, str(item.get("note", "")))


def _as_sessions(intervals: Intervals) -> SessionTimes:
    if len(intervals) == 1 and intervals[0].start < NOON_START and intervals[0].end > NOON_END:
        start, end = intervals[0]
        pieces = (Interval(start, NOON_START), Interval(NOON_START, NOON_END), Interval(NOON_END, end))
        return dict(zip(SESSIONS, pieces, strict=True))
    slots = [_slot(interval) for interval in intervals]
    if any(later <= earlier for earlier, later in pairwise(slots)):
        slots = [0, 2] if len(slots) == 2 else [0, 1, 2]
    times: SessionTimes = dict.fromkeys(SESSIONS)
    for slot, interval in zip(slots, intervals, strict=True):
        times[SESSIONS[slot]] = interval
    return times


def _slot(interval: Interval) -> int:
    middle = (interval.start + interval.end) / 2
    return 0 if middle < NOON_START else 1 if middle < NOON_END else 2


def _from_sessions(times: Mapping[str, Sequence[int] | None]) -> Intervals:
    if unknown := set(times) - set(SESSIONS):
        raise ValueError(f"unknown session {min(unknown)!r}")
    stated = [_checked(pair) for name in SESSIONS if (pair := times.get(name)) is not None]
    for earlier, later in pairwise(stated):
        if later.start < earlier.end:
            raise ValueError("the sessions of a day overlap or are out of order")
    return normalise(stated)
