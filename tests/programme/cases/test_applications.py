"""What an application brings about at the site."""

from datetime import date

import pytest

from app.care.models import CombinedPart
from app.db import db
from app.errors import Conflict, Invalid
from app.programme.cases import forms
from app.sites.models import Site, SiteStatus
from tests.conftest import Clock
from tests.factories import Factories
from tests.programme.cases.conftest import City
from tests.programme.cases.helpers import ACCEPTANCE, Cases


def stored(cases: Cases, site: Site) -> Site:
    with cases.app.app_context():
        return db.session.get_one(Site, site.id)


def test_a_site_goes_from_paper_to_the_finder(cases: Cases, city: City, clock: Clock) -> None:
    case = cases.submitted(city.manager, "application", city.site, opened_on="2026-11-01")
    details = cases.fresh(case).details
    assert (details["applied_on"], details["site_kind"], details["self_check_score"]) == ("2026-11-20", "room", "95")
    assert (details["applicant"], details["site_name"]) == (city.unit_union.name, "东楼小屋")
    clock.advance(days=2)
    cases.sheet(city.site, "acceptance", city.district, case=case)
    cases.act(city.district, case, "accept", details=ACCEPTANCE | {"accepted_on": "2026-11-21"})
    site = stored(cases, city.site)
    assert (site.accepted_on, site.status, site.is_public) == (date(2026, 11, 21), SiteStatus.PREPARING, False)
    clock.advance(days=5)
    cases.act(city.municipal, case, "file")
    site = stored(cases, city.site)
    assert (site.filed_on, site.receipt_number) == (date(2026, 11, 27), "2026-0001")
    assert (site.status, site.is_public) == (SiteStatus.OPERATING, True)
    assert cases.fresh(case).details["receipt_number"] == "2026-0001"
    cases.act(city.municipal, case, "issue_plaque", details={"plaque_number": " 青-007 "})
    site = stored(cases, city.site)
    assert (site.plaque_number, site.plaque_issued_on) == ("青-007", date(2026, 11, 27))


def test_what_the_form_lacks_is_named(cases: Cases, city: City) -> None:
    case = cases.open(city.manager, "application", city.site)
    with pytest.raises(Invalid) as caught:
        cases.act(city.manager, case, "submit")
    assert {"union_head_name", "union_head_phone", "serves", "postcode"} <= set(caught.value.fields)
    assert "site_name" not in caught.value.fields


def test_the_form_takes_what_the_site_and_the_union_know(cases: Cases, city: City, factories: Factories) -> None:
    union = factories.union("unit", city.district_union, head_name="周洁", head_phone="0532-1", women_workers=80)
    stated = {"postcode": "266000"}
    site = factories.site(union, status="preparing", accepted_on=None, premises="mall", particulars=stated)
    case = cases.open(factories.user("unit_union", union), "application", site)
    with cases.app.app_context():
        known = forms.answers(case, db.session.get_one(Site, site.id))
    assert (known["union_head_name"], known["postcode"], known["open_to_public"]) == ("周洁", "266000", "yes")


def test_a_failed_self_check_is_not_handed_in(cases: Cases, city: City) -> None:
    case = cases.open(city.manager, "application", city.site)
    cases.fill(city.manager, case)
    with pytest.raises(Invalid, match="not been handed in"):
        cases.act(city.manager, case, "submit")
    cases.sheet(city.site, "self_check", city.manager, is_passed=False)
    with pytest.raises(Invalid, match="pass mark"):
        cases.act(city.manager, case, "submit")
    cases.sheet(city.site, "self_check", city.manager)
    cases.act(city.manager, case, "submit")


def test_a_combined_centre_brings_the_self_checks_of_its_parts(cases: Cases, city: City, factories: Factories) -> None:
    centre = factories.site(city.unit_union, kind="combined", status="preparing", accepted_on=None, premises="unit")
    parts = [factories.site(city.unit_union, kind=kind) for kind in ("room", "nursery")]
    case = cases.open(city.unit, "application", centre)
    cases.fill(city.unit, case)
    factories.add(CombinedPart(part_id=parts[0].id, centre_id=centre.id, since_on=date(2026, 1, 1)))
    cases.sheet(parts[0], "self_check", city.unit)
    with pytest.raises(Invalid, match="two parts"):
        cases.act(city.unit, case, "submit")
    factories.add(CombinedPart(part_id=parts[1].id, centre_id=centre.id, since_on=date(2026, 1, 1)))
    with pytest.raises(Invalid, match="not been handed in"):
        cases.act(city.unit, case, "submit")
    cases.sheet(parts[1], "self_check", city.unit)
    cases.act(city.unit, case, "submit")


