"""The one pure evaluator: a rulebook, facts and a date in, a report out. It reads no clock and knows no policy."""

from datetime import date
from fractions import Fraction
from functools import lru_cache

from app.rulebooks.facts import Facts
from app.rulebooks.measures import COMMON_PLACEHOLDERS, MEASURES, window_of
from app.rulebooks.model import DEMONSTRATION, Condition, Part, Scalar
from app.rulebooks.phrases import Param, Phrase
from app.rulebooks.question import Question, Reading
from app.rulebooks.report import MET, NOT_MET, UNKNOWN, Advice, Finding, PartFinding, Report
from app.rulebooks.rulebook import Rulebook
from app.rulebooks.statements import attestation_reading
from app.rulebooks.window import Window

Parts = tuple[tuple[Part, Scalar], ...]
Sort = tuple[str, str, str | None]


def evaluate(rulebook: Rulebook, facts: Facts, on: date, purpose: str = DEMONSTRATION) -> Report:
    """Judge a site on a local date (the application date) under the conditions for its kind (qingdao-2023 art. 15-16).

    `purpose` is ``demonstration``, ``standard`` (what every site has to have) or ``encouraged``. Raises `NotInForce`
    when the rulebook says nothing about that date and `NoConditions` about that kind of site.
    """
    rulebook.require_in_force(on)
    window = window_of(rulebook, facts, on)
    applicable = conditions_in_force(rulebook, sort_of(rulebook, facts), purpose, on)
    names = {condition.id for condition, _ in applicable}
    of_purpose = [one for one in rulebook.conditions if facts.kind in one.kinds and one.purpose == purpose]
    return Report(
        rulebook=rulebook,
        site_id=facts.site_id,
        site_name=facts.name,
        on=on,
        window=window,
        findings=tuple(_judge(condition, _ask(rulebook, facts, on, window, parts)) for condition, parts in applicable),
        not_applicable=tuple(condition.id for condition in of_purpose if condition.id not in names),
        purpose=purpose,
    )


def sort_of(rulebook: Rulebook, facts: Facts) -> Sort:
    """Kind, location kind and variant of a site; no variant when it has none or the premises are not known."""
    variant = rulebook.variant_of(facts.kind, facts.premises)
    return facts.kind, facts.location_kind, variant.id if variant is not None else None


@lru_cache(maxsize=512)
def conditions_in_force(rulebook: Rulebook, of: Sort, purpose: str, on: date) -> tuple[tuple[Condition, Parts], ...]:
    """The conditions for such sites with their parts and thresholds of a date: the same for thousands of sites."""
    kind, location_kind, variant = of
    conditions = rulebook.conditions_for(kind, location_kind, purpose, variant)
    return tuple((condition, _parts_in_force(condition, of, on)) for condition in conditions)


def _parts_in_force(condition: Condition, of: Sort, on: date) -> Parts:
    _, location_kind, variant = of
    parts = condition.parts_for(location_kind, variant)
    return tuple((part, part.thresholds.at(on).value.of(location_kind)) for part in parts)


def judge(rulebook: Rulebook, condition: Condition, facts: Facts, on: date, window: Window) -> Finding:
    """Judge one condition."""
    parts = _parts_in_force(condition, sort_of(rulebook, facts), on)
    return _judge(condition, _ask(rulebook, facts, on, window, parts))


def _ask(rulebook: Rulebook, facts: Facts, on: date, window: Window, parts: Parts) -> list[Question]:
    return [question_of(rulebook, facts, on, window, asked) for asked in parts]


def question_of(rulebook: Rulebook, facts: Facts, on: date, window: Window, asked: tuple[Part, Scalar]) -> Question:
    """What one part of a condition, with its threshold, asks about a site."""

    def meets(other: Facts, section: str) -> dict[str, str]:
        return section_results(rulebook, other, section, on)

    return Question(rulebook, facts, on, window, *asked, meets)


def section_results(rulebook: Rulebook, facts: Facts, section: str, on: date) -> dict[str, str]:
    """Results by id of the title's conditions in one section of demands; none for a kind without conditions."""
    if not any(
        facts.kind in condition.kinds and condition.purpose == DEMONSTRATION for condition in rulebook.conditions
    ):
        return {}
    window = window_of(rulebook, facts, on)
    applicable = conditions_in_force(rulebook, sort_of(rulebook, facts), DEMONSTRATION, on)
    wanted = [(condition, parts) for condition, parts in applicable if condition.section == section]
    asked = [(condition, _ask(rulebook, facts, on, window, parts)) for condition, parts in wanted]
    return {condition.id: _judge(condition, questions).result for condition, questions in asked}


def _judge(condition: Condition, questions: list[Question]) -> Finding:
    return Finding(condition.id, condition.label, condition.article, tuple(map(judge_part, questions)))


def moving_conditions(rulebook: Rulebook, facts: Facts) -> tuple[Condition, ...]:
    """The conditions that time and use can meet."""
    applicable = rulebook.conditions_for(facts.kind, facts.location_kind)
    return tuple(c for c in applicable if any(map(_moves_with_time, c.parts_for(facts.location_kind))))


def _moves_with_time(part: Part) -> bool:
    return MEASURES[part.measure].moves_with_time


def judge_part(question: Question) -> PartFinding:
    """Judge one part: its result with the evidence and what to do next."""
    part, measure = question.part, MEASURES[question.part.measure]
    reading = _reading(question)
    threshold = question.threshold if reading.threshold is None else reading.threshold
    result = _result(reading, threshold)
    evidence = reading.evidence
    if part.or_attested is not None and result != MET:
        instead = attestation_reading(question, part.or_attested)
        result = MET if instead.value is True else result
        if measure.statement_decides and result == UNKNOWN and instead.value is False:
            result = NOT_MET
        evidence += instead.evidence if instead.value is not None else ()
    return PartFinding(
        id=part.id,
        label=part.label,
        measure=part.measure,
        result=result,
        value=reading.value,
        threshold=threshold,
        unit=reading.unit or part.unit,
        basis=part.basis,
        evidence=evidence,
        advice=_advice(part, result, reading, threshold),
        moves_with_time=measure.moves_with_time,
    )


def _reading(question: Question) -> Reading:
    part, facts = question.part, question.facts
    if part.variants and question.rulebook.variant_of(facts.kind, facts.premises) is None:
        return Reading(None, False, (Phrase("premises_not_recorded"),))
    return MEASURES[part.measure].read(question)


def _result(reading: Reading, threshold: Scalar) -> str:
    if reading.value is None or not reading.is_certain:
        return UNKNOWN
    if isinstance(threshold, bool):
        return MET if reading.value is threshold else NOT_MET
    return MET if reading.value >= threshold else NOT_MET


def _advice(part: Part, result: str, reading: Reading, threshold: Scalar) -> Advice | None:
    text = part.advice.get(result)
    if text is None:
        return None
    params: dict[str, Param] = dict.fromkeys((*COMMON_PLACEHOLDERS, *MEASURES[part.measure].placeholders), "-")
    if isinstance(threshold, Fraction):
        params["threshold"] = threshold
        if isinstance(reading.value, Fraction):
            params |= {"value": reading.value, "missing": max(-_cut_margin(reading.value, threshold), Fraction(0))}
    return Advice(text, params | dict(reading.params))


def _cut_margin(value: Fraction, threshold: Fraction) -> Fraction:
    """The margin cut to hundredths, so that what is said to be missing is never less than what is."""
    return Fraction((value - threshold).numerator * 100 // (value - threshold).denominator, 100)
