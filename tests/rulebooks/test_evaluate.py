"""Properties of the evaluator that hold whatever the numbers are."""

import random
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.months import Month, month_range
from app.rulebooks import AttestationFacts, Facts, SiteMonthFacts, SuspensionFacts, evaluate, forecast, load
from app.rulebooks.report import MET, NOT_MET, UNKNOWN, combine
from tests.rulebooks.cases import good_facts

RULEBOOK = load("qingdao-2023")
THRESHOLDS = {"public": 100, "internal": 50}
DAYS = st.dates(date(2024, 7, 1), date(2031, 12, 31))
RATINGS = st.tuples(*[st.integers(0, 20)] * 5)
BETTER = {UNKNOWN: 1, NOT_MET: 0, MET: 2}


@st.composite
def cases(draw: Any) -> tuple[Facts, date]:
    """Any room on any date, with months, ratings, suspensions and gaps in what is known."""
    on = draw(DAYS)
    month = Month.of_date(on)
    months = {}
    for one in month_range(month - 14, month):
        if draw(st.booleans()):
            counted = draw(st.integers(0, 220))
            months[one] = SiteMonthFacts(one, counted + draw(st.integers(0, 9)), counted, draw(RATINGS))
    suspended = draw(st.lists(st.tuples(st.integers(1, 14), st.integers(0, 4)), max_size=2))
    base, _ = good_facts()
    attestations = {
        name: AttestationFacts(draw(st.booleans()), on - timedelta(days=draw(st.integers(-3, 500))), "王芳")
        for name in RULEBOOK.attestations
        if draw(st.booleans())
    }
    facts = replace(
        base,
        location_kind=draw(st.sampled_from(("public", "internal"))),
        accepted_on=draw(st.none() | st.dates(on - timedelta(days=800), on + timedelta(days=40))),
        area_m2=draw(st.none() | st.fractions(0, 40)),
        months=draw(st.sampled_from((months, None))),
        attestations=draw(st.sampled_from((attestations, base.attestations))),
        suspensions=tuple(
            SuspensionFacts((month - back).start_at, (month - back + length).start_at) for back, length in suspended
        ),
    )
    return facts, on


def with_more_uses(facts: Facts, month: Month, more: int) -> Facts:
    """`facts` with `more` counted uses in one month; without a log there is still none."""
    if facts.months is None:
        return facts
    tally = facts.months.get(month, SiteMonthFacts(month, 0, 0))
    fuller = replace(tally, recorded=tally.recorded + more, counted=tally.counted + more)
    return replace(facts, months={**facts.months, month: fuller})


@settings(max_examples=150)
@given(cases(), st.integers(0, 14), st.integers(1, 500))
def test_more_uses_never_make_it_worse(case: tuple[Facts, date], back: int, more: int) -> None:
    facts, on = case
    before = evaluate(RULEBOOK, facts, on).finding("R8").result
    month = Month.of_date(on) - back
    after = evaluate(RULEBOOK, with_more_uses(facts, month, more), on).finding("R8").result
    assert (before, after) in {(MET, MET), (NOT_MET, NOT_MET), (NOT_MET, MET), (UNKNOWN, UNKNOWN)}


@settings(max_examples=100)
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_months_is_irrelevant(case: tuple[Facts, date], shuffle: random.Random) -> None:
    facts, on = case
    if facts.months is None:
        return
    rows = list(facts.months.items())
    shuffle.shuffle(rows)
    shuffled = replace(facts, months=dict(rows), suspensions=tuple(reversed(facts.suspensions)))
    assert evaluate(RULEBOOK, shuffled, on).as_dict("en") == evaluate(RULEBOOK, facts, on).as_dict("en")


@settings(max_examples=200)
@given(cases())
def test_unknown_never_passes_and_met_means_every_finding(case: tuple[Facts, date]) -> None:
    facts, on = case
    report = evaluate(RULEBOOK, facts, on)
    results = [finding.result for finding in report.findings]
    assert (report.verdict == MET) == all(result == MET for result in results)
    assert (report.verdict == NOT_MET) == (NOT_MET in results)
    for finding in report.findings:
        if finding.value is None:
            assert finding.result != MET
        for part in finding.parts:
            assert finding.result != MET or part.result == MET
            assert part.evidence


