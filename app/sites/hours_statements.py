"""Days and times in the order in which a text states them → what it says of each weekday. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from app.sites.hours import ALL_DAY, Interval, Intervals
from app.sites.hours_tokens import EVERY_DAY, WORKING_DAYS, Token

NAMES_DAYS = frozenset({"day", "holiday", "every_day", "workday", "nth", "year_end", "lunar_new_year"})
CLOSES = frozenset({"closed", "except"})
SKIPPED = frozenset({"list", "harmless"})
TIMES = frozenset({"times", "all_day"})


class Uncertain(Exception):
    """The text says something that the rules cannot read for certain."""


@dataclass
class Group:
    """Days named together."""

    days: set[int] = field(default_factory=set)
    some_weeks: set[int] = field(default_factory=set)
    holiday: bool = False
    workday: bool = False
    year_end: bool = False
    lunar: bool = False
    every_day: bool = False

    def add(self, token: Token) -> None:
        if token.kind == "nth":
            self.some_weeks |= token.days
        elif token.kind == "day":
            self.days |= token.days
        elif token.kind == "every_day":
            self.days |= EVERY_DAY
            self.every_day = True
        elif token.kind == "workday":
            self.days |= WORKING_DAYS
            self.workday = True
        else:
            setattr(self, {"lunar_new_year": "lunar"}.get(token.kind, token.kind), True)

    def __bool__(self) -> bool:
        return bool(self.days or self.some_weeks or self.holiday or self.year_end or self.lunar)


@dataclass
class Reading:
    """What a text states: per weekday every distinct statement, in order; two different ones cancel out."""

    stated: dict[int, set[Intervals | None]] = field(default_factory=dict)
    daily: Intervals | None = None
    default: Intervals | None = None
    holidays: set[Intervals | None] = field(default_factory=set)
    is_usual_on_holidays: bool = False
    workday: Intervals | None = None
    named: Group = field(default_factory=Group)
    turn_of_year: bool = False
    lunar: bool = False

    def state(self, group: Group, intervals: Intervals | None) -> None:
        if group.every_day:
            self.daily, self.is_usual_on_holidays = intervals, True
        for day in (set() if group.every_day else group.days) - group.some_weeks:
            self.stated.setdefault(day, set()).add(intervals)
        for day in group.some_weeks:
            self.stated.setdefault(day, set()).add(None)
        if group.holiday:
            self.holidays.add(intervals)
        if group.workday:
            self.workday = intervals
        self.note_special_days(group)

    def note_special_days(self, group: Group) -> None:
        self.turn_of_year = self.turn_of_year or group.year_end
        self.lunar = self.lunar or group.lunar

    def close(self, group: Group) -> None:
        if not group:
            raise Uncertain
        self.state(Group(group.days, group.some_weeks, group.holiday, year_end=group.year_end, lunar=group.lunar), ())


def read(tokens: list[Token]) -> Reading:
    """Read a column: statements of days and times in order, and bracketed notes about them. May raise Uncertain."""
    reading = Reading()
    statement = Statement(reading)
    for piece in _pieces(tokens):
        if isinstance(piece, list):
            _read_note([token for token in piece if token.kind not in SKIPPED], statement)
        else:
            statement.take(piece)
    statement.finish()
    return reading


def _pieces(tokens: list[Token]) -> Iterator[Token | list[Token]]:
    """The tokens outside brackets one by one, those inside as one list."""
    note: list[Token] | None = None
    for token in tokens:
        if token.kind == "open":
            if note is not None:
                raise Uncertain
            note = []
        elif token.kind == "close":
            if note is None:
                raise Uncertain
            yield note
            note = None
        elif note is None:
            yield token
        else:
            note.append(token)
    if note is not None:
        yield note


class Statement:
    """Collects days, then their times; starts anew when days follow times."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.begin()
        self.follows_times = self.follows_closing = self.only_every_day = False

    def begin(self) -> None:
        self.group = Group()
        self.day_words = 0
        self.times: list[Interval] = []
        self.is_partial = self.closing = self.is_open = False

    @property
    def has_times(self) -> bool:
        return bool(self.times) or self.is_partial

    def take(self, token: Token) -> None:
        """Raises Uncertain for a word that says nothing certain at this place."""
        if self.only_every_day and token.kind != "every_day":
            raise Uncertain
        if token.kind in SKIPPED:
            return
        if token.kind in NAMES_DAYS:
            self._take_days(token)
        elif token.kind in TIMES:
            self._take_times(token)
        elif token.kind in CLOSES:
            self._take_closing(token)
        else:
            self._take_word(token)

    def _take_days(self, token: Token) -> None:
        if self.has_times:
            self.flush()
        self.only_every_day = False
        self.group.add(token)
        self.day_words += 1

    def _take_times(self, token: Token) -> None:
        if self.closing:
            raise Uncertain
        self.times.append(Interval(token.start, token.end) if token.kind == "times" else ALL_DAY[0])

    def _take_closing(self, token: Token) -> None:
        if token.kind == "except":
            if self.has_times:
                self.flush()
            self.closing = True
            return
        if self.has_times or self.is_open:
            raise Uncertain
        self.close()

    def _take_word(self, token: Token) -> None:
        if token.kind == "partial":
            self.is_partial = True
        elif token.kind == "opens":
            self.is_open = bool(self.group)
        elif token.kind == "usual":
            if not self.group and not self.has_times:
                self._take_days(Token("every_day"))
            self.reading.is_usual_on_holidays = True
        elif token.kind == "other_than":
            if self.has_times:
                raise Uncertain
            if self.group:
                self.reading.close(self.group)
            self.begin()
            self.only_every_day = True
        else:
            raise Uncertain

    def close(self) -> None:
        """Close the days just named, if it is certain which they are.

        "Monday to Saturday Sunday closed" may be two lists run together; after times, or as one word, it cannot.
        """
        is_list_of_its_own = self.follows_times or self.closing or not self.group.days or self.day_words == 1
        if not is_list_of_its_own or len(self.group.days) > 2:
            raise Uncertain
        self.reading.close(self.group)
        self.follows_closing = True
        self.begin()

    def flush(self) -> None:
        if not self.group:
            raise Uncertain  # times before their days: which days they belong to is a guess
        self.reading.state(self.group, None if self.is_partial else _in_order(self.times))
        self.begin()
        self.follows_times = True

    def finish(self) -> None:
        if self.only_every_day:
            raise Uncertain
        if self.closing:
            self.close()
        elif self.has_times and self.group:
            self.flush()
        elif self.has_times:
            if self.is_partial or self.follows_closing:
                raise Uncertain  # the days just closed, or the holidays that some write like "closed"?
            self.reading.default = _in_order(self.times)
        else:
            self.reading.named = self.group


