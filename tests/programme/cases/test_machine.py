"""Whatever people try in whatever order: no illegal move, nobody judges her own, and the events tell it all."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.accounts.models import User
from app.db import db
from app.errors import DomainError
from app.programme.cases import queries, services
from app.programme.cases.models import Case, CaseEvent
from app.programme.scoring.models import FilledSheet
from app.programme.transitions import APPLICANT_ACTS, KINDS, TRANSITIONS, transition
from app.rulebooks import load
from app.sites.models import Site
from tests.programme.cases.conftest import City
from tests.programme.cases.helpers import ACCEPTANCE, Cases

PEOPLE = ("manager", "unit", "district", "municipal")
ACTS = sorted({row.act for row in TRANSITIONS} - {"open"})
TOLD: dict[str, Any] = {
    "note": "原因", "reasons": [{"item": "other", "reason": "原因"}],
    "details": {**ACCEPTANCE, "accepted_on": "2026-11-20", "plaque_number": "QD-1"},
}  # fmt: skip
KINDS_HERE = [kind for kind in KINDS if kind != "demonstration"]
"""Demonstrations belong to calls and are tried with them."""
attempts = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(ACTS)), max_size=14)


@pytest.fixture
def ready(cases: Cases, city: City) -> City:
    """Everything that acts need is there, so that only the table decides."""
    case = cases.open(city.unit, "application", city.site)
    cases.fill(city.unit, case)
    cases.act(city.unit, case, "withdraw")
    cases.sheet(city.site, "self_check", city.unit)
    return city


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(kind=st.sampled_from(KINDS_HERE), tried=attempts, begins=st.integers(0, 2))
def test_only_the_table_moves_a_case(
    cases: Cases, ready: City, kind: str, tried: list[tuple[str, str]], begins: int
) -> None:
    workflow = load("qingdao-2023").workflow
    with cases.app.app_context():
        people = {name: db.session.get_one(User, getattr(ready, name).id) for name in PEOPLE}
        case = begun(cases, ready, kind, people[PEOPLE[begins]])
        if case is None:
            db.session.rollback()
            return
        for who, act in tried:
            before, number = case.state, len(queries.events_of(case.id))
            row, user = transition(kind, before, act, workflow), people[who]
            earlier = {event.act for event, by in queries.events_of(case.id) if by and by.id == user.id}
            moved = attempt(cases, case, user, act)
            if not moved:
                assert (case.state, len(queries.events_of(case.id))) == (before, number)
                continue
            assert row is not None
            assert user.role in row.roles
            assert case.state == row.to_state
            assert not earlier & set(row.apart_from)
            if act in ("accept", "file", "confirm", "approve", "refuse"):
                assert not earlier & set(APPLICANT_ACTS)
        check_story(case)
        db.session.rollback()


def begun(cases: Cases, city: City, kind: str, who: User) -> Case | None:
    """A case of a kind, and the sheet its acceptance asks for; None when that person opens none."""
    site = db.session.get_one(Site, city.site.id)
    told = {"reason": "搬迁", "assets_to": "分厂", "plaque_to": "上交"}
    try:
        case = services.open_case(who, kind, site, told, rulebook=load("qingdao-2023"), now=cases.clock())
    except DomainError:
        return None
    if kind == "application":
        sheet = queries.submitted_sheet(site.id, "self_check")
        assert sheet is not None
        names = [column.key for column in FilledSheet.__table__.columns if column.key != "id"]
        columns = {name: getattr(sheet, name) for name in names}
        columns |= {"client_key": uuid4(), "use": "acceptance", "case_id": case.id, "filled_by_id": city.district.id}
        db.session.add(FilledSheet(**columns))
        db.session.flush()
    return case


def attempt(cases: Cases, case: Case, user: User, act: str) -> bool:
    """Whether the act was done; a refused one leaves nothing behind."""
    with db.session.begin_nested() as savepoint:
        try:
            services.act(user, case, act, seen_state=case.state, now=cases.clock(), **TOLD)
        except DomainError:
            savepoint.rollback()
            return False
    return True


def check_story(case: Case) -> None:
    """The events follow on each other without gaps, and the last one tells the state."""
    events = [event for event, _ in queries.events_of(case.id)]
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert [event.from_state for event in events] == ["", *(event.to_state for event in events[:-1])]
    assert events[-1].to_state == case.state
    assert {event.rulebook_digest for event in events} == {case.rulebook_digest}
    count = db.session.scalar(select(func.count()).select_from(CaseEvent).where(CaseEvent.case_id == case.id))
    assert count == len(events)
