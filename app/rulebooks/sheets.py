"""Score sheets as a rulebook has them. Reading them is `score_sheets`, adding them up `scoring`."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from app.rulebooks.model import Series, Text

SHEET_USES = ("self_check", "acceptance", "inspection", "review")


@dataclass(frozen=True, slots=True)
class ScoreItem:
    """One line of a score sheet.

    Fixed items give `most` or nothing, ranged ones nothing or anything from `least` to `most`; lines of a tick list
    have no points. `indicator` is the heading that a line shares with its neighbours, `note` what has to be said beside
    the answer (“say which”); without one that has a `veto` the whole sheet fails.
    """

    id: str
    label: Text
    least: Fraction
    most: Fraction
    is_ranged: bool
    veto: bool
    indicator: Text | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class ScoreGroup:
    """A headed group of score items; their highest points add up to `points`, which is 0 on a tick list."""

    id: str
    label: Text
    points: Fraction
    items: tuple[ScoreItem, ...]


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """A sheet for sites of some `kinds` and `variants` (none: all), filled in for the `uses` of `SHEET_USES`.

    The groups add up to `points`; at `pass_mark` and above it is passed. A tick list has neither: both are null.
    """

    id: str
    kinds: tuple[str, ...]
    variants: tuple[str, ...]
    uses: tuple[str, ...]
    article: Text
    label: Text
    points: Fraction | None
    pass_mark: Series[Fraction] | None
    groups: tuple[ScoreGroup, ...]

    @property
    def is_tick_list(self) -> bool:
        """Whether its lines are ticked and no total is formed."""
        return self.points is None

    @property
    def items(self) -> tuple[ScoreItem, ...]:
        """All lines in the order of the paper."""
        return tuple(self._items())

    def _items(self) -> Iterator[ScoreItem]:
        for group in self.groups:
            yield from group.items