@settings(max_examples=200)
@given(cases())
def test_the_mean_is_the_plain_sum_over_the_plain_months(case: tuple[Facts, date]) -> None:
    facts, on = case
    report = evaluate(RULEBOOK, facts, on)
    finding, kept = report.finding("R8"), report.window.counted
    if facts.months is None or not kept:
        assert finding.value is None
        return
    total = sum(facts.months[month].counted for month in kept if month in facts.months)
    assert finding.value == Fraction(total, len(kept))
    if finding.result == MET:
        assert total >= THRESHOLDS[facts.location_kind] * len(kept)
    if finding.result == NOT_MET:
        assert total < THRESHOLDS[facts.location_kind] * len(kept)


@settings(max_examples=100)
@given(cases())
def test_what_is_shown_never_promises_more_than_there_is(case: tuple[Facts, date]) -> None:
    facts, on = case
    for finding in evaluate(RULEBOOK, facts, on).findings:
        row = finding.as_dict("zh")
        if isinstance(row["value"], bool) or row["value"] is None:
            continue
        assert Fraction(str(row["value"])) <= finding.value
        if row["margin"] is not None:
            assert (row["margin"] >= 0) == (finding.result == MET) or len(finding.parts) > 1


@settings(max_examples=60)
@given(cases())
def test_the_needed_uses_are_exactly_what_is_needed(case: tuple[Facts, date]) -> None:
    facts, on = case
    outlook = forecast(RULEBOOK, facts, on)
    if outlook.needed_this_month is None:
        return
    month = Month.of_date(on)
    with_them = mean_next_month(facts, month, outlook.needed_this_month)
    assert with_them >= THRESHOLDS[facts.location_kind]
    if outlook.needed_this_month > 0:
        assert mean_next_month(facts, month, outlook.needed_this_month - 1) < THRESHOLDS[facts.location_kind]


def mean_next_month(facts: Facts, month: Month, more: int) -> Fraction:
    """The mean on the first day of the next month, with `more` uses this month."""
    value = evaluate(RULEBOOK, with_more_uses(facts, month, more), (month + 1).first_on).finding("R8").value
    assert isinstance(value, Fraction)
    return value


@settings(max_examples=40)
@given(cases())
def test_a_site_that_may_apply_now_has_this_month_as_its_earliest(case: tuple[Facts, date]) -> None:
    facts, on = case
    if evaluate(RULEBOOK, facts, on).verdict == MET:
        assert forecast(RULEBOOK, facts, on).earliest == Month.of_date(on)


def test_a_single_failure_decides_and_nothing_at_all_is_unknown() -> None:
    assert combine([MET, UNKNOWN, NOT_MET]) == NOT_MET
    assert combine([MET, UNKNOWN]) == UNKNOWN
    assert combine([MET, MET]) == MET
    assert combine([]) == UNKNOWN


def test_every_finding_has_the_documented_fields_in_both_languages() -> None:
    facts, on = good_facts()
    for language in ("zh", "en"):
        for row in evaluate(RULEBOOK, facts, on).as_dict(language)["findings"]:
            assert " ".join(row) == "id label result value threshold unit margin article basis evidence advice"
            assert all("{" not in part["text"] and part["text"] for part in row["evidence"])


def test_advice_says_what_is_missing_in_numbers() -> None:
    facts, on = good_facts(uses=99, area_m2=12)
    report = evaluate(RULEBOOK, facts, on)
    assert report.finding("R8").as_dict("en")["advice"].startswith("1 uses a month are missing (threshold 100)")
    assert report.finding("R2").as_dict("en")["advice"] == "3 m² are missing (threshold 15)."
    assert report.finding("A1").as_dict("en")["advice"] == ""
