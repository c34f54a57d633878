"""Properties of the measures about care, nurseries, parts, logs and titles, whatever the numbers are."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rulebooks import (
    ActivityFacts,
    CareFacts,
    CareTermFacts,
    Facts,
    IncidentFacts,
    NurseryFacts,
    PartFacts,
    TitleFacts,
    evaluate,
    forecast,
    load,
)
from app.rulebooks.measures import MEASURES
from app.rulebooks.phrases import phrase_texts
from app.rulebooks.report import MET, NOT_MET, UNKNOWN
from tests.rulebooks.cases import CASES, facts_of, whole

ON = date(2026, 11, 22)
RULEBOOK = load("qingdao-2023")
KINDS = {"_base": "room", "_holiday_care": "holiday_care", "_nursery": "nursery", "_combined": "combined"}
ORDER = {NOT_MET: 0, UNKNOWN: 1, MET: 2}
DAYS = st.dates(ON - timedelta(days=1200), ON + timedelta(days=40))


@cache
def good(base: str) -> Facts:
    """The site of a base, which meets everything."""
    return facts_of(whole({"base": base}, "qingdao-2023"))


@st.composite
def terms(draw: Any) -> CareTermFacts:
    """Any term."""
    first, expected = draw(DAYS), draw(st.integers(0, 900))
    last = first + timedelta(days=draw(st.integers(0, 60)))
    numbers = [draw(st.integers(0, 40)) for _ in range(2)]
    return CareTermFacts("班", first, last, *numbers, expected, draw(st.integers(0, expected)))


@st.composite
def returns(draw: Any) -> NurseryFacts:
    """Any return."""
    whole_numbers = [draw(st.integers(0, 60)) for _ in range(3)]
    amounts = [draw(st.none() | st.integers(0, 4000).map(lambda n: Fraction(n, 4))) for _ in range(4)]
    types = tuple(draw(st.sets(st.sampled_from(("full_day", "half_day", "hourly")))))
    return NurseryFacts(draw(DAYS), *whole_numbers, types, *amounts)


INCIDENTS = st.builds(IncidentFacts, st.sampled_from(("accident", "violation", "abuse", "bad_event")), DAYS)
ACTIVITIES = st.builds(ActivityFacts, st.sampled_from(("activity", "lecture")), DAYS)


@st.composite
def sites(draw: Any, bases: tuple[str, ...] = tuple(KINDS)) -> Facts:
    """Any site of any kind, with gaps in what is known."""
    facts = good(draw(st.sampled_from(bases)))
    kept = [name for name in facts.attestations if draw(st.booleans()) or draw(st.booleans())]
    changes: dict[str, Any] = {
        "attestations": {name: replace(facts.attestations[name], holds=draw(st.booleans())) for name in kept},
        "incidents": tuple(draw(st.lists(INCIDENTS, max_size=2))),
        "activities": draw(st.none() | st.lists(ACTIVITIES, max_size=3).map(tuple)),
    }
    if facts.kind == "holiday_care":
        changes["care"] = draw(st.none() | st.lists(terms(), max_size=3).map(tuple).map(CareFacts))
    if facts.kind == "nursery":
        changes["nursery"] = draw(st.none() | returns())
    if facts.kind == "combined":
        part = st.builds(PartFacts, sites(("_base", "_holiday_care", "_nursery")), st.none() | st.just(Fraction(85)))
        changes["parts"] = draw(st.none() | st.lists(part, max_size=2).map(tuple))
    return draw(st.sampled_from((facts, replace(facts, **changes))))


@settings(max_examples=120)
@given(sites(), st.sampled_from(("demonstration", "standard")))
def test_unknown_never_passes_for_any_kind(facts: Facts, purpose: str) -> None:
    report = evaluate(RULEBOOK, facts, ON, purpose)
    results = [finding.result for finding in report.findings]
    assert (report.verdict == MET) == all(result == MET for result in results)
    for finding in report.findings:
        if finding.value is None:
            assert finding.result != MET
        assert all(part.evidence for part in finding.parts)
        for language in ("zh", "en"):
            row = finding.as_dict(language)
            assert "{" not in row["advice"] + "".join(part["text"] for part in row["evidence"])
    assert Facts.from_json(facts.to_json()) == facts


@settings(max_examples=60)
@given(sites())
def test_the_forecast_works_for_every_kind(facts: Facts) -> None:
    outlook = forecast(RULEBOOK, facts, ON)
    if evaluate(RULEBOOK, facts, ON).verdict == MET:
        assert str(outlook.earliest) == "2026-11"
    assert outlook.as_dict("zh")["assumption"]


@settings(max_examples=80)
@given(sites(), INCIDENTS)
def test_an_incident_never_makes_it_better(facts: Facts, incident: IncidentFacts) -> None:
    before = evaluate(RULEBOOK, facts, ON).verdict
    after = evaluate(RULEBOOK, replace(facts, incidents=(*facts.incidents, incident)), ON).verdict
    assert ORDER[after] <= ORDER[before]


@settings(max_examples=80)
@given(terms(), st.integers(1, 30))
def test_more_children_days_and_attendance_never_make_it_worse(term: CareTermFacts, more: int) -> None:
    facts = good("_holiday_care")
    better = replace(
        term,
        children=term.children + more,
        days_run=term.days_run + more,
        expected=term.expected + more,
        attended=term.attended + more,
    )
    before, after = (evaluate(RULEBOOK, replace(facts, care=CareFacts((one,))), ON) for one in (term, better))
    for condition in ("H5", "H6", "H7"):
        assert ORDER[after.finding(condition).result] >= ORDER[before.finding(condition).result] or (
            before.finding(condition).result == UNKNOWN
        )


@settings(max_examples=80)
@given(terms())
def test_the_attendance_rate_is_exact(term: CareTermFacts) -> None:
    facts = replace(good("_holiday_care"), care=CareFacts((term,)))
    finding = evaluate(RULEBOOK, facts, ON).finding("H7")
    if finding.value is not None:
        assert finding.value == Fraction(100 * term.attended, term.expected)
        assert (finding.result == MET) == (100 * term.attended >= 70 * term.expected)


@settings(max_examples=60)
@given(st.lists(ACTIVITIES, max_size=4), ACTIVITIES)
def test_one_more_entry_in_the_log_never_takes_a_pass_away(log: list[ActivityFacts], more: ActivityFacts) -> None:
    facts = good("_base")
    before = evaluate(RULEBOOK, replace(facts, activities=tuple(log)), ON).finding("R7").result
    after = evaluate(RULEBOOK, replace(facts, activities=(*log, more)), ON).finding("R7").result
    assert before != MET or after == MET


@settings(max_examples=60)
@given(st.lists(st.builds(TitleFacts, st.just("示范"), DAYS, st.none() | DAYS), max_size=3))
def test_dalian_refuses_whoever_holds_the_title(titles: list[TitleFacts]) -> None:
    dalian = load("dalian-2017")
    facts = replace(facts_of(whole({}, "dalian-2017")), titles=tuple(titles))
    held = any(one.granted_on <= ON and (one.revoked_on is None or one.revoked_on > ON) for one in titles)
    assert (evaluate(dalian, facts, ON).finding("D2").result == NOT_MET) == held


@settings(max_examples=40)
@given(sites(("_combined",)))
def test_the_order_of_parts_is_irrelevant(facts: Facts) -> None:
    turned = replace(facts, parts=tuple(reversed(facts.parts)) if facts.parts is not None else None)
    before, after = evaluate(RULEBOOK, facts, ON), evaluate(RULEBOOK, turned, ON)
    assert [one.result for one in after.findings] == [one.result for one in before.findings]


@pytest.mark.parametrize("name", [path.name for path in CASES.iterdir() if path.is_dir()])
def test_every_measure_a_rulebook_uses_is_known_and_has_a_unit(name: str) -> None:
    for condition in load(name).conditions:
        for part in condition.parts:
            assert part.measure in MEASURES
            assert f"unit_{part.unit}" in phrase_texts()


def test_every_measure_is_used_by_some_rulebook() -> None:
    used = {part.measure for name in CASES.iterdir() for one in load(name.name).conditions for part in one.parts}
    assert used == set(MEASURES)
