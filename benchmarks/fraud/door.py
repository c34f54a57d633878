"""Applies the published counting rule to a pile of taps and hands each day to the detectors."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import numpy as np

from app.anomalies.context import SiteContext
from app.anomalies.scoring import signals_by_day
from app.anomalies.signals import Event, Signals
from app.months import SHANGHAI
from app.usage.counting import MINIMUM_GAP, CountedUse, Door, judge
from benchmarks.fraud.rooms import DAY_S, DAYS, FIRST, MONTH_OF_DAY, Room
from benchmarks.fraud.taps import NEVER, Taps

START = FIRST.start_at.astimezone(SHANGHAI)
NOBODY = UUID(int=0)
KEY_CHANGES_S = 4 * 3600


@dataclass(frozen=True)
class Judged:
    """Taps by time with the rule's reason for each, "" for a counted one. `reason` has shape (n,)."""

    taps: Taps
    reason: list[str]

    @property
    def is_counted(self) -> np.ndarray:
        """Which taps count, shape (n,)."""
        return np.array([not reason for reason in self.reason], dtype=bool)

    def monthly(self) -> np.ndarray:
        """Counted uses of each month, shape (12,)."""
        return np.bincount(months_of(self.taps.at[self.is_counted]), minlength=12)


def months_of(at: np.ndarray) -> np.ndarray:
    """Number of the month of each second of the year."""
    return np.asarray(MONTH_OF_DAY[np.clip((at // DAY_S).astype(int), 0, len(DAYS) - 1)])


def judged(room: Room, taps: Taps) -> Judged:
    """Every tap of the year judged in the order in which the server hears of them, then sorted by time.

    A lone tap of a cookie needs no look at others, so only repeated ones are compared.
    """
    inside = (taps.at >= 0) & (taps.at < len(DAYS) * DAY_S)
    taps = taps.of(inside)
    taps = taps.of(np.argsort(taps.arrived, kind="stable"))
    visitor = taps.token * 16 + months_of(taps.at)
    counted: defaultdict[int, list[CountedUse]] = defaultdict(list)
    suspended = (taps.at >= room.suspended[0] * DAY_S) & (taps.at < room.suspended[1] * DAY_S)
    reasons = []
    for at, who, is_suspended in zip(taps.at.tolist(), visitor.tolist(), suspended.tolist(), strict=True):
        reasons.append(_reason(at, Door(site_is_suspended=is_suspended), counted[who]))
    order = np.argsort(taps.at, kind="stable")
    return Judged(taps.of(order), [reasons[index] for index in order])


def _reason(at: float, door: Door, counted: list[CountedUse]) -> str:
    used_at = instant(at)
    verdict = judge(used_at, door, counted)
    if verdict.reason is not None:
        return verdict.reason.value
    counted.append(CountedUse(NOBODY, used_at))
    return ""


def instant(at: float) -> datetime:
    """The aware instant of a second of the year, to the millisecond, in local time."""
    return START + timedelta(milliseconds=round(at * 1000))


def days_of(room: Room, judged_taps: Judged) -> dict[date, Signals]:
    """The signals of each local date with any tap."""
    return signals_by_day(events(judged_taps), room.kind.hours)


def context_of(room: Room) -> SiteContext:
    """What the system knows about the room."""
    declared = frozenset(DAYS[day] for day in room.declared)
    return SiteContext(room.kind.code, room.kind.hours, room.kind.capacity, room.opened_on, declared)


def events(judged_taps: Judged) -> list[Event]:
    """All events by time; pseudonyms are those that the product would have.

    A cookie has another pseudonym in each month and a phone another in each key day; ratings of uses that do not count
    are left out.
    """
    taps = judged_taps.taps
    keys = ((taps.at - KEY_CHANGES_S) // DAY_S).astype(int)
    columns = (taps.at, taps.token, months_of(taps.at), taps.device, keys, taps.step, taps.rated)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [_event(row, reason) for row, reason in zip(rows, judged_taps.reason, strict=True)]


def _event(row: tuple[float, int, int, int, int, int, float], reason: str) -> Event:
    at, token, month, device, key, step, rated = row
    has_rating = not reason and step > 0 and rated != NEVER
    return Event(
        used_at=instant(at),
        is_counted=not reason,
        reason=reason or None,
        token=f"{month}-{token}",
        device=f"{key}-{device}",
        step=step if has_rating else None,
        rated_at=instant(rated) if has_rating else None,
    )


assert timedelta(minutes=30) == MINIMUM_GAP  # the attacks are timed for this
