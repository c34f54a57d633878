"""What each of the five rulebooks says beside its conditions, as the rest of the service asks for it."""

from datetime import date
from fractions import Fraction

import pytest

from app.rulebooks import available, load
from app.rulebooks.rules import DEADLINES, FORM_FIELDS, LEVELS

TODAY = date(2026, 11, 22)
STEPS = ("self_check", "acceptance", "filing", "plaque", "deregistration", "demonstration", "call_by_district")
WORKFLOWS = {
    "qingdao-2023": (True, True, True, True, True, True, False),
    "qingdao-2020": (False, True, False, True, False, False, False),
    "beijing-2021": (False, True, False, True, False, False, False),
    "beijing-bda-2017": (False, True, False, True, False, True, True),
    "dalian-2017": (False, True, False, True, False, True, False),
}
PASS_MARKS = {("qingdao-2023", "room"): 80, ("qingdao-2023", "holiday_care"): 80, ("qingdao-2023", "nursery"): 80}
FORMS = {
    "qingdao-2023": {"annex1_room", "annex1_holiday_care", "annex1_nursery", "annex2", "annex3"},
    "qingdao-2020": {"annex1", "annex2", "annex3_holiday_care", "annex3_room"},
    "beijing-2021": set(),
    "beijing-bda-2017": {"annex2", "annex3", "annex4"},
    "dalian-2017": {"annex"},
}


def test_there_are_five() -> None:
    assert set(available()) == set(WORKFLOWS)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_steps_of_each_city(name: str) -> None:
    workflow = load(name).workflow
    assert tuple(getattr(workflow, step) for step in STEPS) == WORKFLOWS[name]


def test_what_dalian_asks_of_applicants() -> None:
    rulebook = load("dalian-2017")
    workflow, quota = rulebook.workflow, rulebook.quota
    assert (workflow.minimum_photos, workflow.presentation_required, workflow.holders_may_reapply) == (5, True, False)
    assert quota is not None
    assert (quota.per_district_least, quota.per_district_most, quota.places, quota.basis) == (1, 2, 30, "policy")
    month, day = rulebook.yearly_dates["application"]
    assert (month, day) == (11, 6)


def test_targets_dates_and_grants() -> None:
    assert load("beijing-bda-2017").yearly_dates == {"material": (8, 31)}
    assert [target[:3] for target in load("beijing-bda-2017").year_targets] == [(2017, "room", 10)]
    of_2020 = [target[:3] for target in load("qingdao-2020").year_targets]
    assert of_2020 == [(2020, "holiday_care", 200), (2020, "room", 100)]
    assert [grant.amount_yuan for grant in load("beijing-bda-2017").grants] == [10_000]
    assert len(load("beijing-2021").supplies) == 6


def test_yearly_checks_of_qingdao() -> None:
    checks = load("qingdao-2023").checks
    assert (checks.full_self_a_year, checks.spot_check_a_year, checks.supervision_a_year) == (1, 1, 1)
    assert checks.spot_check_share == Fraction(1, 2)
    assert checks.basis == "policy"


def test_names_depend_on_the_premises_only_where_the_city_says_so() -> None:
    bda, dalian = load("beijing-bda-2017"), load("dalian-2017")
    assert bda.name_of("room", "enterprise").zh == "爱心妈咪小屋"
    assert bda.name_of("room", "industrial_park").zh == "母婴关爱室"
    assert bda.name_of("room").zh == "爱心妈咪小屋、母婴关爱室"
    assert dalian.name_of("room", "mall").zh == "女职工特殊关爱室"
    assert dalian.variant_of("room", "mall") is None
    with pytest.raises(KeyError):
        dalian.name_of("nursery")


@pytest.mark.parametrize("use", ["self_check", "acceptance", "inspection"])
@pytest.mark.parametrize("kind", ["room", "holiday_care", "nursery"])
def test_qingdaos_sheets_serve_self_check_acceptance_and_inspection(kind: str, use: str) -> None:
    sheet = load("qingdao-2023").sheet_for(kind, use)
    assert sheet is not None
    assert sheet.id == kind
    assert sheet.points == 100
    assert sheet.pass_mark is not None
    assert sheet.pass_mark.at(TODAY).value == PASS_MARKS["qingdao-2023", kind]


