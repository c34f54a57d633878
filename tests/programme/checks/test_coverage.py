"""How far a union has come, on both sides of each demand."""

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from flask import Flask
from sqlalchemy import update

from app.accounts.models import TradeUnion
from app.db import db, unit_of_work
from app.programme.checks.coverage import Coverage, Demand, coverage_by_district, coverage_of, demand_of, number_to_plan
from app.programme.checks.queries import KIND_OF_LEVEL
from app.programme.scoring.models import FilledSheet
from app.rulebooks import load
from tests.factories import Factories
from tests.programme.checks.conftest import Net
from tests.programme.checks.helpers import inspection_of, submitted_sheet

TODAY = date(2026, 11, 20)


def coverage(app: Flask, union: TradeUnion, kind: str, year: int = 2026) -> Coverage:
    with app.app_context():
        asked = (db.session.get_one(TradeUnion, union.id), kind, year, TODAY, "qingdao-2023")
        found = coverage_of(*asked)
        if kind == KIND_OF_LEVEL[union.level]:
            assert number_to_plan(*asked) == found.to_plan
        return found


def test_what_qingdao_demands() -> None:
    rulebook = load("qingdao-2023")
    demands = {kind: demand_of(rulebook, kind) for kind in ("full_self", "spot_check", "supervision")}
    assert {kind: one.of(7) for kind, one in demands.items()} == {"full_self": 7, "spot_check": 4, "supervision": 1}
    assert Demand("spot_check", Fraction(1, 2), 0, "").of(7) == 0
    assert demands["supervision"].of(0) == 0


def test_half_of_three_sites_is_two(app: Flask, net: Net, factories: Factories) -> None:
    done: dict[str, Any] = {"done_at": factories.clock(), "result": "passed"}
    inspection_of(factories, net.sites[0], net.district, "spot_check", **done)
    found = coverage(app, net.district, "spot_check")
    assert (found.covered, found.needed, found.missing, found.to_plan) == (1, 2, 1, 1)
    inspection_of(factories, net.sites[0], net.district, "spot_check", **done)
    inspection_of(factories, net.sites[1], net.district, "spot_check", due_on=date(2026, 11, 19))
    found = coverage(app, net.district, "spot_check")
    assert (found.covered, found.missing, found.to_plan) == (1, 1, 0)
    assert [duty.state for duty in found.duties] == ["overdue", "open", "done"]
    assert found.share == Fraction(1, 3)
    inspection_of(factories, net.sites[1], net.district, "spot_check", **done)
    found = coverage(app, net.district, "spot_check")
    assert (found.covered, found.missing) == (2, 0)


def test_others_inspections_and_other_years_do_not_count(app: Flask, net: Net, factories: Factories) -> None:
    done: dict[str, Any] = {"done_at": factories.clock(), "result": "passed"}
    inspection_of(factories, net.sites[0], net.city, "supervision", **done)
    inspection_of(factories, net.sites[0], net.district, "spot_check", year=2025, **done)
    inspection_of(factories, net.sites[1], net.district, "spot_check", cancelled_at=factories.clock())
    assert coverage(app, net.district, "spot_check").covered == 0
    assert coverage(app, net.district, "spot_check", 2025).covered == 1
    assert coverage(app, net.city, "supervision").covered == 1


def test_the_city_sees_what_its_districts_have_done(app: Flask, net: Net, factories: Factories) -> None:
    inspection_of(
        factories, net.sites[0], net.district, "spot_check", done_at=factories.clock(), result="rectify"
    )
    other = factories.union("district", net.city)
    factories.site(factories.union("unit", other))
    factories.union("district", net.city)
    with app.app_context():
        city = db.session.get_one(TradeUnion, net.city.id)
        by_district = coverage_by_district(city, "spot_check", 2026, TODAY, "qingdao-2023")
        found = {one.union.id: (one.covered, len(one.duties), one.missing) for one in by_district}
        assert found == {net.district.id: (1, 3, 1), other.id: (0, 1, 1)}
    assert coverage(app, net.city, "spot_check").covered == 1


def test_a_site_of_this_year_owes_its_first_full_self_inspection_next_year(
    app: Flask, net: Net, factories: Factories
) -> None:
    factories.site(net.unit, accepted_on=date(2026, 3, 1))
    factories.site(net.unit, accepted_on=None, opened_on=None)
    factories.site(net.unit, status="preparing")
    assert len(coverage(app, net.unit, "full_self").duties) == 4
    assert len(coverage(app, net.district, "spot_check").duties) == 5
    late = coverage(app, net.unit, "full_self", 2025)
    assert [duty.state for duty in late.duties] == ["overdue"]


def test_what_speaks_for_a_check(app: Flask, net: Net, factories: Factories) -> None:
    first, second, third = net.sites
    old = datetime(2024, 5, 1, tzinfo=UTC)
    visit = inspection_of(
        factories, first, net.district, "spot_check", year=2024, done_at=old, result="passed", due_on=date(2024, 6, 1)
    )
    submitted_sheet(factories, visit, net.anna, "84.5", "inspection")
    inspection_of(factories, second, net.city, "supervision", year=2025, done_at=factories.clock(), result="failed")
    for year, result in ((2023, "failed"), (2024, "passed"), (2025, None)):
        done_at = datetime(year, 5, 1, tzinfo=UTC) if result else None
        inspection_of(factories, third, net.district, "spot_check", year=year, done_at=done_at, result=result)
    duties = {duty.site.id: duty for duty in coverage(app, net.district, "spot_check").duties}
    assert duties[third.id].standing.last_result == "passed"
    assert duties[first.id].standing.last_share == Fraction(845, 1000)
    assert duties[first.id].reasons == ("poor",)
    assert duties[second.id].reasons == ("poor",)
    assert duties[third.id].reasons == ()
    assert duties[third.id].standing.last_visit_on == date(2025, 1, 1)


def test_a_sheet_of_a_rulebook_that_is_gone_says_nothing(app: Flask, net: Net, factories: Factories) -> None:
    visit = inspection_of(factories, net.sites[0], net.district, "spot_check", done_at=factories.clock())
    submitted_sheet(factories, visit, net.anna, "10", "inspection")
    with app.app_context(), unit_of_work():
        db.session.execute(update(FilledSheet).values(rulebook_id="nowhere-1999"))
    duties = {duty.site.id: duty for duty in coverage(app, net.district, "spot_check").duties}
    assert duties[net.sites[0].id].standing.last_share is None
