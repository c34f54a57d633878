"""What the checks put into inboxes, and into whose."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import User
from app.db import db, unit_of_work
from app.programme.checks.inbox import checks_inbox
from app.programme.checks.models import Draw
from app.sites.models import Site
from tests.conftest import Clock
from tests.factories import Factories
from tests.programme.cases.helpers import Cases
from tests.programme.checks.conftest import Net
from tests.programme.checks.helpers import inspection_of, submitted_sheet


@pytest.fixture
def see(app: Flask, clock: Clock) -> Any:
    """(key, state) of the items of a person."""

    def look(user: User) -> list[tuple[str, str]]:
        with app.test_request_context("/"):
            found = checks_inbox(db.session.get_one(User, user.id), clock())
            return sorted((item.key, item.state) for item in found)

    return look


def test_the_years_duties_appear_in_its_last_quarter(see: Any, net: Net, clock: Clock) -> None:
    assert see(net.anna) == [("spot_check-2026", "due")]
    assert see(net.bella) == [("full_self-2026", "due")]
    assert see(net.clara) == [("supervision-2026", "due")]
    assert see(net.dora) == [(f"full_self-2026-{net.sites[0].id}", "due")]
    assert see(net.emma) == []
    clock.advance(days=-51)
    assert see(net.anna) == [("spot_check-2026", "due")]
    clock.advance(days=-1)
    assert [see(one) for one in (net.anna, net.bella, net.clara, net.dora)] == [[], [], [], []]


def test_what_is_planned_is_the_inspectors_and_no_longer_a_duty(
    see: Any, net: Net, factories: Factories, clock: Clock
) -> None:
    one = inspection_of(
        factories, net.sites[0], net.district, "spot_check", inspector_id=net.emma.id, due_on=date(2026, 11, 21)
    )
    two = inspection_of(factories, net.sites[1], net.district, "spot_check", due_on=date(2026, 11, 20))
    assert see(net.emma) == [(f"inspection-{one.id}", "due")]
    assert see(net.anna) == [(f"unassigned-{two.id}", "due")]
    clock.advance(days=2)
    assert see(net.emma) == [(f"inspection-{one.id}", "overdue")]
    three = inspection_of(factories, net.sites[2], net.district, "spot_check")
    assert see(net.anna) == [(f"unassigned-{three.id}", "overdue")]


def test_nobody_is_sent_to_a_deregistered_site(see: Any, net: Net, app: Flask, factories: Factories) -> None:
    inspection_of(factories, net.sites[0], net.district, "spot_check", inspector_id=net.emma.id)
    inspection_of(factories, net.sites[0], net.district, "spot_check")
    with app.app_context(), unit_of_work():
        db.session.get_one(Site, net.sites[0].id).status = "closed"
    assert [item for user in (net.emma, net.anna) for item in see(user) if "spot" not in item[0]] == []


def test_a_draw_waits_for_its_seed(see: Any, net: Net, factories: Factories, clock: Clock) -> None:
    draw = factories.add(
        Draw(
            trade_union_id=net.district.id, year=2026, kind="spot_check", size=1, due_on=date(2026, 12, 31),
            seed_source="x", rule_version=1, candidates={}, announced_at=clock(),
        )
    )  # fmt: skip
    assert (f"draw-{draw.id}", "due") in see(net.anna)
    assert (f"draw-{draw.id}", "due") not in see(net.clara)
    clock.advance(days=60)
    assert (f"draw-{draw.id}", "overdue") in see(net.anna)


def test_findings_wait_for_their_notice_without_a_last_day(
    app: Flask, net: Net, factories: Factories, clock: Clock
) -> None:
    done = {"done_at": clock(), "mode": "on_site", "result": "rectify", "findings": [{"item": "", "text": "窗帘破损"}]}
    one = inspection_of(factories, net.sites[0], net.district, "spot_check", **done)
    clock.advance(days=93)
    with app.test_request_context("/"):
        found = {item.key: item for item in checks_inbox(db.session.get_one(User, net.anna.id), clock())}
    assert (found[f"findings-{one.id}"].state, found[f"findings-{one.id}"].due_on) == ("due", None)


def test_a_manager_who_has_begun_finds_her_inspection(see: Any, net: Net, factories: Factories) -> None:
    begun = inspection_of(factories, net.sites[0], net.unit, "full_self", inspector_id=net.dora.id)
    submitted_sheet(factories, begun, net.dora, "90", "self_check")
    assert see(net.dora) == [(f"inspection-{begun.id}", "due")]


def test_an_overdue_rectification_is_in_the_inbox_of_who_has_found_it(
    see: Any, net: Net, factories: Factories, clock: Clock
) -> None:
    case = Cases(factories).open(net.anna, "rectification", net.sites[0], {"findings": [{"item": "", "text": "x"}]})
    clock.advance(days=30)
    assert (f"rectification-{case.id}", "overdue") not in see(net.anna)
    clock.advance(days=1)
    assert (f"rectification-{case.id}", "overdue") in see(net.anna)
    assert (f"rectification-{case.id}", "overdue") not in see(net.clara)
    assert (f"rectification-{case.id}", "overdue") not in see(net.bella)
