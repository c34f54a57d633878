"""How a site ends: unit, district, municipal."""

from datetime import date

import pytest
from sqlalchemy import select

from app.db import db
from app.errors import Conflict, Forbidden, Invalid
from app.sites.door_code_services import live_codes
from app.sites.models import Site, SiteChange, SiteStatus
from tests.conftest import Clock
from tests.factories import Factories
from tests.programme.cases.conftest import City
from tests.programme.cases.helpers import Cases


@pytest.fixture
def running(city: City, factories: Factories) -> Site:
    """A site in operation with a code on its door."""
    site = factories.site(city.unit_union, filed_on=date(2025, 2, 1), premises="mall")
    factories.door_code(site)
    return site


def test_at_the_end_the_site_is_closed_and_its_codes_end(
    cases: Cases, city: City, running: Site, clock: Clock
) -> None:
    case = cases.submitted(
        city.unit, "deregistration", running, reason="单位搬迁", assets_to="沙发移交二分厂", plaque_to="交回区总工会"
    )
    details = cases.fresh(case).details
    assert (details["reason"], details["assets_to"], details["plaque_to"]) == (
        "单位搬迁", "沙发移交二分厂", "交回区总工会",
    )  # fmt: skip
    cases.act(city.district, case, "confirm", note="情况属实")
    with cases.app.app_context():
        assert db.session.get_one(Site, running.id).status == SiteStatus.OPERATING
    cases.act(city.municipal, case, "file")
    with cases.app.app_context():
        site = db.session.get_one(Site, running.id)
        assert (site.status, site.closed_on, site.is_listed) == (SiteStatus.CLOSED, date(2026, 11, 20), False)
        assert live_codes(site, clock()) == []
        assert case.number in site.door_codes[0].revoked_reason
        changes = select(SiteChange.note).where(SiteChange.site_id == site.id, SiteChange.act == "edit")
        assert case.number in db.session.scalars(changes).all()
    assert cases.fresh(case).state == "filed"


def test_reason_assets_and_plaque_have_to_be_told(cases: Cases, city: City, running: Site) -> None:
    case = cases.open(city.unit, "deregistration", running)
    with pytest.raises(Invalid) as caught:
        cases.act(city.unit, case, "submit")
    assert {"reason", "assets_to", "plaque_to"} <= set(caught.value.fields)


def test_a_manager_prepares_and_the_unit_hands_in(
    cases: Cases, city: City, running: Site, factories: Factories
) -> None:
    manager = factories.user("site_manager", city.unit_union, running)
    case = cases.open(manager, "deregistration", running)
    cases.fill(manager, case)
    with pytest.raises(Forbidden):
        cases.act(manager, case, "submit")
    cases.act(city.unit, case, "submit")


def test_open_cases_come_first_and_are_named(cases: Cases, city: City, running: Site) -> None:
    other = cases.put("rectification", "open", running, by=city.district)
    case = cases.open(city.unit, "deregistration", running)
    cases.fill(city.unit, case)
    with pytest.raises(Conflict, match=other.number):
        cases.act(city.unit, case, "submit")
    cases.act(city.unit, other, "submit", note="好了")
    cases.act(city.district, other, "close")
    cases.put("demonstration", "titled", running)
    cases.put("suspension", "approved", running)
    cases.act(city.unit, case, "submit")
    with pytest.raises(Conflict, match=case.number):
        cases.open(city.unit, "demonstration", running)


def test_a_closed_site_opens_no_case(cases: Cases, city: City, factories: Factories) -> None:
    site = factories.site(city.unit_union, status="closed", closed_on=date(2026, 1, 1))
    with pytest.raises(Conflict, match="closed"):
        cases.open(city.unit, "deregistration", site)
