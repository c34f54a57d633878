"""Verdicts for very many sites: what `evaluate` says, without the reasons in words.

There is one evaluator. Here it is asked only once for each distinct piece of facts that a part of a condition looks at:
thousands of sites were accepted on the same day, have the same equipment, or made the same statement.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date

from app.rulebooks.evaluate import Sort, conditions_in_force, judge_part, question_of, sort_of
from app.rulebooks.facts import Facts
from app.rulebooks.known import SuspensionFacts
from app.rulebooks.measures import window_of
from app.rulebooks.model import DEMONSTRATION, Condition, Part, Scalar
from app.rulebooks.pieces import Look, look_of
from app.rulebooks.report import NOT_MET, UNKNOWN, PartFinding, combine
from app.rulebooks.rulebook import Rulebook
from app.rulebooks.window import Window

MOST_REMEMBERED = 100_000
"""Distinct pieces that one part keeps the results of: memory stays bounded however many sites there are."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`result` and the ids of open conditions, as the `Report` has them. `parts` are results by measure, the first."""

    result: str
    not_met: tuple[str, ...]
    unknown: tuple[str, ...]
    parts: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Check:
    """One part: what it looks at, the results known by piece, and whom to ask for a new one."""

    condition: Condition
    part: Part
    threshold: Scalar
    look: Look | None
    known: dict[Hashable, str]
    ask: Callable[[Facts, Window], PartFinding]

    def result(self, facts: Facts, window: Window) -> str:
        if self.look is None:
            return self.ask(facts, window).result
        if len(self.known) >= MOST_REMEMBERED:
            self.known.clear()
        found = self.known[self.look(facts, window)] = self.ask(facts, window).result
        return found


class Judge:
    """Judges sites on one local date under one rulebook for one purpose. Raises `NotInForce` as `evaluate` does."""

    def __init__(self, rulebook: Rulebook, on: date, purpose: str = DEMONSTRATION) -> None:
        rulebook.require_in_force(on)
        self.rulebook, self.on, self._purpose = rulebook, on, purpose
        has_scores = "rating_scores" in rulebook.settings
        self.scores = rulebook.setting_numbers("rating_scores", on) if has_scores else ()
        self.near_percent = rulebook.setting("near_percent", on, 0)
        self._sorts: dict[tuple[str, str, str | None], tuple[_Check, ...]] = {}
        self._checks: dict[Sort, tuple[_Check, ...]] = {}
        self._windows: dict[tuple[date | None, tuple[SuspensionFacts, ...]], Window] = {}
        self._verdicts: dict[tuple[Sort, tuple[str, ...]], Verdict] = {}

    def window(self, facts: Facts) -> Window:
        """The evaluation window of a site."""
        key = (facts.accepted_on, facts.suspensions)
        window = self._windows.get(key)
        if window is None:
            if len(self._windows) >= MOST_REMEMBERED:
                self._windows.clear()
            window = self._windows[key] = window_of(self.rulebook, facts, self.on)
        return window

    def verdict(self, facts: Facts) -> Verdict:
        """Judge one site. Raises `NoConditions` about its kind."""
        sort = (facts.kind, facts.location_kind, facts.premises)
        checks = self._sorts.get(sort)
        if checks is None:
            checks = self._sorts[sort] = self._checks_for(sort_of(self.rulebook, facts))
        window = self.window(facts)
        results = []
        for check in checks:
            # A look-up for each part of each site: this loop is what a night over a country's sites consists of.
            found = check.known.get(check.look(facts, window)) if check.look is not None else None
            results.append(found or check.result(facts, window))
        key = (sort, tuple(results))
        verdict = self._verdicts.get(key)
        if verdict is None:
            if len(self._verdicts) >= MOST_REMEMBERED:
                self._verdicts.clear()
            verdict = self._verdicts[key] = _verdict(checks, key[1])
        return verdict

    def measured(self, facts: Facts, measure: str) -> PartFinding | None:
        """The first part that a measure of this name judges, as `Report.measured` has it. Raises as `verdict` does."""
        checks = self._checks_for(sort_of(self.rulebook, facts))
        asked = (check.ask for check in checks if check.part.measure == measure)
        return next((ask(facts, self.window(facts)) for ask in asked), None)

    def threshold(self, facts: Facts, measure: str) -> Scalar | None:
        """What the first part that uses `measure` asks of such a site. None without such a part."""
        checks = self._checks_for(sort_of(self.rulebook, facts))
        return next((check.threshold for check in checks if check.part.measure == measure), None)

    def _checks_for(self, sort: Sort) -> tuple[_Check, ...]:
        if sort not in self._checks:
            applicable = conditions_in_force(self.rulebook, sort, self._purpose, self.on)
            self._checks[sort] = tuple(
                _Check(condition, *asked, look_of(self.rulebook, asked[0], self.on), {}, self._asking(asked))
                for condition, parts in applicable
                for asked in parts
            )
        return self._checks[sort]

    def _asking(self, asked: tuple[Part, Scalar]) -> Callable[[Facts, Window], PartFinding]:
        rulebook, on = self.rulebook, self.on
        return lambda facts, window: judge_part(question_of(rulebook, facts, on, window, asked))


def _verdict(checks: Iterable[_Check], results: tuple[str, ...]) -> Verdict:
    by_condition: dict[str, list[str]] = {}
    by_measure: dict[str, str] = {}
    for check, result in zip(checks, results, strict=True):
        by_condition.setdefault(check.condition.id, []).append(result)
        by_measure.setdefault(check.part.measure, result)
    combined = {name: combine(found) for name, found in by_condition.items()}
    return Verdict(
        result=combine(list(combined.values())),
        not_met=tuple(name for name, result in combined.items() if result == NOT_MET),
        unknown=tuple(name for name, result in combined.items() if result == UNKNOWN),
        parts=by_measure,
    )