def test_where_there_is_no_sheet() -> None:
    assert load("qingdao-2023").sheet_for("combined", "self_check") is None
    assert load("qingdao-2023").sheet_for("room", "review") is None
    assert load("beijing-2021").sheet_for("room", "acceptance") is None


def test_bda_passes_at_90_and_dalian_ticks() -> None:
    acceptance = load("beijing-bda-2017").sheet_for("room", "acceptance", "industrial_park")
    assert acceptance is not None
    assert acceptance.pass_mark is not None
    assert acceptance.pass_mark.at(TODAY).value == 90
    ticks = load("dalian-2017").sheet_for("room", "self_check")
    assert ticks is not None
    assert ticks.is_tick_list
    assert [item.id for item in ticks.items if item.note] == ["other_equipment", "other_function"]


def test_no_item_has_a_veto_until_an_operator_turns_it_on() -> None:
    sheets = [sheet for name in available() for sheet in load(name).score_sheets.values()]
    assert not any(item.veto for sheet in sheets for item in sheet.items)


@pytest.mark.parametrize("name", FORMS)
def test_every_annex_is_a_form(name: str) -> None:
    forms = load(name).forms
    assert {form.id for form in forms} == FORMS[name]
    for form in forms:
        assert {field.code for field in form.fields} <= set(FORM_FIELDS)
        assert {opinion.level for opinion in form.opinions} <= set(LEVELS)


def test_a_form_for_the_premises() -> None:
    bda, qingdao = load("beijing-bda-2017"), load("qingdao-2023")
    assert bda.form_for("room", "application", "mall") is bda.forms[0]
    assert bda.form_for("room", "application", "industrial_park") is bda.forms[1]
    assert bda.form_for("room", "application") is None
    filing = qingdao.form_for("combined", "filing")
    assert filing is not None
    assert (filing.copies, len(filing.opinions)) == (2, 2)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_deadlines_are_there_for_every_step_and_marked_as_the_operators(name: str) -> None:
    rulebook = load(name)
    for deadline in rulebook.deadlines:
        assert deadline in DEADLINES
        assert rulebook.deadline_days(deadline, TODAY) > 0
        assert rulebook.deadlines[deadline].basis == "operator"
    if not rulebook.workflow.filing:
        with pytest.raises(KeyError):
            rulebook.deadline_days("filing", TODAY)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_condition_sheet_and_form_is_named_by_an_article(name: str) -> None:
    rulebook = load(name)
    named = {reference for article in rulebook.articles for reference in article.refers}
    wanted = {f"conditions.{condition.id}" for condition in rulebook.conditions}
    wanted |= {f"sheets.{sheet}" for sheet in rulebook.score_sheets} | {f"forms.{form.id}" for form in rulebook.forms}
    assert wanted <= named


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_statement_stands_for_one_thing(name: str) -> None:
    """Each sentence is known by one name, so that nobody has to state the same thing twice."""
    labels = [attestation.label.zh for attestation in load(name).attestations.values()]
    assert len(set(labels)) == len(labels)


def test_a_date_is_told_as_far_as_it_is_known() -> None:
    assert load("dalian-2017").dated_text == "2017"
    assert load("qingdao-2020").dated_text == "2020-03-18"


def test_the_title_of_a_nursery_of_the_health_system_is_no_condition() -> None:
    ids = [condition.id for condition in load("qingdao-2023").conditions_for("nursery", "internal")]
    assert "N10" not in ids
    assert {"A1", "A2", "A3", "N1", "N9"} <= set(ids)


def test_statements_of_one_purpose_and_of_all() -> None:
    rulebook = load("qingdao-2023")
    of_title = {one.id for one in rulebook.attestations_for("nursery", "internal")}
    of_all = {one.id for one in rulebook.attestations_for("nursery", "internal", None)}
    assert "no_dishonesty" in of_title
    assert "nursery_norms" in of_all - of_title
