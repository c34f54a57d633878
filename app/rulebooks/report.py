"""What an evaluation says: findings, verdict, forecast, and their one JSON form."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from app.months import Month
from app.rulebooks.model import DEMONSTRATION, Scalar, Text
from app.rulebooks.phrases import Param, Phrase, fill, json_number
from app.rulebooks.rulebook import Rulebook
from app.rulebooks.window import Window

MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"


def combine(results: list[str]) -> str:
    """One result of several: a single not_met decides, for more evidence cannot undo it; else a single unknown."""
    if NOT_MET in results:
        return NOT_MET
    return UNKNOWN if UNKNOWN in results or not results else MET


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do next, with the numbers that go into it."""

    text: Text
    params: dict[str, Param]

    def say(self, language: str) -> str:
        """The sentence in ``zh`` or ``en``."""
        return fill(self.text, self.params, language)


@dataclass(frozen=True, slots=True)
class PartFinding:
    """One part of a condition judged. `margin` = value - threshold, for certain numbers only."""

    id: str
    label: Text
    measure: str
    result: str
    value: Scalar | None
    threshold: Scalar
    unit: str
    basis: str
    evidence: tuple[Phrase, ...]
    advice: Advice | None
    moves_with_time: bool

    @property
    def has_number(self) -> bool:
        """Whether it was measured in numbers; a statement that took the measure's place carries none."""
        return isinstance(self.threshold, Fraction) and (self.value is not None or self.result != MET)

    @property
    def margin(self) -> Fraction | None:
        """How far above (or, negative, below) the threshold; None without a number that decided the result."""
        if self.result == UNKNOWN or not isinstance(self.value, Fraction) or not isinstance(self.threshold, Fraction):
            return None
        decided_otherwise = self.result == MET and self.value < self.threshold
        return None if decided_otherwise else self.value - self.threshold


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition judged. Its number is that of its first measured part, else yes or no for all parts together."""

    id: str
    label: Text
    article: Text
    parts: tuple[PartFinding, ...]

    @property
    def result(self) -> str:
        """met, not_met or unknown."""
        return combine([part.result for part in self.parts])

    @property
    def numbers(self) -> tuple[PartFinding, ...]:
        """The parts that carry a number."""
        return tuple(part for part in self.parts if part.has_number)

    @property
    def measured(self) -> PartFinding | None:
        """The first part that carries a number, if any."""
        return next(iter(self.numbers), None)

    @property
    def value(self) -> Scalar | None:
        """The number, or whether all parts hold."""
        if self.measured is not None:
            return self.measured.value
        return {MET: True, NOT_MET: False}.get(self.result)

    @property
    def threshold(self) -> Scalar:
        """What `value` has to reach."""
        return self.measured.threshold if self.measured is not None else True

    @property
    def unit(self) -> str:
        """The unit of `value`."""
        return self.measured.unit if self.measured is not None else "yes_no"

    @property
    def margin(self) -> Fraction | None:
        """The measured part's margin."""
        return self.measured.margin if self.measured is not None else None

    @property
    def basis(self) -> str:
        """``operator`` when the number was set by the operator and not by the policy."""
        return self.measured.basis if self.measured is not None else self.parts[0].basis

    @property
    def advice(self) -> tuple[Advice, ...]:
        """What to do next, part by part."""
        return tuple(part.advice for part in self.parts if part.advice is not None)

    def advice_in(self, language: str) -> tuple[str, ...]:
        """What to do next in one language, no sentence twice."""
        return tuple(dict.fromkeys(advice.say(language) for advice in self.advice))

    @property
    def moves_with_time(self) -> bool:
        """Whether only time and use can change it."""
        return any(part.moves_with_time for part in self.parts)

    def as_dict(self, language: str) -> dict[str, Any]:
        """The documented JSON form."""
        return {
            "id": self.id,
            "label": self.label[language],
            "result": self.result,
            "value": plain(self.value),
            "threshold": plain(self.threshold),
            "unit": self.unit,
            "margin": plain(self.margin),
            "article": self.article[language],
            "basis": self.basis,
            "evidence": [
                {
                    "part": part.id,
                    "label": part.label[language],
                    "result": part.result,
                    "basis": part.basis,
                    "text": " ".join(phrase.say(language) for phrase in part.evidence),
                }
                for part in self.parts
            ],
            "advice": " ".join(self.advice_in(language)),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on one site under one rulebook on one date."""

    rulebook: Rulebook
    site_id: int | str
    site_name: str
    on: date
    window: Window
    findings: tuple[Finding, ...]
    not_applicable: tuple[str, ...]
    purpose: str = DEMONSTRATION

    @property
    def verdict(self) -> str:
        """met only when every finding is met; unknown never passes."""
        return combine([finding.result for finding in self.findings])

    def finding(self, condition_id: str) -> Finding:
        """The finding of one condition. Raises KeyError when it does not apply."""
        for finding in self.findings:
            if finding.id == condition_id:
                return finding
        raise KeyError(condition_id)

    def measured(self, measure: str) -> PartFinding | None:
        """The first part that a measure of this name has judged, in whatever condition."""
        parts = (part for finding in self.findings for part in finding.parts if part.measure == measure)
        return next(parts, None)

    def as_dict(self, language: str) -> dict[str, Any]:
        """The documented JSON form; only wordings depend on the language."""
        rulebook = self.rulebook
        return {
            "rulebook": {"id": rulebook.id, "digest": rulebook.digest, "dated": rulebook.dated.isoformat()},
            "site": {"id": self.site_id, "name": self.site_name},
            "on": self.on.isoformat(),
            "window": {
                "first": str(self.window.first),
                "last": str(self.window.last),
                "months": [str(month) for month in self.window.counted],
                "left_out": [{"month": str(month), "reason": reason} for month, reason in self.window.left_out],
            },
            "verdict": self.verdict,
            "findings": [finding.as_dict(language) for finding in self.findings],
            "not_applicable": list(self.not_applicable),
        }


@dataclass(frozen=True, slots=True)
class Forecast:
    """What it takes. `needed_this_month` is null when no average can be held this month.

    `earliest` is null when no such month is in sight. `assumption` says what the earliest month rests on; `blocked_by`
    names conditions that neither time nor use will meet, and that somebody has to put right by then.
    """

    month: Month
    needed_this_month: int | None
    counted_this_month: int
    earliest: Month | None
    assumption: Phrase
    blocked_by: tuple[str, ...]

    def as_dict(self, language: str) -> dict[str, Any]:
        """The documented JSON form."""
        return {
            "month": str(self.month),
            "counted_this_month": self.counted_this_month,
            "needed_this_month": self.needed_this_month,
            "earliest_month": str(self.earliest) if self.earliest else None,
            "assumption": self.assumption.say(language),
            "blocked_by": list(self.blocked_by),
        }


def plain(value: Scalar | None) -> bool | int | float | None:
    """A value for JSON."""
    return json_number(value) if isinstance(value, Fraction) else value
