"""A log-in has an id of its own, and is over when she logs out, also for whoever copied the cookie."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts import services, sessions
from app.accounts.models import LogInSession, User
from app.accounts.tokens import TOKEN_HEADER, new_token
from app.db import db, unit_of_work
from app.web import UNIT_UNION
from tests.conftest import Clock
from tests.factories import PASSWORD, Factories
from tests.forms import submit


@pytest.fixture
def user(factories: Factories) -> User:
    """Somebody at a unit."""
    made: User = factories.user(UNIT_UNION, factories.tree()[2])
    return made


def log_in(client: FlaskClient, user: User) -> None:
    assert submit(client, "/login", username=user.username, password=PASSWORD).status_code == 302


def is_in(client: FlaskClient) -> bool:
    return client.get("/manage/account").status_code == 200


def copy_of(client: FlaskClient) -> FlaskClient:
    """A browser of a thief, who has got the cookie."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    thief = client.application.test_client()
    thief.set_cookie("session", cookie.value)
    return thief


def session_id(client: FlaskClient) -> object:
    with client.session_transaction() as session:
        return session.get(sessions.KEY)


def test_each_log_in_has_an_id_of_its_own_and_the_old_one_ends(app: Flask, client: FlaskClient, user: User) -> None:
    log_in(client, user)
    first, thief = session_id(client), copy_of(client)
    submit(client, "/manage/account", "/logout")
    log_in(client, user)
    assert session_id(client) not in (None, first)
    assert not is_in(thief)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(LogInSession)) == 1


def test_a_planted_session_is_not_the_one_that_logs_in(client: FlaskClient, user: User) -> None:
    client.get("/login")
    planted = copy_of(client)
    log_in(client, user)
    assert is_in(client)
    assert not is_in(planted)


def test_a_planted_id_is_not_taken_over(client: FlaskClient, user: User) -> None:
    with client.session_transaction() as session:
        session[sessions.KEY] = "planted by somebody else"
    log_in(client, user)
    assert session_id(client) != "planted by somebody else"


def test_log_out_ends_every_copy_of_the_cookie(client: FlaskClient, user: User) -> None:
    log_in(client, user)
    thief = copy_of(client)
    assert is_in(thief)
    submit(client, "/manage/account", "/logout")
    assert not is_in(client)
    assert not is_in(thief)


def test_a_log_in_unused_for_half_a_day_is_over(client: FlaskClient, user: User, clock: Clock) -> None:
    log_in(client, user)
    for _ in range(3):
        clock.advance(hours=11)
        assert is_in(client)
    thief = copy_of(client)
    clock.advance(hours=11)
    assert is_in(client)
    clock.advance(hours=2)
    assert not is_in(thief)
    assert is_in(client)
    clock.at += sessions.IDLE + timedelta(seconds=1)
    assert not is_in(client)


def test_after_a_week_it_is_over_however_much_it_was_used(client: FlaskClient, user: User, clock: Clock) -> None:
    log_in(client, user)
    for _ in range(13):
        clock.at += sessions.IDLE
        assert is_in(client)
    clock.at += sessions.IDLE
    assert not is_in(client)


@pytest.mark.parametrize("act", ["disable", "set_password", "reset_two_factor", "revoke_tokens"])
def test_what_changes_an_account_ends_its_log_ins_and_tokens(
    app: Flask, client: FlaskClient, user: User, act: str
) -> None:
    log_in(client, user)
    with app.app_context():
        headers = {TOKEN_HEADER: new_token(db.session.get_one(User, user.id))}
    path = "/api/v1/sites/1/months"
    assert app.test_client().get(path, headers=headers).status_code == 404
    with app.app_context(), unit_of_work():
        person = db.session.get_one(User, user.id)
        if act == "set_password":
            services.set_password(person, "something altogether different")
        else:
            getattr(services, act)(person)
    assert not is_in(client)
    assert app.test_client().get(path, headers=headers).status_code == 401
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(LogInSession)) == 0


@pytest.mark.parametrize("forged", [7, None, "", "x" * 5000, ["a"]])
def test_a_cookie_without_a_proper_id_is_nobodys(client: FlaskClient, user: User, forged: object) -> None:
    log_in(client, user)
    with client.session_transaction() as session:
        session[sessions.KEY] = forged
    assert not is_in(client)


def test_the_id_is_not_in_the_database(app: Flask, client: FlaskClient, user: User) -> None:
    log_in(client, user)
    with app.app_context():
        (kept,) = db.session.scalars(select(LogInSession)).all()
    known = session_id(client)
    assert isinstance(known, str)
    assert known.encode() not in kept.id
    assert len(kept.id) == 32
