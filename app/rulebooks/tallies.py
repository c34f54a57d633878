"""Months of a site in a row, kept as bare numbers: what judging very many sites needs, and no more."""

from collections.abc import Iterator, Mapping, Sequence

from app.months import Month
from app.rulebooks.known import STEPS, SiteMonthFacts

NONE = (0,) * STEPS


class Tallies(Mapping[Month, SiteMonthFacts]):
    """Tallies of one or more months in a row from `first` on, as `Facts.months`; each is made only when looked at.

    `counted` are uses by month. `ratings` are those of all months together, by step; they stand in the last month, for
    a verdict asks for their sum. What was recorded beyond the counted uses is not known: no verdict depends on it.
    """

    __slots__ = ("_counted", "_first", "_last", "_ratings")

    def __init__(self, first: Month, counted: Sequence[int], ratings: Sequence[int]) -> None:
        self._first, self._counted, self._ratings = first, counted, tuple(ratings)
        self._last = first + (len(counted) - 1)

    def uses(self, months: Sequence[Month]) -> int:
        """The counted uses of some of the months, oldest first."""
        if not months:
            return 0
        start, n = self._first.until(months[0]), len(months)
        if start >= 0 and months[0].until(months[-1]) == n - 1:  # none is left out between them
            return sum(self._counted[start : start + n])
        return sum(self[month].counted for month in months if month in self)

    def steps(self, months: Sequence[Month]) -> tuple[int, ...]:
        """Numbers of ratings by step over some of the months, oldest first."""
        return self._ratings if months and months[0] <= self._last <= months[-1] else NONE

    def __getitem__(self, month: Month) -> SiteMonthFacts:
        index = self._first.until(month)
        if not 0 <= index < len(self._counted):
            raise KeyError(month)
        ratings = self._ratings if month == self._last else NONE
        return SiteMonthFacts(month, self._counted[index], self._counted[index], ratings)

    def __iter__(self) -> Iterator[Month]:
        return (self._first + index for index in range(len(self._counted)))

    def __len__(self) -> int:
        return len(self._counted)
