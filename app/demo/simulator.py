"""Made-up use of a room: taps and ratings with the rhythm of weekdays, hours, holidays and kinds of room.

Pure: the same room, seed and end give the same events. Whether a tap counts is not decided here but by the published
rule, `app.usage.counting.judge`, so that the demonstration cannot disagree with the product.
"""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import numpy as np

from app.months import SHANGHAI, Month, month_range
from app.sites.hours import day_kind
from app.usage.counting import MINIMUM_GAP, CountedUse, Door, Reason, judge

Interval = tuple[datetime, datetime]
RATED_AFTER_S = (60, 1200)


@dataclass(frozen=True)
class Pattern:
    """The rhythm of one kind of room.

    `weekdays`: relative use from Monday to Sunday. `holiday`: factor on a public holiday. A working day made up at a
    weekend is a Monday. `hours`: relative use in each of the 24 hours. `sessions`: chances of 1, 2, … uses by one woman
    on a day. `pool`: how many women a month share the room; 0 means that everybody comes once.
    """

    weekdays: tuple[float, ...]
    holiday: float
    hours: tuple[float, ...]
    sessions: tuple[float, ...]
    pool: int


@dataclass(frozen=True)
class Room:
    """One room to simulate. `monthly_uses` is the exact mean of counted uses in the 12 whole months before the end
    (months before `opened_on` stay empty); `ratings` are the chances of steps 1 to 5, `rated` that of any rating."""

    pattern: Pattern
    monthly_uses: float
    rated: float
    ratings: tuple[float, ...]
    opened_on: date
    suspended: tuple[Interval, ...] = ()
    noise: float = 0.08
    double_taps: float = 0.03


@dataclass(frozen=True)
class Tap:
    """One tap at the door. `person` is the pseudonym within site and month; `reason` is None for a counted use."""

    id: UUID
    person: bytes
    used_at: datetime
    reason: Reason | None
    repeats: UUID | None
    step: int | None
    rated_at: datetime | None


def simulate(room: Room, months: int, until: datetime, seed: Sequence[int]) -> list[Tap]:
    """All taps of the `months` whole months before the instant `until` (aware) and of its own up to it, by time.

    Raises ValueError for fewer than 12 months: the mean is defined over those.
    """
    if months < 12:
        raise ValueError("simulate at least 12 whole months")
    rng = np.random.default_rng(list(seed))
    taps: list[Tap] = []
    for month, uses in _targets(room, months, Month.of(until), rng):
        taps += [_as_known_at(until, tap) for tap in _month(room, month, uses, rng) if tap.used_at < until]
    return sorted(taps, key=lambda tap: (tap.used_at, tap.id))


def _day_weights(room: Room, month: Month) -> np.ndarray:
    """Relative use of each day of `month`, shape (days,): 0 before the opening."""
    return np.array([_day_weight(room.pattern, day) if day >= room.opened_on else 0.0 for day in _days(month)])


def _days(month: Month) -> list[date]:
    return [month.first_on + timedelta(days=n) for n in range(month.days)]


def _day_weight(pattern: Pattern, day: date) -> float:
    kind = day_kind(day)
    if kind == "working_weekend":
        return pattern.weekdays[0]
    return pattern.weekdays[day.weekday()] * (pattern.holiday if kind == "holiday" else 1.0)


def _targets(room: Room, months: int, last: Month, rng: np.random.Generator) -> list[tuple[Month, int]]:
    """How many counted uses each month gets: proportional to its days, uneven, and exact over the 12 before `last`."""
    all_months = month_range(last - months, last)
    plain = np.array([sum(_day_weight(room.pattern, day) for day in _days(month)) for month in all_months])
    open_part = np.array([_day_weights(room, month).sum() for month in all_months])
    uneven = rng.normal(1.0, room.noise, len(all_months)).clip(0.6, 1.4)
    window = slice(-13, -1)
    share = open_part * uneven * 12 / (plain[window] * uneven[window]).sum()
    running = np.concatenate([[0.0], np.cumsum(share * room.monthly_uses)])
    start = running[-14]
    exact = np.floor(running - start + 0.5).astype(int)
    return list(zip(all_months, np.diff(exact).tolist(), strict=True))


