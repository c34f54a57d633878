"""Moving cases: who may, what it needs, and that nothing is overwritten."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.models import Role, User
from app.db import db, unit_of_work
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.programme.cases import queries
from app.programme.cases.models import Case, CaseEvent
from app.rulebooks import load
from tests.conftest import Clock
from tests.factories import Factories
from tests.programme.cases.conftest import City
from tests.programme.cases.helpers import ACCEPTANCE, Cases


def history(cases: Cases, case: Case) -> list[tuple[str, str, str]]:
    with cases.app.app_context():
        return [(event.act, event.from_state, event.to_state) for event, _ in queries.events_of(case.id)]


def test_a_case_is_opened_with_its_number_rulebook_and_first_event(cases: Cases, city: City, clock: Clock) -> None:
    case = cases.open(city.manager, "application", city.site)
    assert case.number == f"A2026-{case.id:05d}"
    assert (case.state, case.rulebook_digest) == ("draft", load("qingdao-2023").digest)
    assert history(cases, case) == [("open", "", "draft")]
    with cases.app.app_context():
        ((event, actor),) = queries.events_of(case.id)
        assert (event.at, event.number, event.rulebook_digest) == (clock(), 1, case.rulebook_digest)
        assert actor is not None
        assert actor.id == city.manager.id


def test_each_step_leaves_an_event_and_a_day_by_which_the_next_is_due(cases: Cases, city: City, clock: Clock) -> None:
    case = cases.submitted(city.manager, "application", city.site)
    days = load("qingdao-2023").deadline_days("acceptance", date(2026, 11, 20))
    assert cases.fresh(case).due_on == date(2026, 11, 20) + timedelta(days=days)
    clock.advance(days=3)
    cases.accepted(city.district, case)
    cases.act(city.municipal, case, "file")
    cases.act(city.municipal, case, "issue_plaque", details={"plaque_number": "QD-0001"})
    assert [act for act, _, _ in history(cases, case)] == ["open", "submit", "accept", "file", "issue_plaque"]
    done = cases.fresh(case)
    assert (done.state, done.due_on, done.closed_at) == ("plaqued", None, clock())
    assert done.details["acceptance_staff"] == ACCEPTANCE["acceptance_staff"]


def test_who_has_seen_an_older_state_decides_nothing(cases: Cases, city: City) -> None:
    case = cases.submitted(city.manager, "application", city.site)
    with pytest.raises(Conflict, match="in the meantime"):
        cases.act(city.unit, case, "withdraw", seen_state="draft")
    assert cases.fresh(case).state == "submitted"


def test_an_act_that_the_state_does_not_know_is_refused(cases: Cases, city: City) -> None:
    case = cases.open(city.manager, "application", city.site)
    with pytest.raises(Conflict):
        cases.act(city.district, case, "accept")
    with pytest.raises(Conflict):
        cases.act(city.district, case, "dance")


def test_an_act_of_another_role_is_refused(cases: Cases, city: City) -> None:
    case = cases.submitted(city.manager, "application", city.site)
    for actor in (city.manager, city.unit, city.municipal):
        with pytest.raises(Forbidden):
            cases.act(actor, case, "accept")


def test_a_case_of_elsewhere_does_not_exist(cases: Cases, city: City, factories: Factories) -> None:
    case = cases.submitted(city.manager, "application", city.site)
    stranger = factories.user("district_union", factories.union("district", city.municipal_union))
    with pytest.raises(NotFound):
        cases.act(stranger, case, "return", reasons=[{"item": "other", "reason": "x"}])
    with pytest.raises(NotFound):
        cases.open(factories.user("unit_union", factories.tree()[2]), "application", city.site)


@pytest.mark.parametrize(("first", "then"), [("unit_union", "district_union"), ("district_union", "municipal_union")])
def test_the_same_person_in_another_role_judges_nothing_of_her_own(
    cases: Cases, city: City, factories: Factories, first: str, then: str
) -> None:
    """People change their posts; what they have done stays theirs."""
    unions = {"unit_union": city.unit_union, "district_union": city.district_union}
    person = factories.user(first, unions[first])
    case = cases.submitted(person if first == "unit_union" else city.unit, "application", city.site)
    if first == "district_union":
        cases.accepted(person, case)
    promote(factories, person.id, then, city)
    if then == "district_union":
        cases.sheet(city.site, "acceptance", city.district, case=case)
    with pytest.raises(Forbidden, match="another person"):
        cases.act(person, case, "accept" if then == "district_union" else "file", details=ACCEPTANCE)


def promote(factories: Factories, user_id: int, role: str, city: City) -> None:
    union = {"district_union": city.district_union, "municipal_union": city.municipal_union}[role]
    with factories.app.app_context(), unit_of_work():
        user = db.session.get_one(User, user_id)
        user.roles = [db.session.scalars(select(Role).filter_by(name=role)).one()]
        user.trade_union_id = union.id


def test_a_return_needs_a_reason_and_keeps_it_with_its_item(cases: Cases, city: City) -> None:
    case = cases.submitted(city.manager, "application", city.site)
    with pytest.raises(Invalid) as caught:
        cases.act(city.district, case, "return", reasons=[{"item": "form.address", "reason": "  "}])
    assert "reasons" in caught.value.fields
    cases.act(city.district, case, "return", reasons=[{"item": "form.address", "reason": "缺门牌号"}])
    with cases.app.app_context():
        events = queries.events_of(case.id)
        assert queries.last_reasons(events) == [{"item": "form.address", "reason": "缺门牌号"}]
    cases.act(city.manager, case, "submit")
    assert cases.fresh(case).state == "submitted"


@pytest.mark.parametrize("note", ["", "   "])
def test_a_refusal_needs_a_reason(cases: Cases, city: City, note: str) -> None:
    case = cases.submitted(city.manager, "application", city.site)
    with pytest.raises(Invalid) as caught:
        cases.act(city.district, case, "refuse", note=note)
    assert "note" in caught.value.fields


@pytest.mark.parametrize("note", ["长" * 1001, "nul\0"])
def test_a_note_has_its_limits(cases: Cases, city: City, note: str) -> None:
    case = cases.submitted(city.manager, "application", city.site)
    with pytest.raises(Invalid, match="1000"):
        cases.act(city.district, case, "refuse", note=note)


def test_a_site_has_one_application_at_a_time(cases: Cases, city: City) -> None:
    first = cases.open(city.manager, "application", city.site)
    with pytest.raises(Conflict, match=first.number):
        cases.open(city.unit, "application", city.site)
    cases.act(city.unit, first, "withdraw")
    cases.open(city.unit, "application", city.site)


def test_only_applicants_apply(cases: Cases, city: City) -> None:
    for actor in (city.district, city.municipal):
        with pytest.raises(Forbidden):
            cases.open(actor, "application", city.site)


def test_a_procedure_that_the_rulebook_lacks_is_refused(cases: Cases, city: City) -> None:
    assert not load("dalian-2017").workflow.deregistration
    with pytest.raises(Conflict, match="no such procedure"):
        cases.open(city.unit, "deregistration", city.site, rulebook="dalian-2017")


def test_rectifications_are_closed_by_who_found_them_or_above(cases: Cases, city: City) -> None:
    case = cases.open(city.district, "rectification", city.site)
    with pytest.raises(Invalid) as caught:
        cases.act(city.manager, case, "submit")
    assert "note" in caught.value.fields
    cases.act(city.manager, case, "submit", note="窗帘已装好")
    with pytest.raises(Forbidden, match="level"):
        cases.act(city.unit, case, "close")
    cases.act(city.district, case, "return", reasons=[{"item": "other", "reason": "照片不清楚"}])
    cases.act(city.unit, case, "submit", note="重新拍过")
    cases.act(city.municipal, case, "close")
    assert cases.fresh(case).closed_at is not None


def test_a_rectification_asked_for_by_mistake_is_taken_back_with_a_reason(cases: Cases, city: City) -> None:
    case = cases.open(city.district, "rectification", city.site)
    with pytest.raises(Forbidden):
        cases.act(city.unit, case, "withdraw", note="不归我们")
    with pytest.raises(Invalid):
        cases.act(city.district, case, "withdraw")
    cases.act(city.district, case, "withdraw", note="发错了阵地")
    assert cases.fresh(case).closed_at is not None


def test_events_are_numbered_without_gaps(cases: Cases, city: City) -> None:
    case = cases.submitted(city.manager, "application", city.site)
    cases.act(city.manager, case, "withdraw")
    with cases.app.app_context():
        numbers = [event.number for event, _ in queries.events_of(case.id)]
        assert numbers == [1, 2, 3]
        last = db.session.get_one(Case, case.id)
        assert last.state == queries.events_of(case.id)[-1][0].to_state
        assert db.session.scalar(select(func.count()).select_from(CaseEvent)) == 3
