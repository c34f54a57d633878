"""The published counting rule (docs/counting.md). Pure: no database, no framework, no clock.

A change of anything that can change a result needs a new ``RULE_VERSION`` and a new section in the published text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.months import local_date

RULE_VERSION = 1
MINIMUM_GAP = timedelta(minutes=30)
DAILY_LIMIT = 4
LATEST_ARRIVAL = timedelta(hours=72)


class Reason(StrEnum):
    """Why a recorded use does not count; the first that applies, in this order."""

    CODE_REVOKED = "code_revoked"
    SITE_CLOSED = "site_closed"
    SITE_SUSPENDED = "site_suspended"
    TOO_SOON = "too_soon"
    DAILY_LIMIT = "daily_limit"


@dataclass(frozen=True)
class CountedUse:
    """A use that was counted before this one was judged."""

    id: UUID
    used_at: datetime


@dataclass(frozen=True)
class Door:
    """What was true of the code and the site at the moment of the tap."""

    code_is_live: bool = True
    site_is_open: bool = True
    site_is_suspended: bool = False


@dataclass(frozen=True)
class Verdict:
    """``reason`` is None for a counted use; ``repeats`` names the counted use that a too early tap repeats."""

    reason: Reason | None
    repeats: UUID | None = None

    @property
    def is_counted(self) -> bool:
        """Whether the use enters the number that gates titles."""
        return self.reason is None


def judge(used_at: datetime, door: Door, counted: Iterable[CountedUse]) -> Verdict:
    """Judge one tap of one pseudonym at one site.

    ``used_at`` is an aware instant; ``counted`` are this pseudonym's counted uses at this site, in any order, at least
    those within 30 minutes and those of the same day in Asia/Shanghai. The window looks both ways in time, because a
    tap queued on a phone may arrive after a later one: two counted uses are never less than 30 minutes apart, in
    whatever order they came.
    """
    if not door.code_is_live:
        return Verdict(Reason.CODE_REVOKED)
    if not door.site_is_open:
        return Verdict(Reason.SITE_CLOSED)
    if door.site_is_suspended:
        return Verdict(Reason.SITE_SUSPENDED)
    others = list(counted)
    near = [use for use in others if abs(use.used_at - used_at) < MINIMUM_GAP]
    if near:
        nearest = min(near, key=lambda use: (abs(use.used_at - used_at), use.used_at, use.id))
        return Verdict(Reason.TOO_SOON, nearest.id)
    if sum(local_date(use.used_at) == local_date(used_at) for use in others) >= DAILY_LIMIT:
        return Verdict(Reason.DAILY_LIMIT)
    return Verdict(None)


def time_of_use(now: datetime, tapped_ms: int | None, sent_ms: int | None) -> datetime | None:
    """Return when the use happened, by the server's clock; None when the tap is more than 72 hours old.

    ``tapped_ms`` and ``sent_ms`` are the phone's clock in milliseconds at the tap and at this attempt to send it. Only
    their difference is used where both are known, so that a phone whose clock is wrong does not lose a use. A tap
    that claims to be from the future happened now.
    """
    if tapped_ms is None:
        return now
    sent = now.timestamp() * 1000 if sent_ms is None else sent_ms
    age_ms = max(0.0, sent - tapped_ms)
    if age_ms > LATEST_ARRIVAL / timedelta(milliseconds=1):
        return None
    return now - timedelta(milliseconds=age_ms)


def satisfaction_score(ratings: Sequence[int]) -> float | None:
    """Return the mean score of ratings counted by step 1..5 (step 5, the best, is 100; step 1 is 20); None for none."""
    total = sum(ratings)
    if total == 0:
        return None
    return sum(20 * step * number for step, number in enumerate(ratings, start=1)) / total
