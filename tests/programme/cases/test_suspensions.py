"""A site's own suspension works at its door at once; whether its months count, a union above decides."""

from datetime import UTC, date, datetime

import pytest

from app.accounts.models import User
from app.db import db, unit_of_work
from app.errors import Conflict
from app.programme.cases import queries
from app.programme.cases.models import Case
from app.sites import services as sites
from app.sites.models import Site, SiteManager, Suspension, SuspensionMode
from app.usage.queries import SiteAtDoor, site_at_door
from tests.conftest import Clock
from tests.factories import Factories
from tests.programme.cases.conftest import City
from tests.programme.cases.helpers import Cases


@pytest.fixture
def running(city: City, factories: Factories) -> Site:
    """A site in operation, with the city's manager."""
    site = factories.site(city.unit_union, filed_on=date(2025, 2, 1))
    factories.add(SiteManager(site_id=site.id, user_id=city.manager.id))
    return site


def suspend(cases: Cases, actor: User, site: Site, from_on: date = date(2026, 11, 20), **values: object) -> Suspension:
    with cases.app.app_context(), unit_of_work():
        found, who = db.session.get_one(Site, site.id), db.session.get_one(User, actor.id)
        told = {"to_on": None, "reason": "装修", **values}
        return sites.suspend_site(who, found, from_on=from_on, now=cases.clock(), **told)  # type: ignore[arg-type]


def reopen(cases: Cases, actor: User, site: Site) -> None:
    with cases.app.app_context(), unit_of_work():
        sites.reopen_site(db.session.get_one(User, actor.id), db.session.get_one(Site, site.id), cases.clock())


def its_case(cases: Cases, site: Site) -> Case:
    with cases.app.app_context():
        (case,) = queries.cases_of(site.id, "suspension")
        return case


def door_of(cases: Cases, factories: Factories, site: Site) -> SiteAtDoor:
    code = factories.door_code(site).code
    with cases.app.app_context():
        found = site_at_door(code)
    assert found is not None
    return found


def is_official(cases: Cases, suspension: Suspension) -> bool:
    with cases.app.app_context():
        return db.session.get_one(Suspension, suspension.id).is_official


def test_the_door_follows_at_once_and_the_months_wait_for_approval(
    cases: Cases, city: City, running: Site, clock: Clock, factories: Factories
) -> None:
    made = suspend(cases, city.manager, running)
    assert door_of(cases, factories, running).is_suspended_at(clock())
    case = its_case(cases, running)
    assert (case.state, case.details["reason"], case.details["starts_on"]) == ("requested", "装修", "2026-11-20")
    assert case.due_on is not None
    assert not is_official(cases, made)
    cases.act(city.district, case, "approve")
    assert is_official(cases, made)
    clock.advance(days=40)
    with pytest.raises(Conflict, match="still suspended"):
        cases.act(city.manager, case, "end")
    reopen(cases, city.manager, running)
    ended = cases.fresh(case)
    assert (ended.state, ended.details["ends_on"]) == ("ended", "2026-12-30")


def test_what_is_refused_stays_at_the_door_only(
    cases: Cases, city: City, running: Site, clock: Clock, factories: Factories
) -> None:
    made = suspend(cases, city.unit, running)
    cases.act(city.municipal, its_case(cases, running), "refuse", note="可以换个房间")
    assert not is_official(cases, made)
    assert door_of(cases, factories, running).is_suspended_at(clock())


@pytest.mark.parametrize("who", ["district", "municipal"])
def test_a_union_above_needs_nobody(cases: Cases, city: City, running: Site, who: str) -> None:
    made = suspend(cases, getattr(city, who), running)
    assert is_official(cases, made)
    with cases.app.app_context():
        assert queries.cases_of(running.id) == []


@pytest.mark.parametrize(("who", "state"), [("manager", "withdrawn"), ("district", "refused")])
def test_a_plan_that_is_called_off_ends_its_case(
    cases: Cases, city: City, running: Site, who: str, state: str
) -> None:
    suspend(cases, city.manager, running, date(2026, 12, 1))
    reopen(cases, getattr(city, who), running)
    assert its_case(cases, running).state == state


def test_a_site_that_opens_early_keeps_its_request(cases: Cases, city: City, running: Site, clock: Clock) -> None:
    made = suspend(cases, city.manager, running, to_on=date(2026, 12, 24))
    assert its_case(cases, running).details["ends_on"] == "2026-12-24"
    clock.advance(days=3)
    reopen(cases, city.manager, running)
    case = its_case(cases, running)
    assert (case.state, case.details["ends_on"]) == ("requested", "2026-11-23")
    cases.act(city.district, case, "approve")
    assert is_official(cases, made)
    cases.act(city.manager, case, "end")


def test_what_never_began_is_not_approved(cases: Cases, city: City, running: Site, factories: Factories) -> None:
    at = datetime(2026, 12, 1, tzinfo=UTC)
    empty = factories.suspension(running, at, at)
    case = cases.put("suspension", "requested", running, by=city.manager, details={"suspension_id": empty.id})
    with pytest.raises(Conflict, match="called off"):
        cases.act(city.district, case, "approve")


def test_while_entry_is_by_scanning_only_the_door_works(
    cases: Cases, city: City, running: Site, clock: Clock, factories: Factories
) -> None:
    """qingdao-2020: a room that must open may be entered only by scanning the code."""
    suspend(cases, city.manager, running, mode=SuspensionMode.SCAN_ONLY)
    door = door_of(cases, factories, running)
    assert not door.is_suspended_at(clock())
    assert door.is_scan_only_at(clock())
    with cases.app.app_context():
        assert not db.session.get_one(Site, running.id).is_suspended(clock())
    page = cases.app.test_client().get(f"/r/{door.code}")
    assert page.status_code == 200
    assert "凭扫码进入" in page.text
    found = cases.app.test_client().get(f"/sites/{running.id}")
    assert "凭扫码进入" in found.text
    nearest = cases.app.test_client().get(f"/api/v1/sites/nearest?lat={running.lat}&lon={running.lon}").get_json()
    (feature,) = nearest["features"]
    assert feature["properties"]["scan_only"] == [["2026-11-20T02:00:00+00:00", None]]


def test_the_page_says_what_is_not_confirmed(cases: Cases, city: City, running: Site, factories: Factories) -> None:
    suspend(cases, city.manager, running)
    page = factories.login(city.manager).get(f"/manage/sites/{running.id}")
    assert "工会还没有确认" in page.text
    cases.act(city.district, its_case(cases, running), "approve")
    assert "工会已确认" in factories.login(city.manager).get(f"/manage/sites/{running.id}").text