def _in_order(times: list[Interval]) -> Intervals:
    if any(later.start < earlier.end for earlier, later in pairwise(times)):
        raise Uncertain
    return tuple(times)


def _read_note(note: list[Token], statement: Statement) -> None:
    """Read the words inside brackets: other hours for some days, closed days, or the days or times of the statement."""
    kinds = {token.kind for token in note}
    names_days, has_times, closes = kinds & NAMES_DAYS, kinds & TIMES, kinds & CLOSES
    if kinds & {"varies", "partial"}:
        _read_vague_note(note, statement.reading)
    elif closes:
        if has_times or "opens" in kinds:
            raise Uncertain
        _read_closing_note(note, statement.reading)
    elif names_days and has_times:
        if note[0].kind not in NAMES_DAYS:
            raise Uncertain
        own = Statement(statement.reading)
        for token in note:
            own.take(token)
        own.finish()
    elif statement.has_times and (has_times or (names_days and not statement.group)):
        raise Uncertain
    elif statement.group and not statement.has_times and "day" in names_days:
        raise Uncertain  # "Monday to Sunday (Wednesday)": open or closed?
    else:
        for token in note:
            statement.take(token)


def _read_vague_note(note: list[Token], reading: Reading) -> None:
    """A note that changes some days in a way that is not certain makes them unknown; if it names none, everything."""
    group = Group()
    for token in note:
        if token.kind in NAMES_DAYS:
            group.add(token)
        elif token.kind not in CLOSES | TIMES | {"varies", "partial", "opens", "next_day"}:
            raise Uncertain
    days = group.days | group.some_weeks
    if not days and not group.holiday:
        raise Uncertain
    if any(token.kind == "varies" for token in note):
        days |= {day % 7 + 1 for day in days}
        group.holiday = True
    reading.state(Group(some_weeks=days, holiday=group.holiday, year_end=group.year_end, lunar=group.lunar), None)


def _read_closing_note(note: list[Token], reading: Reading) -> None:
    group = Group()
    for token in note:
        if token.kind in NAMES_DAYS - {"every_day", "workday"}:
            group.add(token)
        elif token.kind not in CLOSES | {"usual"}:
            raise Uncertain
    reading.close(group)
