"""Opening hours as a form: one state and three from-to pairs for each day, as the unions' own paper forms have it."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext

from app.sites.hours import DAY_MINUTES, SESSIONS, WEEKDAYS, Holidays, Hours, HoursException, Intervals

BLANK_EXCEPTIONS = 2
MOST_EXCEPTIONS = 60
MOST_TEXT = 400
Form = Mapping[str, str]
_TIME = re.compile(r"([0-9]{1,2})[:.]?([0-9]{2})")


@dataclass(frozen=True)
class DayField:
    """What the inputs of one day show. `times` maps a session to its two texts, such as ``("08:30", "12:00")``."""

    prefix: str
    state: str
    times: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class ExceptionField:
    """One row of dated exceptions; `first` and `last` are dates as text."""

    first: str
    last: str
    note: str
    day: DayField


@dataclass
class HoursForm:
    """The inputs of one site's hours, and per input what is wrong with it."""

    text: str
    calendar: str
    days: list[DayField]
    exceptions: list[ExceptionField]
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, hours: Hours) -> "HoursForm":
        """The form that shows `hours`."""
        days = [_shown(f"day{day}", hours.week.get(day)) for day in WEEKDAYS]
        special = (("holidays", hours.holidays), ("workday", hours.workday))
        exceptions = [
            ExceptionField(str(item.from_on), str(item.to_on), item.note, _shown(f"ex{n}", item.intervals))
            for n, item in enumerate(hours.exceptions)
        ]
        blank = range(len(exceptions), len(exceptions) + BLANK_EXCEPTIONS)
        exceptions += [ExceptionField("", "", "", _shown(f"ex{n}", ())) for n in blank]
        return cls(hours.text, hours.calendar, days + [_shown(name, value) for name, value in special], exceptions)

    @classmethod
    def read(cls, form: Form) -> tuple["HoursForm", Hours | None]:
        """What was filled in, and the hours it says; None when `errors` names what cannot be."""
        names = [f"day{day}" for day in WEEKDAYS] + ["holidays", "workday"]
        count = next((n for n in range(MOST_EXCEPTIONS) if f"ex{n}-state" not in form), MOST_EXCEPTIONS)
        rows = [_filled_exception(f"ex{n}", form) for n in range(count)]
        calendar = "none" if form.get("hours-calendar") == "none" else "cn"
        shown = cls(form.get("hours-text", "").strip(), calendar, [_filled(name, form) for name in names], rows)
        if len(shown.text) > MOST_TEXT:
            shown.errors["hours-text"] = gettext("At most %(most)s characters", most=MOST_TEXT)
        return shown, shown._hours()

    def _hours(self) -> Hours | None:
        values = {day.prefix: self._intervals(day) for day in self.days}
        exceptions = [self._exception(row) for row in self.exceptions if row.first or row.last or row.note]
        if self.errors:
            return None
        week = {day: intervals for day in WEEKDAYS if (intervals := values[f"day{day}"]) is not None}
        holidays: Holidays = "usual" if self.days[7].state == "usual" else values["holidays"]
        return Hours(
            text=self.text, week=week, holidays=holidays, workday=values["workday"],
            exceptions=tuple(item for item in exceptions if item), calendar="none" if self.calendar == "none" else "cn",
        )  # fmt: skip

    def _intervals(self, day: DayField) -> Intervals | None:
        """The day's intervals; the times are kept only when the day is stated to be open."""
        if day.state != "open":
            return () if day.state == "closed" else None
        try:
            return _joined({session: _pair(session, *texts) for session, texts in day.times.items()})
        except ValueError as error:
            self.errors[day.prefix] = str(error)
            return None

    def _exception(self, row: ExceptionField) -> HoursException | None:
        try:
            first = date.fromisoformat(row.first)
            last = date.fromisoformat(row.last or row.first)
        except ValueError:
            self.errors[row.day.prefix] = gettext("An exception needs its first day, and its last if there are several")
            return None
        if last < first:
            self.errors[row.day.prefix] = gettext("The last day lies before the first")
            return None
        intervals = self._intervals(row.day)
        return None if row.day.prefix in self.errors else HoursException(first, last, intervals, row.note[:200])


def _shown(prefix: str, value: Holidays) -> DayField:
    if isinstance(value, str):
        return DayField(prefix, "usual", dict.fromkeys(SESSIONS, ("", "")))
    state = "unknown" if value is None else "open" if value else "closed"
    sessions = Hours(week={1: value or ()}).sessions(1) or {}
    pairs = {name: sessions.get(name) for name in SESSIONS}
    times = {name: (_clock(pair[0]), _clock(pair[1])) if pair else ("", "") for name, pair in pairs.items()}
    return DayField(prefix, state, times)


def _filled(prefix: str, form: Form) -> DayField:
    state = form.get(f"{prefix}-state", "")
    times = {
        name: (form.get(f"{prefix}-{name}-from", "").strip(), form.get(f"{prefix}-{name}-to", "").strip())
        for name in SESSIONS
    }
    return DayField(prefix, state if state in ("open", "closed", "usual") else "unknown", times)


def _filled_exception(prefix: str, form: Form) -> ExceptionField:
    first, last, note = (form.get(f"{prefix}-{part}", "").strip() for part in ("first", "last", "note"))
    return ExceptionField(first, last, note, _filled(prefix, form))


def _clock(minute: int) -> str:
    return "24:00" if minute == DAY_MINUTES else f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def _pair(session: str, start: str, end: str) -> tuple[int, int] | None:
    """Minutes of one session. Only the afternoon's may run past midnight; its 00:00 is the end of the day."""
    if not start and not end:
        return None
    if not start or not end:
        raise ValueError(gettext("A time needs both its beginning and its end"))
    first, last = _minutes(start), _minutes(end)
    if last <= first and session == SESSIONS[-1]:
        last += DAY_MINUTES
    if last <= first:
        raise ValueError(gettext("A time ends before it begins"))
    return first, last


def _joined(times: Mapping[str, tuple[int, int] | None]) -> Intervals:
    if not any(times.values()):
        raise ValueError(gettext("Give at least one time, or choose closed or unknown"))
    try:
        return Hours.from_sessions({1: times}).week[1]
    except ValueError as error:
        raise ValueError(gettext("The times of this day overlap or are out of order")) from error


def _minutes(text: str) -> int:
    """Minutes of a time of day; a phone's number pad has no colon, so 830 and 0830 do as well, and so does 24:00."""
    found = _TIME.fullmatch(unicodedata.normalize("NFKC", text))
    hour, minute = map(int, found.groups()) if found else (99, 0)
    if hour * 60 + minute > DAY_MINUTES or minute > 59:
        raise ValueError(gettext("“%(text)s” is not a time; write it as 08:30", text=text[:20]))
    return hour * 60 + minute
