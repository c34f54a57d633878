"""Nobody judges her own, even one person with every role; tried on the whole table, and by chance on real cases."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.accounts.models import Role, TradeUnion, User
from app.db import db
from app.programme.cases import queries
from app.programme.transitions import BEFORE, KINDS, TRANSITIONS, Transition, transition
from app.rulebooks import available, load
from app.web import DISTRICT_UNION, MUNICIPAL_UNION, UNIT_UNION
from tests.programme.cases.conftest import City, cases, city
from tests.programme.cases.helpers import Cases
from tests.programme.cases.test_machine import ACTS, KINDS_HERE, attempt, begun, check_story, ready

__all__ = ["cases", "city", "ready"]
HERS = {"rectification": {"submit"}, "demonstration": {"open", "apply"}}
"""What makes a case one's own, by kind; opening and submitting it where nothing else is said."""
JUDGING = {
    "accept", "file", "confirm", "approve", "refuse", "recommend", "decline", "nominate", "reject", "publish", "close",
}  # fmt: skip
IN_TURN = {"file": {"accept", "confirm"}, "nominate": {"recommend"}, "publish": {"recommend"}}
"""Acts of a second reviewer, and those of the first."""


def reachable(kind: str, workflow: object) -> list[tuple[Transition, frozenset[str]]]:
    """Every act that one person with all roles can do, together with what she did before; others do anything."""
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting: list[tuple[str, frozenset[str]]] = [(BEFORE, frozenset())]
    done = []
    while waiting:
        state, mine = waiting.pop()
        if (state, mine) in seen:
            continue
        seen.add((state, mine))
        for row in (row for row in TRANSITIONS if (row.kind, row.state) == (kind, state) and row.applies(workflow)):
            waiting.append((row.to_state, mine))
            if not mine & set(row.apart_from):
                done.append((row, mine))
                waiting.append((row.to_state, mine | {row.act}))
    return done


@pytest.mark.parametrize("kind", KINDS)
def test_one_person_with_every_role_never_judges_her_own(kind: str) -> None:
    hers = HERS.get(kind, {"open", "submit"})
    wrong, judged = [], 0
    for rulebook in available():
        for row, mine in reachable(kind, load(rulebook).workflow):
            judged += row.act in JUDGING
            is_own = row.act in JUDGING and mine & hers
            if is_own or (mine & IN_TURN.get(row.act, set()) and not _is_hers_alone(row)):
                wrong.append((rulebook, row.state, row.act, sorted(mine)))
    assert wrong == []
    assert judged > 0


def _is_hers_alone(row: Transition) -> bool:
    """A district that calls by itself recommends nobody: its publication has no first reviewer."""
    return row.act == "publish" and "call_by_district" in row.when


PEOPLE = ("manager", "unit", "district", "municipal", "climber")
MOVES = (UNIT_UNION, DISTRICT_UNION, MUNICIPAL_UNION)
acts = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(ACTS))
steps = st.one_of(st.tuples(st.just("moves"), st.sampled_from(MOVES)), acts, acts, acts)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(kind=st.sampled_from(KINDS_HERE), tried=st.lists(steps, max_size=20), begins=st.sampled_from(PEOPLE))
def test_whoever_climbs_from_unit_to_city_judges_nothing_she_began(
    cases: Cases, ready: City, kind: str, tried: list[tuple[str, str]], begins: str
) -> None:
    """The same person at one union after the other, with the role of each."""
    climb(cases, ready, kind, tried, begins)


def climb(cases: Cases, ready: City, kind: str, tried: list[tuple[str, str]], begins: str) -> None:
    """Try the steps on a case that `begins` begins; what is done has to be in the table and nobody's own."""
    workflow = load("qingdao-2023").workflow
    with cases.app.app_context():
        people = {name: db.session.get_one(User, getattr(ready, name).id) for name in PEOPLE[:-1]}
        people["climber"] = _climber(ready)
        case = begun(cases, ready, kind, people[begins])
        for who, act in tried if case is not None else ():
            if who == "moves":
                _move(people["climber"], ready, act)
                continue
            assert case is not None
            row, user = transition(kind, case.state, act, workflow), people[who]
            earlier = {event.act for event, by in queries.events_of(case.id) if by is user}
            if attempt(cases, case, user, act):
                assert row is not None
                assert user.role in row.roles
                assert case.state == row.to_state
                assert not earlier & set(row.apart_from)
                assert not (act in JUDGING and earlier & HERS.get(kind, {"open", "submit"}))
        if case is not None:
            check_story(case)
        db.session.rollback()


def _climber(ready: City) -> User:
    """A colleague at the unit, who will move up."""
    user = User(
        username="climber", fs_uniquifier="climber", password="x", display_name="孙洁", active=True,
        trade_union_id=ready.unit_union.id, roles=[_role(UNIT_UNION)],
    )  # fmt: skip
    db.session.add(user)
    db.session.flush()
    return user


def _move(user: User, ready: City, role: str) -> None:
    unions = dict(zip(MOVES, (ready.unit_union, ready.district_union, ready.municipal_union), strict=True))
    user.trade_union = db.session.get_one(TradeUnion, unions[role].id)
    user.roles = [_role(role)]
    db.session.flush()


def _role(name: str) -> Any:
    return db.session.scalars(select(Role).filter_by(name=name)).one()
