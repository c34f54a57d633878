"""What happened to an account is written down, without addresses; unknown names cost the same row."""

import statistics
import time
from datetime import timedelta
from itertools import chain

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select

from app.accounts import events
from app.accounts.models import LOCK_AFTER, AccountEvent, User
from app.db import db, unit_of_work
from app.web import DISTRICT_UNION, SITE_MANAGER
from tests.conftest import Clock
from tests.factories import PASSWORD, Factories
from tests.forms import submit


@pytest.fixture
def user(factories: Factories) -> User:
    """Somebody with an account."""
    made: User = factories.user(SITE_MANAGER, factories.tree()[2])
    return made


def kinds(app: Flask, user_id: int | None) -> list[str]:
    with app.app_context():
        rows = select(AccountEvent.kind).where(AccountEvent.user_id == user_id).order_by(AccountEvent.id)
        return list(db.session.scalars(rows))


def test_log_ins_are_written_down(app: Flask, client: FlaskClient, user: User) -> None:
    submit(client, "/login", username=user.username, password="wrong")
    submit(client, "/login", username="nobody", password="wrong")
    submit(client, "/login", username=user.username, password=PASSWORD)
    submit(client, "/manage/account", "/logout")
    assert kinds(app, user.id) == ["failed", "log_in", "log_out"]
    assert kinds(app, None) == ["failed"]


def test_the_try_that_locks_is_named(app: Flask, client: FlaskClient, user: User) -> None:
    for _ in range(LOCK_AFTER):
        submit(client, "/login", username=user.username, password="wrong")
    assert kinds(app, user.id) == ["failed"] * (LOCK_AFTER - 1) + ["locked"]


def test_acts_on_an_account_name_who_did_them(app: Flask, factories: Factories) -> None:
    district = factories.tree()[1]
    actor, person = factories.user(DISTRICT_UNION, district), factories.user(SITE_MANAGER, district)
    client, page = factories.login(actor), f"/manage/people/{person.id}"
    for act in ("password", "two-factor", "disable", "enable"):
        submit(client, page, f"{page}/{act}")
    with app.app_context():
        rows = db.session.execute(select(AccountEvent.kind, AccountEvent.by_id).order_by(AccountEvent.id)).all()
    assert [tuple(row) for row in rows] == [
        (kind, actor.id) for kind in ("password", "two_factor", "disabled", "enabled")
    ]


def test_her_page_shows_what_happened(client: FlaskClient, user: User) -> None:
    submit(client, "/login", username=user.username, password="wrong")
    submit(client, "/login", username=user.username, password=PASSWORD)
    page = client.get("/manage/account").text
    assert "登录失败" in page
    assert "2026-11-20 10:00" in page


def test_the_page_says_who_acted_on_her_account_and_the_union_above_sees_no_log_ins(
    client: FlaskClient, factories: Factories
) -> None:
    district = factories.tree()[1]
    actor = factories.user(DISTRICT_UNION, district, display_name="区里的陈")
    user = factories.user(SITE_MANAGER, district)
    path = f"/manage/people/{user.id}"
    submit(client, "/login", username=user.username, password=PASSWORD)
    above = factories.login(actor)
    submit(above, path, f"{path}/disable")
    submit(above, path, f"{path}/enable")
    submit(client, "/login", username=user.username, password=PASSWORD)
    assert "停用 · 区里的陈" in client.get("/manage/account").text
    seen = above.get(path).text
    assert "启用" in seen
    assert "<dd>登录</dd>" in client.get("/manage/account").text
    assert "<dd>登录</dd>" not in seen


def test_failed_log_ins_do_not_bury_what_was_done(app: Flask, factories: Factories, user: User, clock: Clock) -> None:
    with app.app_context(), unit_of_work():
        person = db.session.get_one(User, user.id)
        for kind in ("token", *["failed"] * events.SHOWN):
            events.record(kind, person, clock.at, by=person)
            clock.advance(seconds=1)
    page = factories.login(user).get("/manage/account").text
    assert page.count("<dd>登录失败") == events.SHOWN
    assert "<dd>生成令牌" in page


def test_the_union_above_sees_that_an_account_is_locked(client: FlaskClient, factories: Factories) -> None:
    district = factories.tree()[1]
    person, above = factories.user(SITE_MANAGER, district), factories.login(factories.user(DISTRICT_UNION, district))
    page = f"/manage/people/{person.id}"
    assert "重设密码。" not in above.get(page).text
    for _ in range(LOCK_AFTER):
        submit(client, "/login", username=person.username, password="wrong")
    assert "重设密码。" in above.get(page).text
    submit(above, page, f"{page}/password")
    assert "重设密码。" not in above.get(page).text


def test_events_are_forgotten_after_half_a_year(app: Flask, client: FlaskClient, user: User, clock: Clock) -> None:
    submit(client, "/login", username=user.username, password="wrong")
    clock.at += events.KEPT_FOR + timedelta(days=1)
    submit(client, "/login", username=user.username, password=PASSWORD)
    assert kinds(app, user.id) == ["log_in"]


def test_the_table_has_no_place_for_an_address(app: Flask, user: User) -> None:
    assert set(inspect(AccountEvent).columns.keys()) == {"id", "user_id", "by_id", "kind", "at"}
    with app.app_context(), unit_of_work(), pytest.raises(ValueError, match="from 10"):
        events.record("log-in from 10.0.0.1", user, app.extensions["clock"]())


@pytest.mark.parametrize("environ", [{"XIAOWU_MODE": "demo"}], indirect=True)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_unknown_name_takes_as_long_as_a_known_one(client: FlaskClient, user: User) -> None:
    """With the hashing of production; without it for unknown names their answer would come in a tenth of the time."""
    took: dict[str, list[float]] = {user.username: [], "nobody": []}
    for name in chain(*[took] * 8):
        before = time.thread_time()
        submit(client, "/login", username=name, password="wrong")
        took[name].append(time.thread_time() - before)
    known, unknown = (statistics.median(times) for times in took.values())
    assert 0.6 < unknown / known < 1.6


@pytest.fixture
def environ(environ: dict[str, str], request: pytest.FixtureRequest) -> dict[str, str]:
    """With what a test adds."""
    return {**environ, **getattr(request, "param", {})}
