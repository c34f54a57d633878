"""The rules of the registers."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.db import db, unit_of_work
from app.errors import Conflict, Invalid
from app.registers import queries, services
from app.registers.models import FixedAsset, Keeper, RegisterEntry
from app.sites.models import Site, SiteChange
from tests.conftest import Clock
from tests.registers.conftest import TODAY, World

Act = Callable[..., Any]
TOMORROW = TODAY + timedelta(days=1)


def refused(act: Act, field: str, service: Callable[..., Any], *arguments: Any, **values: Any) -> None:
    with pytest.raises(Invalid) as caught:
        act(service, *arguments, **values)
    assert list(caught.value.fields) == [field]


def test_what_is_at_fault_has_to_be_said(act: Act) -> None:
    check = services.record_check
    refused(act, "done_on", check, "cleaning", done_on=TOMORROW)
    refused(act, "findings", check, "safety", done_on=TODAY)
    refused(act, "findings", check, "safety", done_on=TODAY, findings={"dragons": True})
    refused(act, "note", check, "safety", done_on=TODAY, findings={"fire": True, "water": False})
    entry = act(check, "safety", done_on=TODAY, findings={"water": False}, note="已报修")
    assert entry.findings == {"water": False}
    assert all(services.all_in_order().values())


def test_activities_are_declared_up_to_a_year_ahead(act: Act, clock: Clock) -> None:
    lecture = {"kind": "lecture", "topic": "health", "title": "讲座"}
    refused(act, "starts_at", services.record_activity, **lecture, starts_at=clock() + timedelta(days=367))
    made = act(services.record_activity, **lecture, starts_at=clock() + timedelta(days=366), hours=Decimal("1.5"))
    assert made.ends_at - made.starts_at == timedelta(minutes=90)


def test_stock_is_what_came_less_what_went(app: Flask, act: Act, world: World) -> None:
    move = services.move_supplies
    refused(act, "moved_on", move, item="wipes", direction="in", quantity=1, moved_on=TOMORROW)
    refused(act, "quantity", move, item="wipes", direction="in", quantity=0, moved_on=TODAY)
    refused(act, "note", move, item="other", direction="in", quantity=1, moved_on=TODAY)
    act(move, item="wipes", direction="in", quantity=50, moved_on=date(2026, 10, 31))
    act(move, item="wipes", direction="out", quantity=47, moved_on=TODAY)
    wrong = act(move, item="wipes", direction="in", quantity=500, moved_on=TODAY)
    with app.app_context(), unit_of_work():
        site = db.session.get_one(Site, world.site.id)
        services.void(db.session.merge(world.manager), db.session.merge(wrong), "多写一个零", app.extensions["clock"]())
        services.set_level(site, "wipes", 3)
        services.set_level(site, "tissues", 5)
        db.session.flush()
        assert queries.stock([site.id]) == {site.id: {"wipes": 3}}
        assert queries.stock([site.id], date(2026, 10, 31)) == {site.id: {"wipes": 50}}
        assert queries.low_stock([site.id]) == [(site.id, "tissues", 0, 5)]
        services.set_level(site, "wipes", 4)
        services.set_level(site, "tissues", None)
        services.set_level(site, "nappies", 0)
        db.session.flush()
        assert queries.low_stock([site.id]) == [(site.id, "wipes", 3, 4)]
        assert queries.levels(site.id) == {"wipes": 4}
        with pytest.raises(Invalid):
            services.set_level(site, "gold", 1)


def test_overspending_is_recorded_and_shown(app: Flask, act: Act, world: World) -> None:
    book = services.book_money
    refused(act, "booked_on", book, direction="in", amount_yuan=Decimal(1), purpose="equipment", booked_on=TOMORROW)
    refused(act, "amount_yuan", book, direction="in", amount_yuan=Decimal(0), purpose="equipment", booked_on=TODAY)
    refused(act, "note", book, direction="out", amount_yuan=Decimal(1), purpose="other", booked_on=TODAY)
    act(book, direction="in", amount_yuan=Decimal(10000), purpose="equipment", booked_on=date(2026, 10, 1))
    act(book, direction="out", amount_yuan=Decimal("10000.01"), purpose="equipment", booked_on=TODAY)
    act(book, direction="out", amount_yuan=Decimal("0.50"), purpose="lectures", booked_on=TODAY)
    with app.app_context():
        money = queries.money(world.site.id)
        assert money.received == Decimal(10000)
        assert money.spent == Decimal("10000.51")
        assert money.balance == Decimal("-0.51")
        assert money.by_purpose["lectures"] == (Decimal(0), Decimal("0.50"))
        assert queries.money(world.site.id, date(2026, 10, 31)).balance == Decimal(10000)


def test_an_asset_says_where_it_went(app: Flask, act: Act, world: World) -> None:
    asset = {"name": "小冰箱", "quantity": 1, "source": "union"}
    refused(act, "acquired_on", services.add_asset, **asset, acquired_on=TOMORROW)
    refused(act, "quantity", services.add_asset, **(asset | {"quantity": 0}))
    made = act(services.add_asset, **asset, acquired_on=date(2026, 3, 1))
    assert act(services.add_asset, **asset).acquired_on == TODAY

    def dispose(manager: Any, site: Site, **values: Any) -> None:
        services.dispose_asset(manager, site, db.session.get_one(FixedAsset, made.id), **values)

    refused(act, "on", dispose, on=TOMORROW, where="报废")
    refused(act, "on", dispose, on=date(2026, 2, 28), where="报废")
    refused(act, "where", dispose, on=TODAY, where="")
    act(dispose, on=TODAY, where="移交金沙湖站母婴室")
    with pytest.raises(Conflict):
        act(dispose, on=TODAY, where="报废")
    with app.app_context():
        change = db.session.query(SiteChange).filter_by(site_id=world.site.id, act="dispose_asset").one()
        assert change.note == "移交金沙湖站母婴室"


def test_a_keeper_renews_and_leaves(app: Flask, act: Act, world: World) -> None:
    person = {"name": "王红", "kind": "volunteer"}
    refused(act, "since_on", services.add_keeper, **person, since_on=TOMORROW)
    made = act(services.add_keeper, **person, since_on=date(2026, 3, 1), certificate_until=date(2026, 12, 20))

    def with_keeper(service: Callable[..., Any]) -> Callable[..., Any]:
        return lambda manager, site, **values: service(manager, site, db.session.get_one(Keeper, made.id), **values)

    renew, leave = with_keeper(services.renew_certificate), with_keeper(services.keeper_left)
    with app.app_context():
        assert [keeper.id for keeper in queries.expiring([world.site.id], TODAY)] == [made.id]
        assert queries.expiring([world.site.id], TODAY - timedelta(days=1)) == []
    refused(act, "until", renew, until=None, file=None)
    act(renew, until=date(2027, 12, 20), file=None)
    with app.app_context():
        assert queries.expiring([world.site.id], TODAY) == []
        change = db.session.query(SiteChange).filter_by(site_id=world.site.id, act="certificate").one()
        assert change.fields == {"certificate_until": ["2026-12-20", "2027-12-20"]}
    refused(act, "on", leave, on=TOMORROW)
    refused(act, "on", leave, on=date(2026, 2, 28))
    act(leave, on=TODAY)
    for service, values in ((leave, {"on": TODAY}), (renew, {"until": date(2028, 1, 1), "file": None})):
        with pytest.raises(Conflict):
            act(service, **values)
    with app.app_context():
        assert queries.expiring([world.site.id], date(2028, 1, 1)) == []


def test_an_entry_is_voided_once_and_with_a_reason(act: Act) -> None:
    made = act(services.record_check, "cleaning", done_on=TODAY)

    def void(manager: Any, _site: Site, reason: str, **values: Any) -> RegisterEntry:
        row = db.session.get_one(RegisterEntry, made.id)
        services.void(manager, row, reason, **values)
        return row

    refused(act, "reason", void, "  ")
    assert act(void, "记错日子了").void_reason == "记错日子了"
    with pytest.raises(Conflict):
        act(void, "再来一次")


def test_what_is_missing_follows_how_often_a_register_is_kept(app: Flask, act: Act, world: World, clock: Clock) -> None:
    required = ("use", "cleaning", "activity", "assets", "keepers")

    def missing() -> list[str]:
        with app.app_context():
            return queries.missing(world.site.id, required, TODAY)

    assert missing() == ["cleaning", "activity", "assets", "keepers"]
    act(services.record_check, "cleaning", done_on=date(2026, 10, 31))
    act(services.record_activity, kind="lecture", topic="health", title="讲座", starts_at=clock() - timedelta(days=366))
    act(services.record_activity, kind="lecture", topic="health", title="讲座", starts_at=clock() + timedelta(days=1))
    assert missing() == ["cleaning", "activity", "assets", "keepers"]
    act(services.record_check, "cleaning", done_on=date(2026, 11, 1))
    act(services.record_activity, kind="lecture", topic="health", title="讲座", starts_at=clock() - timedelta(days=300))
    asset = act(services.add_asset, name="沙发", quantity=1, source="own", acquired_on=date(2020, 1, 1))
    act(services.add_keeper, name="王红", kind="officer")
    assert missing() == []
    act(
        lambda manager, site, **values: services.dispose_asset(
            manager, site, db.session.get_one(FixedAsset, asset.id), on=TODAY, where="报废", **values
        )
    )
    assert missing() == ["assets"]
