"""Opening hours in people's own words → ``Hours``: what is certain, and unknown for the rest. Pure.

The words live in ``data/hours_vocabulary.toml``. Rules that keep a guess from becoming a fact:
one unknown word makes the whole text unknown; days that a text does not name are unknown, closed only when it says so;
a weekday with two different statements, or closed on some weeks of a month, is unknown.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from app.sites.hours import ALL_DAY, Calendar, Holidays, Hours, HoursException
from app.sites.hours_statements import Group, Reading, Uncertain, read
from app.sites.hours_tokens import EVERY_DAY, tokens_of

LONGEST = 600
"""Characters; nothing longer has ever been opening hours."""
YEARS_AROUND = range(-1, 3)


@lru_cache(maxsize=8192)
def parse_hours(text: str, today: date, *, days: str = "", calendar: Calendar = "cn") -> Hours:
    """Read opening hours; never raises for what a text says.

    ``days`` is the source's separate column of open days, if it has one. ``today`` places yearly closings (the turn of
    the year) on dates. The result keeps the words of both columns in ``text``.
    """
    words = "\n".join(part.strip() for part in (days, text) if part.strip())
    if len(words) > LONGEST:
        return Hours(text=words, calendar=calendar)
    try:
        return _hours(words, _read_both(text, days), today, calendar)
    except Uncertain:
        return Hours(text=words, calendar=calendar)


def _read_both(text: str, days: str) -> Reading:
    reading = read(tokens_of(text))
    if not days.strip():
        return reading
    open_days = read(tokens_of(days))
    if open_days.default is not None or (open_days.stated and not open_days.named):
        raise Uncertain
    _apply_default(open_days, reading)
    for day, statements in open_days.stated.items():
        reading.stated.setdefault(day, set()).update(statements)
    reading.holidays |= open_days.holidays
    reading.is_usual_on_holidays |= open_days.is_usual_on_holidays
    reading.turn_of_year |= open_days.turn_of_year
    reading.lunar |= open_days.lunar
    return reading


def _apply_default(open_days: Reading, reading: Reading) -> None:
    """Give the times stated without days to the open days that the other column names."""
    group, times = open_days.named, reading.default
    if times is None:
        return
    rest = Group(group.days - set(reading.stated), group.some_weeks, group.holiday and not reading.holidays)
    rest.every_day, rest.workday = group.every_day, group.workday
    rest.year_end, rest.lunar = group.year_end, group.lunar
    reading.state(rest, times)
    reading.default = None


def _hours(words: str, reading: Reading, today: date, calendar: Calendar) -> Hours:
    if reading.default is not None and reading.default == ALL_DAY and not reading.stated:
        reading.state(Group(set(EVERY_DAY), every_day=True), ALL_DAY)
    week = {} if reading.daily is None else dict.fromkeys(EVERY_DAY - set(reading.stated), reading.daily)
    for day, statements in reading.stated.items():
        (statement, *others) = statements
        if statement is not None and not others:
            week[day] = statement
    try:
        return Hours(words, week, _holidays(reading), reading.workday, _exceptions(reading, today), calendar)
    except ValueError as error:  # more than three intervals, or intervals that overlap into more than a day
        raise Uncertain from error


def _holidays(reading: Reading) -> Holidays:
    if reading.lunar or len(reading.holidays) > 1:
        return None
    if reading.holidays:
        (stated,) = reading.holidays
        return stated
    return "usual" if reading.is_usual_on_holidays else None


def _exceptions(reading: Reading, today: date) -> tuple[HoursException, ...]:
    """Unknown on yearly dates that the text sets apart; lunar new year falls between 20 January and 21 February."""
    years = [today.year + offset for offset in YEARS_AROUND]
    exceptions = []
    if reading.turn_of_year:
        exceptions += [HoursException(date(year - 1, 12, 28), date(year, 1, 4), None) for year in years]
    if reading.lunar:
        exceptions += [HoursException(date(year, 1, 20), date(year, 2, 21), None) for year in years]
    return tuple(exceptions)
