"""Logging in and out."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect

from app.accounts import services
from app.accounts.models import LOCK_AFTER, User
from app.db import db, unit_of_work
from app.web import DISTRICT_UNION, SITE_MANAGER, UNIT_UNION
from tests.conftest import Clock
from tests.factories import PASSWORD, Factories
from tests.forms import submit

WRONG = "用户名或密码不正确"


@pytest.fixture
def manager(factories: Factories) -> User:
    """A site manager."""
    user: User = factories.user(SITE_MANAGER, factories.tree()[2])
    return user


def log_in(client: FlaskClient, username: str, password: str = PASSWORD, **more: str) -> Any:
    return submit(client, "/login", username=username, password=password, **more)


def is_in(client: FlaskClient) -> bool:
    return client.get("/manage/account").status_code == 200


def test_the_right_password_opens_the_door(client: FlaskClient, manager: User) -> None:
    answer = log_in(client, manager.username)
    assert (answer.status_code, answer.location) == (302, "/manage/")
    assert client.get("/manage/").location == "/manage/sites"
    assert is_in(client)


def test_a_union_begins_at_its_table(client: FlaskClient, factories: Factories) -> None:
    user = factories.user(DISTRICT_UNION, factories.tree()[1])
    log_in(client, user.username)
    assert client.get("/manage/").location == f"/manage/unions/{user.trade_union_id}"


def test_capitals_and_spaces_do_not_matter(client: FlaskClient, manager: User) -> None:
    assert log_in(client, f"  {manager.username.upper()} ").status_code == 302


def test_every_failure_looks_the_same(client: FlaskClient, factories: Factories, manager: User) -> None:
    disabled = factories.user(SITE_MANAGER, factories.tree()[2], active=False)
    answers = [
        log_in(client, manager.username, "wrong"),
        log_in(client, "nobody"),
        log_in(client, disabled.username),
        log_in(client, "x\0y"),
        log_in(client, "x" * 300),
        log_in(client, manager.username, "x" * 5000),
        log_in(client, "", ""),
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert all(WRONG in answer.text for answer in answers)
    assert not is_in(client)


def test_ten_failures_lock_the_account_for_a_quarter_of_an_hour(
    client: FlaskClient, manager: User, clock: Clock
) -> None:
    for _ in range(LOCK_AFTER):
        log_in(client, manager.username, "wrong")
    refused = log_in(client, manager.username)
    assert WRONG in refused.text
    clock.advance(minutes=14, seconds=59)
    assert WRONG in log_in(client, manager.username).text
    clock.advance(seconds=1)
    assert log_in(client, manager.username).status_code == 302


def test_a_success_forgets_the_failures(app: Flask, client: FlaskClient, manager: User) -> None:
    for _ in range(LOCK_AFTER - 1):
        log_in(client, manager.username, "wrong")
    assert log_in(client, manager.username).status_code == 302
    with app.app_context():
        assert db.session.get_one(User, manager.id).failed_logins == 0


def test_one_address_may_try_thirty_times_a_minute(client: FlaskClient) -> None:
    statuses = [submit(client, "/login", username=f"nobody{n}", password="").status_code for n in range(31)]
    assert statuses == [200] * 30 + [429]


def test_log_in_begins_a_new_session(client: FlaskClient, manager: User) -> None:
    client.get("/login")
    with client.session_transaction() as session:
        session["planted"] = "before"
        old = session["csrf_token"]
    log_in(client, manager.username)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != old


def test_a_disabled_account_is_out_at_its_next_request(app: Flask, client: FlaskClient, manager: User) -> None:
    log_in(client, manager.username)
    with app.app_context(), unit_of_work():
        services.disable(db.session.get_one(User, manager.id))
    answer = client.get("/manage/account")
    assert (answer.status_code, answer.location) == (302, "/login?next=/manage/account")


def test_log_out_is_a_post(client: FlaskClient, manager: User) -> None:
    log_in(client, manager.username)
    assert client.get("/logout").status_code == 405
    assert submit(client, "/manage/account", "/logout").location == "/"
    assert not is_in(client)


def test_log_in_returns_to_the_page_asked_for(client: FlaskClient, manager: User) -> None:
    assert log_in(client, manager.username, next="/manage/account").location == "/manage/account"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"])
def test_log_in_never_leads_elsewhere(client: FlaskClient, manager: User, elsewhere: str) -> None:
    location = log_in(client, manager.username, next=elsewhere).location or "/"
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


def test_json_is_not_spoken_at_the_door(client: FlaskClient, manager: User) -> None:
    body = {"username": manager.username, "password": PASSWORD}
    assert client.post("/login", json=body).status_code == 403
    client.get("/login")
    with client.session_transaction() as session:
        assert "_user_id" not in session


def test_where_the_library_would_send_mail_there_are_recovery_codes(client: FlaskClient) -> None:
    assert client.get("/tf-rescue").location == "/mf-recovery"
    assert client.get("/tf-select").location == "/mf-recovery"
    assert client.get("/mf-recovery").location == "/login"


def test_no_column_could_hold_an_address(app: Flask) -> None:
    with app.app_context():
        columns = {column["name"] for column in inspect(db.engine).get_columns("user_account")}
    assert not {name for name in columns if "ip" in name.split("_") or "login_at" in name}


def test_a_password_is_asked_again_when_the_log_in_is_old(client: FlaskClient, factories: Factories) -> None:
    user = factories.user(UNIT_UNION, factories.tree()[2])
    log_in(client, user.username)
    with client.session_transaction() as session:
        session["fs_paa"] = 0
    assert client.get("/mf-recovery-codes").location.startswith("/verify")
    assert "密码不正确" in submit(client, "/verify", password="wrong").text
    assert submit(client, "/verify", password=PASSWORD).status_code == 302
    assert client.get("/mf-recovery-codes").status_code == 200
