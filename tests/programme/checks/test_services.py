"""Who plans, assigns, calls off, and how an inspection ends."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import User
from app.db import db, unit_of_work
from app.errors import Conflict, DomainError, Invalid, NotFound
from app.programme import recounts
from app.programme.checks import queries, services
from app.programme.checks.models import Inspection
from app.programme.recounts import Recount
from app.rulebooks import load
from app.sites.models import Site
from tests.conftest import Clock
from tests.factories import Factories
from tests.programme.checks.conftest import Net
from tests.programme.checks.helpers import inspection_of, submitted_sheet
from tests.usage.helpers import Phone

RULEBOOK = load("qingdao-2023")
DUE = date(2026, 12, 1)
PASSED: dict[str, Any] = {"mode": "on_site", "result": "passed", "note": "", "findings": []}


class People:
    """Does what the services do, each in a transaction of its own."""

    def __init__(self, app: Flask, clock: Clock) -> None:
        self.app, self.clock = app, clock

    def plan(self, actor: User, site: Site, **values: Any) -> Inspection:
        with self.app.app_context(), unit_of_work():
            who = db.session.get_one(User, actor.id)
            given = {"due_on": DUE, "reason": "有人反映", "inspector_id": None, "now": self.clock(), **values}
            return services.plan(who, who.trade_union, db.session.get_one(Site, site.id), **given)

    def begin(self, actor: User, site: Site) -> Inspection:
        with self.app.app_context(), unit_of_work():
            who = db.session.get_one(User, actor.id)
            return services.begin_full_self(who, db.session.get_one(Site, site.id), self.clock())

    def do(self, act: Any, actor: User, inspection: Inspection, *args: Any, **values: Any) -> None:
        with self.app.app_context(), unit_of_work():
            act(db.session.get_one(User, actor.id), db.session.get_one(Inspection, inspection.id), *args, **values)

    def finish(self, actor: User, inspection: Inspection, **values: Any) -> None:
        given = {**PASSED, **values, "rulebook": RULEBOOK, "now": self.clock()}
        self.do(services.finish, actor, inspection, **given)

    def stored(self, inspection: Inspection) -> Inspection:
        with self.app.app_context():
            return db.session.get_one(Inspection, inspection.id)


@pytest.fixture
def people(app: Flask, clock: Clock) -> People:
    return People(app, clock)


def refused(kind: type[DomainError], act: Any, *args: Any, **values: Any) -> DomainError:
    with pytest.raises(kind) as caught:
        act(*args, **values)
    return caught.value


def test_each_level_plans_its_own_kind(people: People, net: Net) -> None:
    kinds = [people.plan(one, net.sites[0]).kind for one in (net.bella, net.anna, net.clara)]
    assert kinds == ["full_self", "spot_check", "supervision"]


@pytest.mark.parametrize(
    ("values", "field"),
    [({"due_on": date(2026, 11, 19)}, "due_on"), ({"due_on": date(2028, 1, 1)}, "due_on"), ({"reason": " "}, "reason"),
     ({"reason": "字" * 301}, "reason"), ({"reason": "a\0b"}, "reason")],
)  # fmt: skip
def test_a_plan_needs_a_day_and_a_reason(people: People, net: Net, values: dict[str, Any], field: str) -> None:
    error = refused(Invalid, people.plan, net.anna, net.sites[0], **values)
    assert set(error.fields) == {field}


def test_a_site_is_planned_once_at_a_time_and_only_by_its_own_unions(
    people: People, net: Net, factories: Factories
) -> None:
    first = people.plan(net.anna, net.sites[0])
    assert "planned already" in str(refused(Conflict, people.plan, net.anna, net.sites[0]))
    people.do(services.cancel, net.anna, first, "改期", people.clock())
    assert people.plan(net.anna, net.sites[0]).id != first.id
    elsewhere, closed = factories.site(), factories.site(net.unit, status="closed")
    assert "not one of your" in str(refused(Conflict, people.plan, net.anna, elsewhere))
    assert "in operation" in str(refused(Conflict, people.plan, net.anna, closed))


def test_the_inspector_is_somebody_else_than_the_sites_own_people(
    people: People, net: Net, factories: Factories
) -> None:
    peer = factories.user("unit_union", factories.union("unit", net.district))
    gone = factories.user("unit_union", factories.union("unit", net.district), active=False)
    planned = people.plan(net.anna, net.sites[0], inspector_id=net.emma.id)
    people.do(services.assign, net.anna, planned, peer.id)
    assert people.stored(planned).inspector_id == peer.id
    for person in (net.bella, net.dora, gone):
        error = refused(Invalid, people.do, services.assign, net.anna, planned, person.id)
        assert set(error.fields) == {"inspector_id"}
    refused(NotFound, people.do, services.assign, net.anna, planned, net.clara.id)
    refused(Conflict, people.do, services.assign, net.bella, planned, net.bella.id)


def test_only_the_inspector_records_the_result_and_only_once(people: People, net: Net) -> None:
    planned = people.plan(net.anna, net.sites[0], inspector_id=net.emma.id)
    assert "Another person" in str(refused(Conflict, people.finish, net.anna, planned))
    people.finish(net.emma, planned, note="  很好 ")
    done = people.stored(planned)
    assert (done.result, done.mode, done.note, done.done_by_id) == ("passed", "on_site", "很好", net.emma.id)
    assert done.done_at == people.clock()
    assert "stays as it is" in str(refused(Conflict, people.finish, net.emma, planned))
    refused(Conflict, people.do, services.cancel, net.anna, planned, "x", people.clock())


@pytest.mark.parametrize(
    ("values", "field"),
    [({"result": ""}, "result"), ({"mode": "by letter"}, "mode"), ({"result": "rectify"}, "findings"),
     ({"result": "failed", "findings": [{"item": "", "text": " "}]}, "findings"), ({"note": "字" * 1001}, "note"),
     ({"result": "rectify", "findings": [{"text": "字" * 401}]}, "findings")],
)  # fmt: skip
def test_a_result_is_whole(people: People, net: Net, values: dict[str, Any], field: str) -> None:
    planned = people.plan(net.anna, net.sites[0], inspector_id=net.anna.id)
    assert set(refused(Invalid, people.finish, net.anna, planned, **values).fields) == {field}
    assert people.stored(planned).done_at is None


def test_a_full_self_inspection_is_the_units_own_and_takes_its_sheet(
    people: People, net: Net, factories: Factories
) -> None:
    begun = people.begin(net.dora, net.sites[0])
    assert people.begin(net.bella, net.sites[0]).id == begun.id
    assert (begun.year, begun.due_on, begun.inspector_id) == (2026, date(2026, 12, 31), net.dora.id)
    for stranger in (net.anna, net.clara, net.emma):
        refused(Conflict, people.begin, stranger, net.sites[0])
    refused(Conflict, people.begin, net.dora, net.sites[1])
    assert set(refused(Invalid, people.finish, net.bella, begun).fields) == {"sheet"}
    submitted_sheet(factories, begun, net.bella, "92", "self_check")
    people.finish(net.bella, begun)
    assert people.stored(begun).inspector_id == net.bella.id
    refused(Invalid, people.do, services.assign, net.bella, people.begin(net.bella, net.sites[1]), net.dora.id)


def test_the_code_at_the_door_shows_that_she_was_there(people: People, net: Net, factories: Factories) -> None:
    planned = people.plan(net.anna, net.sites[0], inspector_id=net.anna.id)
    code, other = factories.door_code(net.sites[0]), factories.door_code(net.sites[1])
    for wrong in (other.code, "", "nonsense", "!" * 400):
        error = refused(Invalid, people.do, services.scan, net.anna, planned, wrong, people.clock())
        assert set(error.fields) == {"code"}
    refused(Conflict, people.do, services.scan, net.emma, planned, code.code, people.clock())
    first = people.clock()
    people.do(services.scan, net.anna, planned, code.code.upper(), first)
    people.do(services.scan, net.anna, planned, code.code, first + timedelta(hours=1))
    assert (people.stored(planned).scanned_at, people.stored(planned).mode) == (first, "on_site")


def test_calling_off_needs_a_reason_and_ends_it(people: People, net: Net) -> None:
    planned = people.plan(net.anna, net.sites[0], inspector_id=net.anna.id)
    error = refused(Invalid, people.do, services.cancel, net.anna, planned, " ", people.clock())
    assert set(error.fields) == {"reason"}
    refused(Conflict, people.do, services.cancel, net.bella, planned, "x", people.clock())
    people.do(services.cancel, net.clara, planned, "阵地已搬走", people.clock())
    off = people.stored(planned)
    assert (off.cancel_reason, off.cancelled_by_id, off.cancelled_at) == ("阵地已搬走", net.clara.id, people.clock())
    assert "called off" in str(refused(Conflict, people.finish, net.anna, planned))


def test_an_inspection_from_above_stays_unknown_below_until_it_is_done(
    app: Flask, net: Net, factories: Factories
) -> None:
    waiting = inspection_of(factories, net.sites[0], net.district, "spot_check")
    with app.app_context():
        for person in (net.bella, net.dora, net.emma):
            with pytest.raises(NotFound):
                queries.get_inspection(db.session.get_one(User, person.id), waiting.id)
        assert queries.get_inspection(db.session.get_one(User, net.clara.id), waiting.id).id == waiting.id
    inspection_of(factories, net.sites[0], net.district, "spot_check", done_at=factories.clock(), result="passed")
    with app.app_context():
        for person, number in ((net.bella, 1), (net.dora, 1), (net.emma, 0), (net.anna, 2)):
            seen = db.session.scalars(queries.inspections_in_scope(db.session.get_one(User, person.id))).all()
            assert len(seen) == number


def test_a_recount_is_kept_with_what_the_system_counted_in_the_same_time(
    people: People, net: Net, factories: Factories, clock: Clock
) -> None:
    phone = Phone(people.app, factories.door_code(net.sites[0]).code)
    phone.logged()
    begun = clock.at
    clock.advance(minutes=40)
    phone.logged()
    clock.advance(minutes=5)
    phone.logged()  # too soon: it does not count
    clock.advance(minutes=15)
    planned = people.plan(net.anna, net.sites[0], inspector_id=net.anna.id)
    people.finish(net.anna, planned, recount=Recount(begun, clock.at, 2))
    stored = people.stored(planned)
    assert (stored.recounted_uses, stored.recounted_counted) == (2, 2)
    assert (stored.recounted_from_at, stored.recounted_until_at) == (begun, clock.at)


NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
GOOD = {"recount_from": "2026-11-20T07:00", "recount_until": "2026-11-20T10:00", "recount_uses": "0"}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"recount_from": ""}, "recount_from"),
        ({"recount_from": "yesterday"}, "recount_from"),
        ({"recount_from": "2026-10-20T09:59"}, "recount_from"),
        ({"recount_until": ""}, "recount_until"),
        ({"recount_until": "2026-11-20T07:00"}, "recount_until"),
        ({"recount_until": "2026-11-20T10:01"}, "recount_until"),
        ({"recount_uses": ""}, "recount_uses"),
        ({"recount_uses": "-1"}, "recount_uses"),
        ({"recount_uses": "99999"}, "recount_uses"),
        ({"recount_uses": "三"}, "recount_uses"),
    ],
)
def test_what_is_wrong_about_a_recount_is_named(values: dict[str, str], field: str) -> None:
    assert recounts.read({}, NOW) is None
    assert recounts.read(GOOD, NOW) == Recount(NOW - timedelta(hours=3), NOW, 0)
    with pytest.raises(Invalid) as caught:
        recounts.read({**GOOD, **values}, NOW)
    assert list(caught.value.fields) == [field]
