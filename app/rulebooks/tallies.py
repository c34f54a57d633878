"""Months of a site in a row, kept as bare numbers: what judging very many sites needs, and no more."""

from collections.abc import Iterator, Mapping, Sequence

from app.months import Month
from app.rulebooks.known import STEPS, SiteMonthFacts

NONE = (0,) * STEPS


class Tallies(Mapping[Month, SiteMonthFacts]):
    """Tallies of consecutive months from `first` on, as `Facts.months`; each is made only when it is looked at.

    `counted` are uses by month. `ratings` are those of all months together, by step; they stand in the last month, for
    a verdict asks for their sum. What was recorded beyond the counted uses is not known: no verdict depends on it.
    """

    __slots__ = ("_counted", "_first", "_ratings")

    def __init__(self, first: Month, counted: Sequence[int], ratings: Sequence[int]) -> None:
        self._first, self._counted, self._ratings = first, counted, tuple(ratings)

    def uses(self, months: Sequence[Month]) -> int:
        """The counted uses of some of the months, oldest first."""
        if not months:
            return 0
        start, n = self._first.until(months[0]), len(months)
        if start >= 0 and months[0].until(months[-1]) == n - 1:  # none is left out between them
            return sum(self._counted[start : start + n])
        return sum(self[month].counted for month in months if month in self)

    def steps(self, months: Sequence[Month]) -> tuple[int, ...]:
        """Numbers of ratings by step over some of the months, oldest first, the last one among them."""
        return self._ratings if self._counted and self._first + (len(self._counted) - 1) in months else NONE

    def __getitem__(self, month: Month) -> SiteMonthFacts:
        index = self._first.until(month)
        if not 0 <= index < len(self._counted):
            raise KeyError(month)
        ratings = self._ratings if index == len(self._counted) - 1 else NONE
        return SiteMonthFacts(month, self._counted[index], self._counted[index], ratings)

    def __iter__(self) -> Iterator[Month]:
        return (self._first + index for index in range(len(self._counted)))

    def __len__(self) -> int:
        return len(self._counted)
