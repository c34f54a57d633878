"""What a measure is asked, and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from app.months import Month
from app.rulebooks.facts import Facts
from app.rulebooks.model import Part, Scalar
from app.rulebooks.phrases import Param, Phrase
from app.rulebooks.rulebook import Rulebook
from app.rulebooks.window import Window


@dataclass(frozen=True, slots=True)
class Question:
    """What a measure may look at. `threshold` is the one in force on `on` for the site's location kind.

    `meets` gives, for a part of a combined site and a section of demands, the results by condition id.
    """

    rulebook: Rulebook
    facts: Facts
    on: date
    window: Window
    part: Part
    threshold: Scalar
    meets: Callable[[Facts, str], Mapping[str, str]]

    def setting(self, name: str) -> int:
        """A setting of the rulebook on the date asked about."""
        return self.rulebook.setting(name, self.on)

    def is_recent(self, day: date, months: int) -> bool:
        """Whether a day lies in the so many months up to the date asked about, which is included."""
        return is_recent(day, months, self.on)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured. While `is_certain` is false the value, if any, is shown and not judged.

    `threshold` and `unit` replace the rulebook's where a measure counts in a finer unit; `params` go into the advice.
    """

    value: Scalar | None
    is_certain: bool
    evidence: tuple[Phrase, ...]
    params: Mapping[str, Param] = field(default_factory=dict)
    threshold: Fraction | None = None
    unit: str | None = None


def is_recent(day: date, months: int, on: date) -> bool:
    """Whether a day lies in the so many months up to `on`, which is included."""
    return months_later(on, -months) < day <= on


def months_later(day: date, months: int) -> date:
    """The same day some months later (earlier when negative), the last of the month where there is none."""
    month = Month.of_date(day) + months
    return date(month.year, month.month, min(day.day, month.days))


def unanswered(name: str, **params: Param) -> Reading:
    """No value, and the one phrase that says why."""
    return Reading(None, False, (Phrase(name, params),), params)
