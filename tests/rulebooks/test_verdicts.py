"""Judging many sites says of each what the evaluator says of it alone."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.months import Month, month_range
from app.rulebooks import (
    ActivityFacts,
    AttestationFacts,
    CareFacts,
    CareTermFacts,
    Facts,
    IncidentFacts,
    NoConditions,
    NotInForce,
    NurseryFacts,
    PartFacts,
    Rulebook,
    SiteMonthFacts,
    SuspensionFacts,
    TitleFacts,
    available,
    evaluate,
    load,
)
from app.rulebooks.known import ACTIVITY_KINDS, INCIDENT_KINDS, SYSTEM_FACTS
from app.rulebooks.measures import MEASURES, rating_counts, uses_total
from app.rulebooks.model import KINDS, PURPOSES
from app.rulebooks.pieces import PIECES
from app.rulebooks.report import NOT_MET, UNKNOWN, PartFinding
from app.rulebooks.tallies import Tallies
from app.rulebooks.verdicts import Judge
from tests.rulebooks.cases import good_facts

DATES = (date(2026, 11, 20), date(2026, 2, 28), date(2024, 2, 29))
CODES = sorted({
    code
    for name in available()
    for condition in load(name).conditions
    for part in condition.parts
    for group in part.groups
    for code in group.any_of
})  # fmt: skip


def any_facts(rng: Random, rulebook: Rulebook, on: date, kinds: tuple[str, ...] = KINDS) -> Facts:
    """Any site, from few values each, so that many sites have the same piece and differ in the next."""

    def day(most: int = 800) -> date:
        return on - timedelta(days=rng.choice((-1, 0, 1, 30, 364, 365, 366, rng.randrange(most))))

    def maybe(value: Any) -> Any:
        return rng.choice((value, value, None))

    kind = rng.choice(kinds)
    number = rng.randrange(3) if kind == "combined" else 0
    parts = [any_facts(rng, rulebook, on, KINDS[:3]) for _ in range(number)]
    return Facts(
        site_id=rng.randrange(10**6),
        name="甲小屋",
        kind=kind,
        location_kind=rng.choice(("public", "internal")),
        accepted_on=maybe(day()),
        area_m2=maybe(Fraction(rng.choice((999, 1000, 1499, 1500)), 100)),
        facilities=maybe({code: rng.choice((1, 0, None)) for code in CODES if rng.random() < 0.9}),
        system={name: rng.random() < 0.8 for name in SYSTEM_FACTS if rng.random() < 0.9},
        attestations={
            name: AttestationFacts(rng.random() < 0.8, day(), "王芳")
            for name in rulebook.attestations
            if rng.random() < 0.9
        },
        months=maybe(any_months(rng, Month.of_date(on))),
        suspensions=any_suspensions(rng, Month.of_date(on)),
        premises=maybe(rng.choice([one for variant in rulebook.variants for one in variant.premises] or ["x"])),
        activities=maybe(tuple(ActivityFacts(rng.choice(ACTIVITY_KINDS), day()) for _ in range(rng.randrange(9)))),
        incidents=tuple(IncidentFacts(rng.choice(INCIDENT_KINDS), day()) for _ in range(rng.randrange(2))),
        titles=maybe(tuple(TitleFacts("示范", day(), maybe(on)) for _ in range(rng.randrange(2)))),
        care=maybe(CareFacts(tuple(any_term(rng, day()) for _ in range(rng.randrange(3))))),
        nursery=maybe(NurseryFacts(day(), rng.choice((0, 20, 40)), 20, rng.choice((0, 12)), ("full_day", "hourly"))),
        parts=tuple(PartFacts(one, maybe(Fraction(rng.choice((79, 80))))) for one in parts) or None,
    )


def any_months(rng: Random, last: Month) -> dict[Month, SiteMonthFacts]:
    """Tallies near the thresholds, some months without any."""
    level = rng.choice((0, 49, 50, 99, 100, 101))
    return {
        month: SiteMonthFacts(month, level + 1, max(0, level + rng.randrange(-1, 2)), (0, 0, 1, 1, rng.choice((1, 3))))
        for month in month_range(last - 14, last)
        if rng.random() < 0.9
    }


def any_suspensions(rng: Random, month: Month) -> tuple[SuspensionFacts, ...]:
    """None, or one or two that cover whole months."""
    backs = rng.sample(range(1, 13), rng.choice((0, 0, 1, 2)))
    return tuple(SuspensionFacts((month - back).start_at, (month - back).end_at) for back in backs)


def any_term(rng: Random, day: date) -> CareTermFacts:
    """A term of holiday care."""
    return CareTermFacts(
        "暑假", day, day + timedelta(days=30), rng.choice((9, 10, 20)), 20, 300, rng.choice((200, 290))
    )


def bare(facts: Facts, window: list[Month]) -> Facts:
    """The same facts with tallies as bare numbers."""
    if facts.months is None:
        return facts
    of_each = [facts.months.get(month, SiteMonthFacts(month, 0, 0)) for month in window]
    ratings = tuple(map(sum, zip(*(one.ratings for one in of_each), strict=True)))
    return replace(facts, months=Tallies(window[0], tuple(one.counted for one in of_each), ratings))


def alone(rulebook: Rulebook, facts: Facts, on: date, purpose: str) -> Any:
    """What the evaluator says, in short."""
    try:
        report = evaluate(rulebook, facts, on, purpose)
    except NoConditions:
        return None
    ids = [tuple(one.id for one in report.findings if one.result == result) for result in (NOT_MET, UNKNOWN)]
    firsts = {part.measure: part.result for one in report.findings[::-1] for part in one.parts[::-1]}
    return report.verdict, *ids, firsts, {measure: in_short(report.measured(measure)) for measure in firsts}


def in_short(part: PartFinding | None) -> Any:
    """What was found and asked, without the evidence: bare tallies do not know what was recorded."""
    return part and (part.id, part.result, part.value, part.threshold, part.unit)


def among_many(judge: Judge, facts: Facts) -> Any:
    """What the judge of many says."""
    try:
        verdict = judge.verdict(facts)
    except NoConditions:
        return None
    measured = {measure: in_short(judge.measured(facts, measure)) for measure in verdict.parts}
    return verdict.result, verdict.not_met, verdict.unknown, verdict.parts, measured


@pytest.mark.parametrize("rulebook_id", available())
@settings(max_examples=40)
@given(rng=st.randoms(use_true_random=True), on=st.sampled_from(DATES), purpose=st.sampled_from(PURPOSES))
def test_many_are_judged_as_each_alone(rulebook_id: str, rng: Random, on: date, purpose: str) -> None:
    rulebook = load(rulebook_id)
    try:
        judge = Judge(rulebook, on, purpose)
    except NotInForce:
        return
    month = Month.of_date(on)
    window = month_range(month - rulebook.setting("window_months", on), month - 1)
    for facts in [any_facts(rng, rulebook, on) for _ in range(12)]:
        said = alone(rulebook, facts, on, purpose)
        assert among_many(judge, facts) == said
        assert among_many(judge, bare(facts, window)) == said


def test_the_measures_that_are_asked_most_are_asked_once_for_each_piece() -> None:
    assert set(PIECES) < set(MEASURES)
    facts, on = good_facts()
    judge = Judge(load("qingdao-2023"), on)
    assert judge.verdict(facts) is judge.verdict(replace(facts, site_id=2, name="乙小屋"))


def test_a_date_before_the_rulebook_and_a_kind_without_conditions_are_refused() -> None:
    facts, on = good_facts()
    with pytest.raises(NotInForce):
        Judge(load("qingdao-2023"), date(2020, 1, 1))
    with pytest.raises(NoConditions):
        Judge(load("qingdao-2020"), on).verdict(replace(facts, kind="nursery"))


def test_bare_tallies_are_a_mapping_of_months() -> None:
    months = month_range(Month(2025, 11), Month(2026, 1))
    tallies = Tallies(months[0], (3, 4, 5), (0, 0, 1, 0, 2))
    assert dict(tallies) == {
        months[0]: SiteMonthFacts(months[0], 3, 3),
        months[1]: SiteMonthFacts(months[1], 4, 4),
        months[2]: SiteMonthFacts(months[2], 5, 5, (0, 0, 1, 0, 2)),
    }
    assert months[0] - 1 not in tallies
    facts = replace(good_facts()[0], months=tallies)
    assert uses_total(facts, tuple(months)) == (12, 12)
    assert uses_total(facts, (months[0], months[2])) == (8, 8)
    assert uses_total(facts, (months[0] - 1, months[0])) == (3, 3)
    assert uses_total(facts, ()) == (0, 0)
    assert rating_counts(facts, tuple(months)) == (0, 0, 1, 0, 2)
    assert rating_counts(facts, (months[0],)) == (0, 0, 0, 0, 0)


def test_months_left_out_for_a_suspension_are_not_those_before_the_acceptance() -> None:
    facts, on = good_facts()
    month, rulebook = Month.of_date(on), load("qingdao-2023")
    months = {one: SiteMonthFacts(one, 120, 120) for one in month_range(month - 10, month - 1)}
    away = SuspensionFacts((month - 12).start_at, (month - 10).start_at)
    suspended = replace(facts, months=months, suspensions=(away,))
    late = replace(facts, months=months, accepted_on=(month - 10).first_on)
    judge = Judge(rulebook, on)
    for one in (suspended, late, suspended):
        assert among_many(judge, one) == alone(rulebook, one, on, "demonstration")
    assert "mean_monthly_uses" in judge.verdict(late).parts
    assert judge.verdict(late).parts["mean_monthly_uses"] != judge.verdict(suspended).parts["mean_monthly_uses"]
