"""The transition table, by itself."""

from itertools import product
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.programme.transitions import (
    BEFORE,
    DISTRICT,
    KINDS,
    LEVELS,
    MUNICIPAL,
    NEEDS,
    OPEN,
    RESTING,
    SITE_MANAGER,
    TRANSITIONS,
    UNIT,
    acts_for,
    is_final,
    is_pending,
    next_state,
    rows_from,
    states,
    transition,
)
from app.web import ROLES

FLAGS = ("self_check", "acceptance", "filing", "plaque", "deregistration", "demonstration", "call_by_district")
WORKFLOWS = [SimpleNamespace(**dict(zip(FLAGS, row, strict=True))) for row in product((True, False), repeat=len(FLAGS))]
QINGDAO = SimpleNamespace(**dict.fromkeys(FLAGS, True) | {"call_by_district": False})
BDA = SimpleNamespace(self_check=False, acceptance=True, filing=False, plaque=True, deregistration=False)
FINAL = {
    "application": {"plaqued", "refused", "withdrawn"},
    "deregistration": {"filed", "withdrawn"},
    "suspension": {"ended", "refused", "withdrawn"},
    "demonstration": {"revoked", "not_recommended", "not_selected", "withdrawn"},
    "rectification": {"closed", "withdrawn"},
}
workflows = st.sampled_from(WORKFLOWS)


def reached(kind: str, workflow: object) -> set[str]:
    """Every state that a case of a kind can get into."""
    found, todo = set(), [BEFORE]
    while todo:
        for row in rows_from(kind, todo.pop(), workflow):
            if row.to_state not in found:
                found.add(row.to_state)
                todo.append(row.to_state)
    return found


def acts_before(kind: str, state: str, workflow: object) -> set[str]:
    """Every act that can have led to a state."""
    rows = [row for row in TRANSITIONS if row.kind == kind and row.applies(workflow)]
    found: set[str] = set()
    todo, seen = [state], {state}
    while todo:
        here = todo.pop()
        for row in rows:
            if row.to_state == here:
                found.add(row.act)
                todo += [row.state] if row.state not in seen else []
                seen.add(row.state)
    return found


def test_the_roles_are_those_of_the_product() -> None:
    assert LEVELS == ROLES


@pytest.mark.parametrize("kind", KINDS)
def test_every_state_can_be_reached_under_qingdaos_workflow(kind: str) -> None:
    assert reached(kind, QINGDAO) == set(states(kind))


@given(workflows, st.sampled_from(KINDS))
def test_a_case_ends_only_where_it_should(workflow: SimpleNamespace, kind: str) -> None:
    ends = set(FINAL[kind])
    if kind == "application" and not workflow.plaque:
        ends.add("filed" if workflow.filing else "accepted")
    found = reached(kind, workflow)
    assert {state for state in found if is_final(kind, state, workflow)} <= ends
    for state in found - ends:
        assert rows_from(kind, state, workflow), state


@given(workflows, st.sampled_from(KINDS))
def test_from_every_state_an_end_or_a_rest_can_be_reached(workflow: SimpleNamespace, kind: str) -> None:
    for start in reached(kind, workflow):
        ahead, todo = {start}, [start]
        while todo:
            todo += [row.to_state for row in rows_from(kind, todo.pop(), workflow) if row.to_state not in ahead]
            ahead.update(todo)
        assert any(not is_pending(kind, state, workflow) for state in ahead), start


@given(workflows, st.sampled_from(TRANSITIONS))
def test_an_act_has_one_meaning_in_a_state(workflow: SimpleNamespace, row: object) -> None:
    same = [one.act for one in rows_from(row.kind, row.state, workflow)]  # type: ignore[attr-defined]
    assert len(same) == len(set(same))


@given(workflows)
def test_who_may_not_act_twice_is_told_by_acts_that_come_before(workflow: SimpleNamespace) -> None:
    for row in (row for row in TRANSITIONS if row.applies(workflow)):
        if row.state not in reached(row.kind, workflow):
            continue
        assert set(row.apart_from) <= acts_before(row.kind, row.state, workflow) | {"submit"}, row
        assert row.act not in row.apart_from, row


def test_nobody_judges_what_she_has_handed_in() -> None:
    judging = {"accept", "file", "confirm", "return", "refuse", "approve", "recommend", "nominate", "publish", "close"}
    for row in TRANSITIONS:
        if row.act in judging:
            handed_in = {"submit"} if row.kind == "rectification" else {"open"}
            assert handed_in <= set(row.apart_from), row


def test_each_level_judges_apart_from_the_one_below() -> None:
    for kind, act, judged in [
        ("application", "file", "accept"), ("deregistration", "file", "confirm"),
        ("demonstration", "nominate", "recommend"), ("demonstration", "publish", "recommend"),
    ]:  # fmt: skip
        rows = [row for row in TRANSITIONS if (row.kind, row.act, row.roles) == (kind, act, (MUNICIPAL,))]
        assert rows
        assert all(judged in row.apart_from for row in rows)


def test_needs_flags_and_roles_are_known() -> None:
    for row in TRANSITIONS:
        assert set(row.needs) <= set(NEEDS)
        assert {flag.removeprefix("not ") for flag in row.when} <= set(FLAGS)
        assert row.roles
        assert set(row.roles) <= set(LEVELS)
    assert {(row.kind, row.state) for row in TRANSITIONS} >= RESTING


@pytest.mark.parametrize(
    ("workflow", "states_on_the_way"),
    [
        (QINGDAO, ["draft", "submitted", "accepted", "filed", "plaqued"]),
        (BDA, ["draft", "submitted", "accepted", "plaqued"]),
    ],
)
def test_an_application_goes_its_way(workflow: object, states_on_the_way: list[str]) -> None:
    acts = ["open", "submit", "accept", "file", "issue_plaque"]
    state, seen = BEFORE, []
    for act in acts:
        row = transition("application", state, act, workflow)
        if row is not None:
            state = row.to_state
            seen.append(state)
    assert seen == states_on_the_way


def test_a_rulebook_without_the_procedure_opens_no_case() -> None:
    nothing = SimpleNamespace()
    assert transition("application", BEFORE, OPEN, nothing) is None
    assert transition("deregistration", BEFORE, OPEN, nothing) is None
    assert transition("suspension", BEFORE, OPEN, nothing) is not None


def test_what_a_role_may_do() -> None:
    judging = {row.act for row in acts_for("application", "submitted", DISTRICT, QINGDAO)}
    assert judging == {"accept", "return", "refuse"}
    assert {row.act for row in acts_for("application", "submitted", UNIT, QINGDAO)} == {"withdraw"}
    assert acts_for("application", "submitted", MUNICIPAL, QINGDAO) == ()
    assert acts_for("application", "accepted", "assessor", QINGDAO) == ()
    assert next_state("application", "draft", "submit", SITE_MANAGER, QINGDAO) == "submitted"
    assert next_state("application", "draft", "submit", DISTRICT, QINGDAO) is None
    assert next_state("application", "filed", "submit", UNIT, QINGDAO) is None


def test_rest_is_no_waiting() -> None:
    assert not is_pending("suspension", "approved", QINGDAO)
    assert not is_pending("demonstration", "titled", QINGDAO)
    assert is_pending("application", "filed", QINGDAO)
    assert not is_pending("application", "filed", SimpleNamespace(filing=True, acceptance=True))
