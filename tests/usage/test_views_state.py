"""Taps that come late, and doors that are not open."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.db import db, unit_of_work
from app.sites.models import DoorCode, Site
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.helpers import Phone, reasons, records, tally

JSON = {"Accept": "application/json"}


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def test_a_tap_sent_later_is_logged_when_it_was_made(app: Flask, phone: Phone, clock: Clock) -> None:
    tapped = clock.at
    form = phone.form() | {"tapped_at": str(milliseconds(tapped))}
    clock.advance(hours=71)
    answer = phone.send(form | {"token": phone.form()["token"], "sent_at": str(milliseconds(clock.at))}, **JSON)
    assert answer.status_code == 201
    assert records(app)[0].used_at == tapped
    assert records(app)[0].received_at == clock.at


def test_a_tap_of_more_than_72_hours_ago_is_refused(app: Flask, phone: Phone, clock: Clock) -> None:
    tapped = milliseconds(clock.at - timedelta(hours=72, seconds=1))
    answer = phone.send(phone.form() | {"tapped_at": str(tapped)}, **JSON)
    assert answer.status_code == 410
    assert records(app) == []


def test_sending_again_after_72_hours_still_finds_the_receipt(phone: Phone, clock: Clock) -> None:
    form = phone.form() | {"tapped_at": str(milliseconds(clock.at))}
    receipt = phone.send(form, **JSON).json["receipt_url"]
    clock.advance(hours=80)
    again = phone.send(form | {"token": phone.form()["token"]}, **JSON)
    assert again.json["receipt_url"] == receipt


def test_a_tap_enters_last_month_until_it_closes(app: Flask, phone: Phone, site: Site, clock: Clock) -> None:
    tapped = datetime(2026, 11, 30, 15, 59, tzinfo=UTC)
    clock.at = datetime(2026, 12, 3, 15, 58, tzinfo=UTC)
    assert phone.tap(tapped_at=milliseconds(tapped)).status_code == 303
    assert tally(app, site.id, "2026-11") == {"recorded": 1, "counted": 1}
    clock.at = datetime(2026, 12, 3, 16, 0, tzinfo=UTC)
    assert phone.tap(tapped_at=milliseconds(tapped)).status_code == 410
    assert tally(app, site.id, "2026-11") == {"recorded": 1, "counted": 1}


def suspend(factories: Factories, code: DoorCode, at: datetime) -> None:
    site = Site(id=code.site_id)
    factories.suspension(site, at - timedelta(days=1))


def revoke(factories: Factories, code: DoorCode, at: datetime) -> None:
    code.revoked_at = at
    factories.add(code)


def set_status(factories: Factories, code: DoorCode, status: str, closed_on: date | None) -> None:
    with factories.app.app_context(), unit_of_work():
        site = db.session.get_one(Site, code.site_id)
        site.status, site.closed_on = status, closed_on


def close(factories: Factories, code: DoorCode, at: datetime) -> None:
    set_status(factories, code, "closed", at.date())


def prepare(factories: Factories, code: DoorCode, _at: datetime) -> None:
    set_status(factories, code, "preparing", None)


NOT_OPEN = [
    (suspend, 200, "小屋暂停使用", "site_suspended"),
    (revoke, 410, "这张码已经停用", "code_revoked"),
    (close, 410, "小屋已经关闭", "site_closed"),
    (prepare, 200, "小屋还没有开放", "site_closed"),
]
ROOM = {"name": "和达城小屋", "url": "/sites/9", "distance_m": 436.0, "floor_label": "1 层", "open_state": "open"}


@pytest.mark.parametrize("case", NOT_OPEN, ids=[case[2] for case in NOT_OPEN])
def test_a_door_that_is_not_open_helps_on(factories: Factories, phone: Phone, code: DoorCode, case: Any) -> None:
    change, status, title, reason = case
    site_id = code.site_id
    phone.app.extensions["nearby_sites"] = lambda near, limit: [ROOM] if (near, limit) == (site_id, 3) else []
    form = phone.form()
    change(factories, code, factories.clock())
    page = phone.open()
    assert page.status_code == status
    assert title in page.text
    assert "<button" not in page.text
    assert "和达城小屋" in page.text
    assert "440 米" in page.text
    # A page opened before is still recorded, with the reason, and thanked like any other.
    assert phone.send(form).status_code == 303
    assert tally(phone.app, site_id) == {"recorded": 1, reason: 1}


def test_an_old_code_does_not_call_a_suspended_room_open(factories: Factories, phone: Phone, code: DoorCode) -> None:
    revoke(factories, code, factories.clock())
    suspend(factories, code, factories.clock())
    page = phone.open().text
    assert "小屋暂停使用" in page
    assert "照常" not in page


def test_a_tap_made_before_the_code_was_revoked_counts(
    factories: Factories, phone: Phone, code: DoorCode, clock: Clock
) -> None:
    form = phone.form() | {"tapped_at": str(milliseconds(clock.at))}
    clock.advance(hours=1)
    revoke(factories, code, clock.at)
    clock.advance(hours=1)
    phone.send(form)
    assert reasons(phone.app) == [None]


@pytest.mark.parametrize("path", ["/r/zzzzzzzzzzzz", "/r/short", "/r/" + "9" * 200, "/r/小屋"])
def test_an_unknown_code_is_a_helpful_page(app: Flask, client: Any, path: str) -> None:
    app.extensions["nearby_sites"] = lambda site_id, _limit: [] if site_id else [
        {"name": "某小屋", "url": "/sites/1", "distance_m": None, "floor_label": "", "open_state": "unknown"}
    ]
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 404
        assert "没有找到这张码" in answer.text
        assert "某小屋" in answer.text
    assert client.post(path, headers=JSON).json["error"]["code"] == "not_found"
