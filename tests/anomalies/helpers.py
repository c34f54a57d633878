"""Synthetic days and years: an honest room, and what is done to it."""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from app.anomalies.context import SiteContext
from app.anomalies.scoring import signals_by_day
from app.anomalies.signals import Event, Signals
from app.months import SHANGHAI, Month
from app.sites.hours import Hours, Interval

FIRST, LAST = Month(2026, 5), Month(2026, 10)
DAYTIME = Hours(week={day: (Interval(8 * 60, 20 * 60),) for day in range(1, 8)}, holidays="usual")
MALL = SiteContext("mall", DAYTIME, capacity=2)
NUMBERS = iter(range(1, 10**9))


def at(on: date, hour: float, second: float = 0) -> datetime:
    """The UTC instant of a local hour (9.5 is 09:30) of a date."""
    return (datetime.combine(on, time(), SHANGHAI) + timedelta(hours=hour, seconds=second)).astimezone(UTC)


def use(used_at: datetime, token: str | None = None, device: str | None = None, step: int | None = None) -> Event:
    """One counted use, by a phone never seen before unless it is named; a rating comes five minutes later."""
    number = str(next(NUMBERS))
    rated_at = used_at + timedelta(minutes=5) if step else None
    return Event(used_at, True, None, token or f"t{number}", device or f"d{number}", step, rated_at)


def dates() -> list[date]:
    """The local dates of the six months."""
    days = (LAST.last_on - FIRST.first_on).days + 1
    return [FIRST.first_on + timedelta(days=n) for n in range(days)]


def honest(seed: int = 1, a_day: float = 5.0) -> list[Event]:
    """Half a year of a quiet room: women come on their own between eight and eight, a third of them rates."""
    chance = random.Random(seed)  # noqa: S311  a test's own dice
    events = []
    for on in dates():
        wild = chance.gammavariate(4, 1 / 4)
        for _ in range(_poisson(chance, a_day * wild)):
            step = chance.choices([5, 4, 3, 1], [80, 14, 4, 2])[0] if chance.random() < 0.35 else None
            events.append(use(at(on, chance.triangular(8, 20, 14)), step=step))
    return events


def _poisson(chance: random.Random, mean: float) -> int:
    waited, number = chance.expovariate(1), 0
    while waited < mean:
        waited, number = waited + chance.expovariate(1), number + 1
    return number


def every_day(make: Callable[[date], Iterable[Event]], only: Callable[[date], bool] = lambda _on: True) -> list[Event]:
    """What `make` gives for each of the dates."""
    return [event for on in dates() if only(on) for event in make(on)]


def days_of(events: Iterable[Event], context: SiteContext = MALL) -> dict[date, Signals]:
    """The signals of each date."""
    return signals_by_day(events, context.hours)


def unrated(events: Iterable[Event]) -> list[Event]:
    """The same without ratings."""
    return [replace(event, step=None, rated_at=None) for event in events]
