"""Incidents, nurseries and combined centres: their rules."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import TradeUnion, User
from app.care import combined, incidents, nursery
from app.care.models import Incident
from app.db import db
from app.errors import Conflict, Forbidden, Invalid
from app.sites.models import Site, SiteChange
from tests.care import helpers
from tests.conftest import Clock
from tests.factories import Factories

GOOD = nursery.ReturnValues(
    date(2026, 11, 20), 40, 35, 30, ["half_day", "full_day"], Decimal(1500), Decimal(1800), Decimal(400), Decimal(90)
)


class World:
    """A nursery with its people, in the present session."""

    def __init__(self, factories: Factories) -> None:
        _, self.district, self.unit = factories.tree()
        self.site = factories.site(self.unit, kind="nursery")
        self.manager = factories.user("site_manager", self.unit, self.site)
        self.above = factories.user("district_union", self.district)
        self.officer = factories.user("unit_union", self.unit)

    def bind(self) -> "World":
        for name, kind in (("site", Site), ("manager", User), ("above", User), ("officer", User), ("unit", TradeUnion)):
            setattr(self, name, db.session.get_one(kind, getattr(self, name).id))
        return self


@pytest.fixture
def world(app: Flask, factories: Factories) -> Iterator[World]:
    made = World(factories)
    with app.app_context():
        yield made.bind()


def happened(world: World, clock: Clock, **values: Any) -> Incident:
    usual = {"kind": "accident", "happened_on": date(2026, 11, 19), "description": "滑倒，已送医"}
    return incidents.record_incident(world.manager, world.site, **{**usual, **values}, now=clock())


def test_an_incident_is_recorded_and_stays_when_taken_back(world: World, clock: Clock) -> None:
    one = happened(world, clock)
    incidents.retract_incident(world.above, world.site, one, " 登记错了 ", clock())
    (row,) = incidents.incidents_of(world.site.id)
    assert (row.by, row.retracted_by) == (world.manager.username, world.above.username)
    assert (row.incident.retract_reason, row.incident.retracted_at) == ("登记错了", clock())
    assert [change.act for change in db.session.query(SiteChange)] == ["incident", "incident_retract"]
    with pytest.raises(Conflict, match="already"):
        incidents.retract_incident(world.above, world.site, one, "x", clock())


@pytest.mark.parametrize("who", ["manager", "officer"])
def test_only_a_union_above_takes_an_incident_back(world: World, clock: Clock, who: str) -> None:
    with pytest.raises(Forbidden, match="district or municipal"):
        incidents.retract_incident(getattr(world, who), world.site, happened(world, clock), "x", clock())


@pytest.mark.parametrize("reason", [" ", "x" * 301])
def test_taking_back_needs_a_reason(world: World, clock: Clock, reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        incidents.retract_incident(world.above, world.site, happened(world, clock), reason, clock())
    assert list(refusal.value.fields) == ["reason"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "other"), ("happened_on", date(2026, 11, 21)), ("description", "  "), ("description", "x" * 601),
        ("description", "家长电话 13800001111"), ("description", "家长电话 138 0000-1111"),
        ("description", "证号 330106 20150101 002X"), ("happened_on", date(206, 11, 20)),
    ],
)  # fmt: skip
def test_incidents_that_cannot_be_are_refused(world: World, clock: Clock, field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        happened(world, clock, **{field: value})
    assert list(refusal.value.fields) == [field]


def test_an_incident_is_not_recorded_twice(world: World, clock: Clock) -> None:
    first = happened(world, clock)
    with pytest.raises(Conflict, match="noted already"):
        happened(world, clock)
    assert happened(world, clock, description="2026-11-19 与 2026-11-20 各一次").id != first.id
    incidents.retract_incident(world.above, world.site, first, "写错了", clock())
    db.session.flush()
    assert happened(world, clock).id != first.id


def test_a_report_is_not_filed_twice(world: World, clock: Clock) -> None:
    nursery.add_return(world.manager, world.site, GOOD, clock())
    with pytest.raises(Conflict, match="noted already"):
        nursery.add_return(world.manager, world.site, GOOD, clock())
    nursery.add_return(world.manager, world.site, replace(GOOD, enrolled=36), clock())
    assert len(nursery.returns_of(world.site.id)) == 2


def test_a_report_is_filed_and_the_latest_is_in_force(world: World, clock: Clock) -> None:
    nursery.add_return(world.manager, world.site, GOOD, clock())
    nursery.add_return(world.manager, world.site, replace(GOOD, as_of=date(2026, 1, 1), places=50), clock())
    nursery.add_return(world.manager, world.site, replace(GOOD, places=45), clock())
    returns = nursery.returns_of(world.site.id)
    assert [(row.as_of, row.places) for row in returns] == [
        (date(2026, 11, 20), 45), (date(2026, 11, 20), 40), (date(2026, 1, 1), 50),
    ]  # fmt: skip
    assert returns[0].class_types == ["full_day", "half_day"]
    figures = nursery.ReturnFigures.of(returns[1])
    assert figures == nursery.ReturnFigures(Fraction(3, 4), Fraction(10), Fraction(9, 4))
    assert db.session.query(SiteChange).filter_by(act="nursery_return").count() == 3


def test_missing_numbers_stay_missing(world: World, clock: Clock) -> None:
    bare = nursery.ReturnValues(date(2026, 11, 20), 40, 0, 0, ["hourly"])
    row = nursery.add_return(world.manager, world.site, bare, clock())
    assert nursery.ReturnFigures.of(row) == nursery.ReturnFigures(Fraction(0), None, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"as_of": date(2026, 11, 21)}, "as_of"), ({"as_of": date(202, 11, 21)}, "as_of"),
        ({"places": 0, "enrolled": 0, "own_employees_children": 0}, "places"),
        ({"enrolled": 41}, "enrolled"), ({"own_employees_children": 36}, "own_employees_children"),
        ({"class_types": []}, "class_types"), ({"class_types": ["night"]}, "class_types"),
        ({"price_yuan": Decimal(-1)}, "price_yuan"), ({"outdoor_area_m2": Decimal("NaN")}, "outdoor_area_m2"),
    ],
)  # fmt: skip
def test_numbers_that_cannot_be_are_named(world: World, clock: Clock, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        nursery.add_return(world.manager, world.site, replace(GOOD, **changes), clock())
    assert list(refusal.value.fields) == [field]


def test_other_kinds_file_no_reports(world: World, clock: Clock) -> None:
    world.site.kind = "room"
    with pytest.raises(Conflict, match="kind of site"):
        nursery.add_return(world.manager, world.site, GOOD, clock())


def test_a_report_gets_old_after_a_year(world: World, clock: Clock) -> None:
    row = nursery.add_return(world.manager, world.site, GOOD, clock())
    assert nursery.is_old(None, GOOD.as_of)
    assert not nursery.is_old(row, GOOD.as_of + timedelta(days=365))
    assert nursery.is_old(row, GOOD.as_of + timedelta(days=366))


class Centre(World):
    """A centre with two rooms and a nursery of the same host, and a nursery elsewhere."""

    def __init__(self, factories: Factories) -> None:
        super().__init__(factories)
        self.nursery = self.site
        self.rooms = [factories.site(self.unit, name=name) for name in ("甲小屋", "乙小屋")]
        self.foreign = factories.site(self.district, kind="nursery")
        self.other_centre = factories.site(self.unit, kind="combined")
        self.site = factories.site(self.unit, kind="combined", name="综合中心")


@pytest.fixture
def centre(app: Flask, factories: Factories) -> Iterator[Centre]:
    made = Centre(factories)
    with app.app_context():
        made.bind()
        yield made


def test_a_centre_has_parts_of_two_kinds_from_its_own_host(centre: Centre, clock: Clock) -> None:
    offered = {site.name for site in combined.candidates(centre.officer, centre.site)}
    assert offered == {"甲小屋", "乙小屋", centre.nursery.name}
    ids = {centre.rooms[0].id, centre.nursery.id}
    combined.choose_parts(centre.officer, centre.site, ids, clock())
    combined.choose_parts(centre.officer, centre.site, ids, clock())
    assert {site.id for site in combined.parts_of(centre.site.id)} == ids
    assert combined.kinds_of(combined.parts_of(centre.site.id)) == {"room", "nursery"}
    found = combined.centre_of(centre.nursery.id)
    assert found
    assert found.id == centre.site.id
    assert db.session.query(SiteChange).filter_by(act="parts").count() == 1
    combined.choose_parts(centre.officer, centre.site, (), clock())
    assert combined.parts_of(centre.site.id) == []
    assert combined.centre_of(centre.nursery.id) is None


def test_what_cannot_be_a_centre_is_refused(centre: Centre, clock: Clock, factories: Factories) -> None:
    first, second = (room.id for room in centre.rooms)
    for ids, reason in (({first, second}, "at least two kinds"), ({first, centre.foreign.id}, "cannot be a part")):
        with pytest.raises(Invalid, match=reason) as refusal:
            combined.choose_parts(centre.officer, centre.site, ids, clock())
        assert list(refusal.value.fields) == ["parts"]
    with pytest.raises(Forbidden, match="Only a union"):
        combined.choose_parts(centre.manager, centre.site, {first}, clock())
    with pytest.raises(Conflict, match="kind of site"):
        combined.choose_parts(centre.officer, centre.nursery, {first}, clock())
    db.session.commit()
    helpers.join(factories, centre.other_centre, centre.rooms[0])
    with pytest.raises(Invalid, match="another centre"):
        combined.choose_parts(centre.officer, centre.site, {first, centre.nursery.id}, clock())
    centre.site.status = "closed"
    with pytest.raises(Conflict, match="closed"):
        combined.choose_parts(centre.officer, centre.site, set(), clock())