def test_an_acceptance_needs_its_sheet_staff_findings_and_day(cases: Cases, city: City) -> None:
    case = cases.submitted(city.manager, "application", city.site)
    told = ACCEPTANCE | {"accepted_on": "2026-11-20"}
    with pytest.raises(Invalid, match="acceptance sheet"):
        cases.act(city.district, case, "accept", details=told)
    cases.sheet(city.site, "acceptance", city.district, case=case, is_passed=False)
    with pytest.raises(Invalid, match="pass mark"):
        cases.act(city.district, case, "accept", details=told)
    cases.sheet(city.site, "acceptance", city.manager, case=case)
    with pytest.raises(Invalid, match="applicant"):
        cases.act(city.district, case, "accept", details=told)
    cases.sheet(city.site, "acceptance", city.district, case=case)
    for wrong in ({"acceptance_staff": " "}, {"acceptance_findings": ""}, {"accepted_on": "2026-11-21"}):
        with pytest.raises(Invalid) as caught:
            cases.act(city.district, case, "accept", details=told | wrong)
        assert set(caught.value.fields) == set(wrong)
    cases.act(city.district, case, "accept", details=told)


@pytest.mark.parametrize("act", ["return", "refuse"])
def test_what_is_not_filed_is_not_accepted(cases: Cases, city: City, act: str) -> None:
    case = cases.accepted(city.district, cases.submitted(city.manager, "application", city.site))
    assert stored(cases, city.site).accepted_on is not None
    cases.act(city.municipal, case, act, note="不符", reasons=[{"item": "other", "reason": "不符"}])
    assert stored(cases, city.site).accepted_on is None


def test_receipt_numbers_run_through_a_city_and_begin_anew_each_year(
    cases: Cases, city: City, factories: Factories, clock: Clock
) -> None:
    elsewhere = factories.tree()
    factories.site(elsewhere[2], receipt_number="2026-0099")
    factories.site(city.unit_union, receipt_number="2025-0500")
    factories.site(city.unit_union, receipt_number="2026-0011")
    numbers = []
    for number in range(2):
        site = factories.site(city.unit_union, status="preparing", accepted_on=None, premises="mall")
        case = cases.accepted(city.district, cases.submitted(city.unit, "application", site))
        clock.advance(days=40 * number)
        cases.act(city.municipal, case, "file")
        numbers.append(stored(cases, site).receipt_number)
    assert numbers == ["2026-0012", "2026-0013"]
    clock.advance(days=30)
    site = factories.site(city.unit_union, status="preparing", accepted_on=None, premises="mall")
    cases.act(city.municipal, cases.accepted(city.district, cases.submitted(city.unit, "application", site)), "file")
    assert stored(cases, site).receipt_number == "2027-0001"


def test_a_site_that_is_filed_does_not_apply_again(cases: Cases, city: City, factories: Factories) -> None:
    site = factories.site(city.unit_union, filed_on=date(2025, 1, 1))
    with pytest.raises(Conflict, match="already"):
        cases.open(city.unit, "application", site)


def test_where_nothing_is_filed_acceptance_opens_and_the_district_gives_the_plaque(
    cases: Cases, city: City, factories: Factories
) -> None:
    site = factories.site(
        city.unit_union, status="preparing", accepted_on=None, opened_on=None, premises="enterprise"
    )
    case = cases.submitted(city.unit, "application", site, rulebook="beijing-bda-2017")
    cases.accepted(city.district, case)
    assert stored(cases, site).status == SiteStatus.OPERATING
    cases.act(city.district, case, "issue_plaque", details={"plaque_number": "BDA-1"})
    assert cases.fresh(case).state == "plaqued"


@pytest.mark.parametrize("number", ["", "  ", "9" * 61])
def test_a_plaque_has_a_number_of_its_own(cases: Cases, city: City, factories: Factories, number: str) -> None:
    factories.site(city.unit_union, plaque_number="QD-1")
    case = cases.put("application", "filed", city.site)
    for wrong in (number, "QD-1"):
        with pytest.raises(Invalid) as caught:
            cases.act(city.municipal, case, "issue_plaque", details={"plaque_number": wrong})
        assert "plaque_number" in caught.value.fields


def test_a_kind_that_the_rulebook_does_not_know_is_refused(cases: Cases, city: City, factories: Factories) -> None:
    site = factories.site(city.unit_union, kind="nursery", status="preparing", accepted_on=None)
    with pytest.raises(Conflict, match="kind"):
        cases.open(city.unit, "application", site, rulebook="beijing-bda-2017")
