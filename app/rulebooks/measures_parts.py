"""Measures about the parts of a combined site."""

from collections.abc import Mapping
from fractions import Fraction

from app.rulebooks.facts import PartFacts
from app.rulebooks.phrases import Param, Phrase, phrase_texts
from app.rulebooks.question import Question, Reading, unanswered
from app.rulebooks.report import MET, NOT_MET, UNKNOWN, combine


def kinds(question: Question) -> Reading:
    """How many different kinds of site belong to it."""
    parts = question.facts.parts
    if not parts:
        return unanswered("no_parts")
    names = question.rulebook.kind_names
    found = {part.facts.kind: names.get(part.facts.kind, part.facts.kind) for part in parts}
    told: dict[str, Param] = {"n": len(found), "which": tuple(found.values())}
    return Reading(Fraction(len(found)), True, (Phrase("part_kinds", told),))


def self_checks(question: Question) -> Reading:
    """The lowest self-check among the parts. One below the threshold decides, even while others are missing."""
    parts = question.facts.parts
    if not parts:
        return unanswered("no_parts", which="-")
    scores = [part.self_check_score for part in parts if part.self_check_score is not None]
    lowest = min(scores, default=None)
    is_low = lowest is not None and not isinstance(question.threshold, bool) and lowest < question.threshold
    missing = tuple(part.facts.name for part in parts if part.self_check_score is None)
    low = tuple(part.facts.name for part in parts if _is_low(part, question))
    return Reading(
        value=lowest,
        is_certain=is_low or not missing,
        evidence=tuple(_score_of(part) for part in parts),
        params={"which": low or missing},
    )


def _is_low(part: PartFacts, question: Question) -> bool:
    score, threshold = part.self_check_score, question.threshold
    return score is not None and not isinstance(threshold, bool) and score < threshold


def _score_of(part: PartFacts) -> Phrase:
    if part.self_check_score is None:
        return Phrase("part_unchecked", {"name": part.facts.name})
    return Phrase("part_score", {"name": part.facts.name, "score": part.self_check_score})


def meet(question: Question) -> Reading:
    """Whether every part meets what its kind demands in one section; one that does not decides."""
    parts, section = question.facts.parts, question.part.section or ""
    if not parts:
        return unanswered("no_parts", which="-")
    by_part = [(part.facts.name, question.meets(part.facts, section)) for part in parts]
    results = [(name, combine(list(by_id.values()))) for name, by_id in by_part]
    decides = combine([result for _, result in results])
    return Reading(
        value={MET: True, NOT_MET: False}.get(decides),
        is_certain=decides != UNKNOWN,
        evidence=tuple(_said(name, by_id) for name, by_id in by_part),
        params={"which": tuple(name for name, result in results if result == decides)},
    )


def _said(name: str, by_id: Mapping[str, str]) -> Phrase:
    result = combine(list(by_id.values()))
    open_ids = tuple(condition for condition, one in by_id.items() if one == result != MET)
    said: Param = phrase_texts()[f"result_{result}"]
    return Phrase("part_open" if open_ids else "part_result", {"name": name, "result": said, "which": open_ids})