def _month(room: Room, month: Month, uses: int, rng: np.random.Generator) -> list[Tap]:
    """Exactly `uses` counted taps in `month`, and those that do not count between them."""
    weights = _day_weights(room, month)
    if uses <= 0 or not weights.sum():
        return []
    pool = [rng.bytes(16) for _ in range(room.pattern.pool)]
    chances = weights / weights.sum()
    busy: dict[tuple[int, bytes], None] = {}
    taps: list[Tap] = []
    left = uses
    while left > 0:
        day = int(rng.choice(month.days, p=chances))
        person = pool[int(rng.integers(len(pool)))] if pool else rng.bytes(16)
        if (day, person) in busy:
            person = rng.bytes(16)
        busy[day, person] = None
        sessions = min(left, 1 + int(rng.choice(len(room.pattern.sessions), p=room.pattern.sessions)))
        made = _visitor_day(room, month.first_on + timedelta(days=day), person, sessions, rng)
        left -= sum(tap.reason is None for tap in made)
        taps += made
        if all(tap.reason is Reason.SITE_SUSPENDED for tap in made):
            left -= sessions
    return taps


def _visitor_day(room: Room, day: date, person: bytes, sessions: int, rng: np.random.Generator) -> list[Tap]:
    """One woman's taps on one day, judged in their order."""
    taps: list[Tap] = []
    counted: list[CountedUse] = []
    for used_at in _times(room, day, sessions, rng):
        suspended = any(start <= used_at < end for start, end in room.suspended)
        verdict = judge(used_at, Door(site_is_suspended=suspended), counted)
        identity = UUID(bytes=rng.bytes(16), version=4)
        step, rated_at = _rating(room, used_at, rng) if verdict.is_counted else (None, None)
        taps.append(Tap(identity, person, used_at, verdict.reason, verdict.repeats, step, rated_at))
        if verdict.is_counted:
            counted.append(CountedUse(identity, used_at))
    return taps


def _times(room: Room, day: date, sessions: int, rng: np.random.Generator) -> list[datetime]:
    """Instants (UTC) of `sessions` uses, further apart than the rule asks, some with a second tap soon after."""
    hours = np.array(room.pattern.hours) / sum(room.pattern.hours)
    apart = MINIMUM_GAP // timedelta(minutes=1) + 10
    minutes: list[int] = []
    while len(minutes) < sessions:
        minute = int(rng.choice(24, p=hours)) * 60 + int(rng.integers(60))
        if all(abs(minute - other) >= apart for other in minutes) and minute < 24 * 60 - 15:
            minutes.append(minute)
    midnight = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    times: list[datetime] = []
    for minute in sorted(minutes):
        at = midnight + timedelta(minutes=minute, seconds=int(rng.integers(60)), milliseconds=int(rng.integers(1000)))
        times.append(at.astimezone(UTC))
        if rng.random() < room.double_taps:
            times.append(times[-1] + timedelta(seconds=int(rng.integers(5, 600))))
    return times


def _rating(room: Room, used_at: datetime, rng: np.random.Generator) -> tuple[int | None, datetime | None]:
    if rng.random() >= room.rated:
        return None, None
    step = 1 + bisect(np.cumsum(room.ratings).tolist(), float(rng.random()) * sum(room.ratings))
    return min(step, 5), used_at + timedelta(seconds=int(rng.integers(*RATED_AFTER_S)))


def _as_known_at(until: datetime, tap: Tap) -> Tap:
    """The tap without a rating that would lie in the future."""
    if tap.rated_at is None or tap.rated_at < until:
        return tap
    return replace(tap, step=None, rated_at=None)
