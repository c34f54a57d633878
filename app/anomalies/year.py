"""The days of one site between two months as columns, for the detectors. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.anomalies.context import SiteContext
from app.anomalies.signals import NOTHING, Signals
from app.months import Month, month_range
from app.sites.hours import DAY_MINUTES, Hours, day_kind

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
TOP_DAYS = 0.1
NIGHT_MINUTES = 4 * 60
DECLARED_A_MONTH = 4


@dataclass(frozen=True)
class Year:
    """The days of a site from the first of `first` to the last of `last`, both included, none before its first use.

    A day without signals is a day without uses. Columns have shape (days,), in order of the calendar.
    """

    days: Mapping[date, Signals]
    context: SiteContext
    first: Month
    last: Month

    @cached_property
    def dates(self) -> list[date]:
        """The local dates."""
        return [self.start + timedelta(days=n) for n in range((self.last.last_on - self.start).days + 1)]

    @cached_property
    def start(self) -> date:
        """The first date: no earlier than the site opened, and than anything was ever recorded there."""
        used = min(self.days, default=date.max)
        return max(self.first.first_on, self.context.opened_on or date.min, used)

    @cached_property
    def signals(self) -> list[Signals]:
        """Each date's signals."""
        return [self.days.get(on, NOTHING) for on in self.dates]

    def column(self, value: Callable[[Signals], float | None]) -> Numbers:
        """`value` of each day; not a number where it is None."""
        return np.array([value(one) for one in self.signals], dtype=float)

    @cached_property
    def counted(self) -> Numbers:
        """Counted uses."""
        return self.column(lambda day: day.counted)

    @cached_property
    def hours(self) -> Numbers:
        """Counted uses by local hour, shape (days, 24)."""
        return np.array([one.hours for one in self.signals], dtype=float).reshape(-1, 24)

    @cached_property
    def steps(self) -> Numbers:
        """Ratings by step, shape (days, 5)."""
        return np.array([one.steps for one in self.signals], dtype=float).reshape(-1, 5)

    @cached_property
    def is_rest(self) -> Mask:
        """Weekends and public holidays."""
        kinds = [(day_kind(on), on.isoweekday() > 5) for on in self.dates]
        return np.array([kind == "holiday" or (kind == "ordinary" and weekend) for kind, weekend in kinds], dtype=bool)

    @cached_property
    def is_declared(self) -> Mask:
        """Days with a declared activity, the first four of each month: whoever declares every day explains nothing."""
        explained, found = Counter[Month](), []
        for on in self.dates:
            is_first = on in self.context.declared and explained[Month.of_date(on)] < DECLARED_A_MONTH
            explained[Month.of_date(on)] += is_first
            found.append(is_first)
        return np.array(found, dtype=bool)

    @cached_property
    def is_closed_at_night(self) -> Mask:
        """Days on which the site is known to be closed from midnight to 04:00, the end of the day before included."""
        hours = self.context.hours
        if hours is None:
            return np.zeros(len(self.dates), dtype=bool)
        return np.array([_is_night_free(hours, on) for on in self.dates], dtype=bool)

    @cached_property
    def month(self) -> NDArray[np.int64]:
        """The number of each day's month, 0 for `first`."""
        return np.array([self.first.until(Month.of_date(on)) for on in self.dates], dtype=np.int64)

    @cached_property
    def months(self) -> list[Month]:
        """From `first` to `last`."""
        return month_range(self.first, self.last)

    def by_month(self, column: Numbers) -> Numbers:
        """Sums of a column, shape (months,); what is not a number adds nothing."""
        return np.asarray(np.bincount(self.month, np.nan_to_num(column), minlength=len(self.months)), dtype=float)

    @cached_property
    def profile(self) -> Numbers:
        """Share of each local hour in the counted uses, shape (24,), without declared and the fullest tenth of days."""
        usual = self.counted <= np.quantile(self.counted, 1 - TOP_DAYS) if len(self.counted) else self.is_rest
        sums = self.hours[usual & ~self.is_declared].sum(axis=0)
        return np.asarray(sums / sums.sum()) if sums.sum() else np.full(24, 1 / 24)

    @cached_property
    def expected(self) -> Numbers:
        """What each day would have if all days of its month and kind (working or rest) were alike."""
        values = np.zeros(len(self.dates))
        for month in np.unique(self.month):
            for rest in (False, True):
                mine = (self.month == month) & (self.is_rest == rest)
                if mine.any():
                    values[mine] = self.counted[mine].mean()
        return values


def _is_night_free(hours: Hours, on: date) -> bool:
    today, before = hours.intervals_on(on), hours.intervals_on(on - timedelta(days=1))
    if today is None or before is None:
        return False
    return all(one.start >= NIGHT_MINUTES for one in today) and all(one.end <= DAY_MINUTES for one in before)
