"""What every benchmark tells: rows of a table with what was measured, the target, and whether it was met."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

HEAD = ("work", "ours", "against", "theirs", "measured", "range", "by CPU", "target", "")


@dataclass(frozen=True, slots=True)
class Target:
    """What a measured value has to reach: a ratio (`unit` ``×``) or a quantity in `unit`."""

    least: float | None = None
    most: float | None = None
    unit: str = "×"

    @classmethod
    def at_least(cls, value: float, unit: str = "×") -> Self:
        """Higher is better."""
        return cls(least=value, unit=unit)

    @classmethod
    def at_most(cls, value: float, unit: str = "×") -> Self:
        """Lower is better."""
        return cls(most=value, unit=unit)

    def is_met(self, value: float) -> bool:
        """Whether `value` reaches it; always, where there is no bound."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        if self.least is None and self.most is None:
            return "—"
        sense, bound = ("≥", self.least) if self.least is not None else ("≤", self.most)
        return f"{sense} {number(bound or 0)} {self.unit}"


SHOWN = Target()
"""A row that is shown for comparison, without a target; give one with another unit where it is not a ratio."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: `value` is what is compared with `target`, `spread` its lowest and highest round.

    `by_cpu` is the same ratio by time of CPU, which neighbours on a busy machine disturb less than the clock's; it is
    shown and not judged. `ours` and `theirs` are what was measured, with their units; `theirs` is that of `against`.
    """

    work: str
    value: float
    target: Target
    ours: str = ""
    against: str = ""
    theirs: str = ""
    spread: tuple[float, float] | None = None
    by_cpu: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether the target was met; a row without one always is."""
        return self.target.is_met(self.value)

    @property
    def has_target(self) -> bool:
        """Whether there is a bound to reach."""
        return self.target.least is not None or self.target.most is not None

    def cells(self) -> tuple[str, ...]:
        """The row as texts, one for each of `HEAD`."""
        spread = "" if self.spread is None else f"{number(self.spread[0])}–{number(self.spread[1])}"
        verdict = ("met" if self.is_met else "**not met**") if self.has_target else ""
        measured = f"{number(self.value)} {self.target.unit}"
        by_cpu = "" if self.by_cpu is None else f"{number(self.by_cpu)} ×"
        return (self.work, self.ours, self.against, self.theirs, measured, spread, by_cpu, str(self.target), verdict)


def number(value: float) -> str:
    """Three significant digits, thousands with a comma."""
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def markdown(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [HEAD, tuple("---" for _ in HEAD), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"
