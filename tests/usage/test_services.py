"""Logging uses: many at once, one database at a time; and what never reaches a table, a file or a log."""

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.db import Model, db
from app.sites.models import DoorCode, Site
from app.usage import pseudonyms
from app.usage.queries import SuspensionAtDoor
from tests.conftest import Clock
from tests.usage.helpers import CANARY_ADDRESS, CANARY_AGENT, Phone, reasons, records, tally


def test_fifty_times_the_same_tap_at_once_is_one_use(app: Flask, phone: Phone, site: Site) -> None:
    form = phone.form()

    def send(_number: int) -> tuple[int, str]:
        answer = Phone(app, phone.code).send(form, Accept="application/json")
        return answer.status_code, answer.json["receipt_url"]

    with ThreadPoolExecutor(50) as pool:
        answers = set(pool.map(send, range(50)))
    assert len(answers) == 1
    assert answers.pop()[0] == 201
    assert tally(app, site.id) == {"recorded": 1, "counted": 1}


def test_taps_of_one_browser_at_once_count_once(app: Flask, phone: Phone, site: Site) -> None:
    phone.logged()
    cookie = phone.client.get_cookie("door", path=f"/r/{phone.code}")
    assert cookie is not None

    def tap(_number: int) -> int:
        other = Phone(app, phone.code)
        other.client.set_cookie("door", cookie.value, path=f"/r/{phone.code}")
        return other.tap().status_code

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(tap, range(20))) == {303}
    assert tally(app, site.id) == {"recorded": 21, "counted": 1, "too_soon": 20}


def test_taps_of_many_browsers_at_once_all_count(app: Flask, code: DoorCode, site: Site) -> None:
    def tap(number: int) -> int:
        return Phone(app, code.code, agent=f"Phone/{number}").tap().status_code

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(tap, range(40))) == {303}
    assert tally(app, site.id) == {"recorded": 40, "counted": 40}


def test_a_late_tap_never_makes_two_counted_uses_closer_than_thirty_minutes(
    app: Flask, phone: Phone, clock: Clock
) -> None:
    early = int(clock.at.timestamp() * 1000)
    clock.advance(minutes=29)
    phone.logged()
    phone.logged(tapped_at=early)
    assert sorted(reasons(app), key=str) == [None, "too_soon"]
    late, counted = records(app)
    assert late.repeats_id == counted.id


def test_a_day_that_begins_in_between_does_not_make_one_visit_two(app: Flask, phone: Phone, clock: Clock) -> None:
    clock.at = datetime(2026, 11, 20, 15, 50, tzinfo=UTC)  # 23:50 in Shanghai
    for minutes in (20, 9, 1):
        phone.logged()
        clock.advance(minutes=minutes)
    phone.logged()
    assert reasons(app) == [None, "too_soon", "too_soon", None]


def test_a_suspension_begins_with_its_first_instant_and_is_over_at_its_end() -> None:
    begins, ends = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
    second = timedelta(seconds=1)
    suspension = SuspensionAtDoor("closed", begins, ends)
    instants = (begins - second, begins, ends - second, ends)
    assert [suspension.covers(at) for at in instants] == [False, True, True, False]


def test_one_browser_is_two_visitors_at_two_sites_and_in_two_months(
    app: Flask, phone: Phone, clock: Clock
) -> None:
    phone.logged()
    cookie = phone.client.get_cookie("door", path=f"/r/{phone.code}")
    assert cookie is not None
    clock.advance(days=12)
    phone.client.set_cookie("door", cookie.value, path=f"/r/{phone.code}")
    phone.logged()
    first, second = records(app)
    assert (first.month, second.month) == ("2026-11", "2026-12")
    assert first.p_site != second.p_site
    assert first.p_day != second.p_day


def test_neither_address_nor_browser_nor_cookie_reaches_a_table_a_file_or_a_log(
    app: Flask, phone: Phone, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    phone.rate(phone.logged(purpose="other"), 5, details=1, comment="好")
    phone.send({"key": "wrong", "token": "wrong"})
    cookie = phone.client.get_cookie("door", path=f"/r/{phone.code}")
    assert cookie is not None
    secrets = [CANARY_ADDRESS, CANARY_AGENT, "CanaryPhone", cookie.value]
    with app.app_context():
        rows = [str(row) for table in Model.metadata.sorted_tables for row in db.session.execute(select(table))]
    stored = "\n".join(rows) + caplog.text
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert rows
    assert not [secret for secret in secrets if secret in stored or secret.encode() in files]
    packed = bytes(map(int, CANARY_ADDRESS.split(".")))
    assert not [row for row in records(app) if packed in (row.p_site + (row.p_day or b"") + row.body_digest)]


def test_the_trusted_proxy_and_nobody_else_says_who_calls(app: Flask, phone: Phone) -> None:
    phone.send(phone.form(), **{"X-Forwarded-For": "192.0.2.1"})
    phone.send(phone.form(), **{"X-Forwarded-For": "203.0.113.1"})
    first, second = records(app)
    assert first.p_day == second.p_day


def test_a_client_that_sends_no_user_agent_is_served(app: Flask, phone: Phone) -> None:
    phone.client.post(f"/r/{phone.code}", data=phone.form(), headers={"User-Agent": ""})
    assert reasons(app) == [None]


def test_receipts_are_random(phone: Phone) -> None:
    pattern = re.compile(r"/u/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
    first, second = phone.logged(), phone.logged()
    assert first != second
    assert pattern.search(first)
    assert pattern.search(second)


def test_day_and_month_keys_live_as_long_as_published(app: Flask, phone: Phone, clock: Clock) -> None:
    phone.logged()
    day = pseudonyms.key_day(clock.at)
    keystore = app.extensions["keystore"]
    assert keystore.destroy_expired(pseudonyms.day_key_expires_at(day)) == [f"day:{day}"]
    site_id = records(app)[0].site_id
    clock.advance(days=14)
    assert keystore.destroy_expired(clock.at) == [f"site:{site_id}:2026-11"]
