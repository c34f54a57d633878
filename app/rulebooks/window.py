"""The evaluation window: which months the mean is taken over, and why others are left out."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from app.months import Month, month_range
from app.rulebooks.facts import Facts
from app.rulebooks.known import SuspensionFacts

BEFORE_ACCEPTANCE = "before_acceptance"
ACCEPTANCE_MONTH = "acceptance_month"
SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Window:
    """Whole calendar months `first` to `last` (both included) before a date; `counted` ones make the mean.

    `months` are all of them, oldest first.
    """

    first: Month
    last: Month
    months: tuple[Month, ...]
    counted: tuple[Month, ...]
    left_out: tuple[tuple[Month, str], ...]

    def left_out_for(self, reason: str) -> tuple[Month, ...]:
        """The months left out for one reason."""
        return tuple(month for month, why in self.left_out if why == reason)


@lru_cache(maxsize=128)
def _months(first: Month, last: Month) -> tuple[Month, ...]:
    return tuple(month_range(first, last))


def window_before(on: date, length: int, facts: Facts) -> Window:
    """The last `length` whole calendar months before `on`, in Asia/Shanghai.

    Left out is a month in which the site was not in operation on all its days: before its acceptance, the month of
    acceptance unless that was its first day, and months suspended throughout. While no acceptance is known, no month
    is left out for it; the conditions say by themselves that they cannot be judged.
    """
    this_month = Month.of_date(on)
    first, last = this_month - length, this_month - 1
    months = _months(first, last)
    if not facts.suspensions and (facts.accepted_on is None or facts.accepted_on <= first.first_on):
        return Window(first, last, months, months, ())
    reasons = [(month, reason_left_out(month, facts)) for month in months]
    return Window(
        first=first,
        last=last,
        months=months,
        counted=tuple(month for month, reason in reasons if reason is None),
        left_out=tuple((month, reason) for month, reason in reasons if reason is not None),
    )


def reason_left_out(month: Month, facts: Facts) -> str | None:
    """Why a month does not enter the mean, or None when it does."""
    if facts.accepted_on is not None and facts.accepted_on > month.last_on:
        return BEFORE_ACCEPTANCE
    if facts.accepted_on is not None and facts.accepted_on > month.first_on:
        return ACCEPTANCE_MONTH
    return SUSPENDED if is_suspended_throughout(month, facts.suspensions) else None


def is_suspended_throughout(month: Month, suspensions: tuple[SuspensionFacts, ...]) -> bool:
    """Whether the suspensions together cover every instant of the month; several may join without a gap."""
    reached: datetime = month.start_at
    for suspension in sorted(suspensions, key=lambda one: one.starts_at):
        if suspension.starts_at > reached:
            return False
        if suspension.ends_at is None:
            return True
        reached = max(reached, suspension.ends_at)
        if reached >= month.end_at:
            return True
    return False
