"""Words of opening hours → tokens, by the vocabulary in ``data/hours_vocabulary.toml``. Pure."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.sites.hours import DAY_MINUTES

VOCABULARY = Path(__file__).parent / "data" / "hours_vocabulary.toml"
EVERY_DAY = frozenset(range(1, 8))
WORKING_DAYS = frozenset(range(1, 6))
LATE_START, EARLY_END = 17 * 60, 6 * 60
BLANKS = re.compile(r"[^\S\n]+")
GLUED = frozenset({"closed", "closing_day", "opens", "varies", "other", "harmless"})
MERIDIEMS = ("morning", "noon", "afternoon")


@dataclass(frozen=True)
class Token:
    """``kind`` is a table of the vocabulary or one made here: ``day nth times partial open close other``.

    ``days`` are ISO weekdays; ``start`` and ``end`` minutes after midnight (a clock time has only ``start``).
    """

    kind: str
    days: frozenset[int] = frozenset()
    start: int = 0
    end: int = 0


OTHER = Token("other")
PARTIAL = Token("partial")


@dataclass(frozen=True)
class Vocabulary:
    words: dict[str, Token]
    numerals: dict[str, int]
    scanner: re.Pattern[str]
    numbered_cases: re.Pattern[str]
    sunday: str


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Read the vocabulary once. Raises tomllib.TOMLDecodeError or KeyError when the shipped file is broken."""
    data = tomllib.loads(VOCABULARY.read_text(encoding="utf-8"))
    words, patterns, weekdays = _words(data), data["patterns"], data["weekdays"]
    numerals = weekdays["numerals"]
    scanner = re.compile(
        rf"(?P<marker>{patterns['marker']})|(?P<space>\s+)|(?P<nth>{patterns['nth']})"
        rf"|(?P<digits>{_any(word for word in words if word[0].isdigit())})"
        rf"|(?P<date>{patterns['calendar_date']})|(?P<clock>{patterns['clock']})"
        rf"|(?P<open>{patterns['open_bracket']})|(?P<close>{patterns['close_bracket']})"
        rf"|(?P<latin>(?:bank |public )?[a-z]+)|(?P<word>{_any(words)})|(?P<bare>[{''.join(numerals)}])|(?P<rest>.)",
        re.DOTALL,
    )
    return Vocabulary(words, numerals, scanner, re.compile(patterns["numbered_cases"]), weekdays["bare_sunday"])


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _words(data: dict[str, Any]) -> dict[str, Token]:
    weekdays = data["weekdays"]
    words = {word: Token(kind) for kind, entries in data["words"].items() for word in entries}
    words |= {word: Token("day", frozenset(days)) for word, days in data["day_sets"].items()}
    words |= {word: Token("day", frozenset({day})) for word, day in weekdays["names"].items()}
    for prefix in weekdays["prefixes"]:
        words |= {prefix + numeral: Token("day", frozenset({day})) for numeral, day in weekdays["numerals"].items()}
    for prefix in weekdays["stem_prefixes"]:
        for suffix in weekdays["stem_suffixes"]:
            words |= {prefix + stem + suffix: Token("day", frozenset({day})) for stem, day in weekdays["stems"].items()}
    return {unicodedata.normalize("NFKC", word).lower(): token for word, token in words.items()}


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text with ranges of days and of times joined; whatever is not in the vocabulary is ``other``."""
    words = vocabulary()
    if words.numbered_cases.search(text):
        return [OTHER]
    normal = unicodedata.normalize("NFKC", text).lower().strip()
    normal = BLANKS.sub(" ", normal)
    found: list[Token] = []
    for match in words.scanner.finditer(normal):
        token = _token(match, words, found)
        if token is not None:
            found.append(token)
    return _join_times(_join_days(_join_nth(_settle_closing_days(found))))


def _token(match: re.Match[str], words: Vocabulary, before: list[Token]) -> Token | None:
    kind, word = str(match.lastgroup), match.group()
    if kind in ("space", "marker"):
        return None
    if kind in ("nth", "open", "close"):
        return Token(kind)
    if match.group("date") or match.group("clock"):
        return _date(match) if match.group("date") else _clock(match)
    if kind == "bare":
        return _bare(words.numerals[word], before)
    # After some words it is "day" at the end of a longer word, not Sunday.
    is_glued = word == words.sunday and before and before[-1].kind in GLUED
    return OTHER if is_glued else words.words.get(word, OTHER)


def _settle_closing_days(tokens: list[Token]) -> list[Token]:
    """ "Except closing days" leaves open which days they are; with days before or after it is the same as closed."""
    settled = []
    for position, token in enumerate(tokens):
        if token.kind == "closing_day":
            before = tokens[position - 1].kind if position else "open"
            rest = [later.kind for later in tokens[position + 1 :] if later.kind != "harmless"]
            is_unnamed = before in ("open", "list", "every_day") and rest[:1] == ["closed"]
            token = OTHER if is_unnamed else Token("closed")  # noqa: PLW2901
        settled.append(token)
    return settled


def _bare(day: int, before: list[Token]) -> Token:
    continues = len(before) >= 2 and before[-1].kind in ("range", "list") and before[-2].kind == "day"
    return Token("day", frozenset({day})) if continues else OTHER


def _date(match: re.Match[str]) -> Token:
    month, day = int(match.group("month")), int(match.group("day") or match.group("day2"))
    is_turn_of_year = (month == 12 and day >= 25) or (month == 1 and day <= 7)
    return Token("year_end") if is_turn_of_year else OTHER


def _clock(match: re.Match[str]) -> Token:
    if digits := match.group("hhmm"):
        hour, minute = int(digits[:2]), int(digits[2:])
    else:
        hour = int(match.group("hour") or match.group("hour3"))
        minute = 30 if match.group("half") else int(match.group("minute") or match.group("minute2") or 0)
    if hour > 29 or minute > 59:
        return OTHER
    meridiem = {"a": "morning", "p": "afternoon"}.get(match.group("suffix") or "")
    return _half_of_day(Token("clock", start=hour * 60 + minute), meridiem)


def _half_of_day(clock: Token, meridiem: str | None) -> Token:
    """8 in the afternoon is 20:00, 17:00 in the afternoon stays; 12 or more in the morning is not certain."""
    hour = clock.start // 60
    if meridiem == "morning" and hour >= 12:
        return OTHER
    if (meridiem == "afternoon" and hour < 12) or (meridiem == "noon" and hour < 3):
        return Token("clock", start=clock.start + DAY_MINUTES // 2)
    return clock


def _join_nth(tokens: list[Token]) -> list[Token]:
    joined: list[Token] = []
    for token in tokens:
        if joined and joined[-1].kind == "nth" and not joined[-1].days:
            joined[-1] = Token("nth", token.days) if token.kind == "day" else OTHER
        else:
            joined.append(token)
    return [OTHER if token.kind == "nth" and not token.days else token for token in joined]


def _join_days(tokens: list[Token]) -> list[Token]:
    joined: list[Token] = []
    for token in tokens:
        if len(joined) >= 2 and joined[-1].kind == "range" and token.kind == joined[-2].kind:
            if token.kind == "day":
                joined[-2:] = [_day_range(joined[-2], token)]
                continue
            if token.kind == "year_end":
                joined.pop()
                continue
        joined.append(token)
    return joined


def _day_range(first: Token, last: Token) -> Token:
    # In "Monday to Saturday-and-Sunday" the right side is two words run together.
    if len(first.days) != 1 or last.days not in ({6, 7}, {max(last.days)}):
        return OTHER
    start, end = min(first.days), min(last.days)
    between = range(start, end + 1) if start <= end else [*range(start, 8), *range(1, end + 1)]
    return Token("day", frozenset(between) | last.days)


def _join_times(tokens: list[Token]) -> list[Token]:
    joined: list[Token] = []
    position = 0
    while position < len(tokens):
        token, used = _time_at(tokens, position)
        joined.append(token)
        position += used
    return joined


def _time_at(tokens: list[Token], position: int) -> tuple[Token, int]:
    """The token at a position, and how many were used: times of the form [half] clock range [next day] [half] clock."""
    start, after = _clock_at(tokens, position)
    if start is None:
        closes_only = tokens[position].kind == "range" and _clock_at(tokens, position + 1)[0] is not None
        return (PARTIAL, _clock_at(tokens, position + 1)[1] - position) if closes_only else (tokens[position], 1)
    if after >= len(tokens) or tokens[after].kind != "range":
        return PARTIAL, after - position
    next_day = after + 1 < len(tokens) and tokens[after + 1].kind == "next_day"
    end, done = _clock_at(tokens, after + 1 + next_day)
    if end is None:
        return PARTIAL, after + 1 - position
    is_afternoon = tokens[position].kind == "afternoon"
    return _interval(start, end, next_day=next_day, is_afternoon=is_afternoon), done - position


def _clock_at(tokens: list[Token], position: int) -> tuple[int | None, int]:
    if position < len(tokens) and tokens[position].kind == "midday":
        return DAY_MINUTES // 2, position + 1
    half = tokens[position].kind if position < len(tokens) and tokens[position].kind in MERIDIEMS else None
    at = position + (half is not None)
    if at >= len(tokens) or tokens[at].kind != "clock":
        return None, position
    clock = _half_of_day(tokens[at], half)
    return (clock.start, at + 1) if clock.kind == "clock" else (None, position)


def _interval(start: int, end: int, *, next_day: bool, is_afternoon: bool) -> Token:
    if next_day:
        end += DAY_MINUTES
    elif end <= start:
        if is_afternoon and start < end + DAY_MINUTES // 2 < DAY_MINUTES:
            end += DAY_MINUTES // 2
        elif end == 0 or (start >= LATE_START and end <= EARLY_END):
            end += DAY_MINUTES
        else:
            return OTHER
    is_certain = start < DAY_MINUTES and start < end <= start + DAY_MINUTES
    return Token("times", start=start, end=end) if is_certain else OTHER
