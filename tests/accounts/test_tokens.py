"""API tokens: the header of an API request, and nothing else."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import services, tokens
from app.accounts.models import User
from app.db import db, unit_of_work
from app.sites.models import Site
from app.web import SITE_MANAGER
from tests.factories import PASSWORD, Factories
from tests.forms import submit


@pytest.fixture
def site(factories: Factories) -> Site:
    made: Site = factories.site()
    return made


@pytest.fixture
def user(factories: Factories, site: Site) -> User:
    """The manager of `site`."""
    return factories.user(SITE_MANAGER, factories.tree()[2], site)


@pytest.fixture
def token(app: Flask, user: User) -> str:
    """A token of hers."""
    with app.app_context():
        return tokens.new_token(db.session.get_one(User, user.id))


def status(client: FlaskClient, site: Site, token: str = "", query: str = "") -> int:
    headers = {tokens.TOKEN_HEADER: token} if token else {}
    return client.get(f"/api/v1/sites/{site.id}/months{query}", headers=headers).status_code


def test_a_token_opens_the_api_without_a_cookie(client: FlaskClient, site: Site, token: str) -> None:
    assert status(client, site) == 401
    assert status(client, site, token) == 200
    assert client.get_cookie("session") is None


def test_a_token_has_the_scope_of_its_account(client: FlaskClient, factories: Factories, token: str) -> None:
    assert status(client, factories.site(), token) == 404


@pytest.mark.parametrize("wrong", ["x", "a.b.c", "é", "x" * 5000])
def test_a_wrong_token_is_nobody(client: FlaskClient, site: Site, wrong: str) -> None:
    assert status(client, site, wrong) == 401


def test_a_token_in_the_address_is_ignored(client: FlaskClient, site: Site, token: str) -> None:
    assert status(client, site, query=f"?auth_token={token}") == 401


def test_a_token_opens_no_page(client: FlaskClient, token: str) -> None:
    assert client.get("/manage/account", headers={tokens.TOKEN_HEADER: token}).status_code == 302


def test_a_token_ends_with_the_account_the_password_or_by_revoking(
    app: Flask, client: FlaskClient, site: Site, user: User
) -> None:
    for end in (services.revoke_tokens, services.disable, lambda row: services.set_password(row, "a new long one")):
        with app.app_context(), unit_of_work():
            row = db.session.get_one(User, user.id)
            row.active = True
            text = tokens.new_token(row)
        assert status(client, site, text) == 200
        with app.app_context(), unit_of_work():
            end(db.session.get_one(User, user.id))
        assert status(client, site, text) == 401


def test_a_token_ends_after_its_time(app: Flask, client: FlaskClient, site: Site, token: str) -> None:
    app.config["SECURITY_TOKEN_MAX_AGE"] = timedelta(seconds=-1)
    assert status(client, site, token) == 401


def test_the_account_page_makes_and_revokes_tokens(
    client: FlaskClient, factories: Factories, site: Site, user: User
) -> None:
    browser = factories.login(user)
    wrong = submit(browser, "/manage/account", "/manage/account/token", current="wrong")
    assert wrong.status_code == 422
    page = submit(browser, "/manage/account", "/manage/account/token", current=PASSWORD)
    found = re.search(r'<code class="secret">([^<]+)</code>', page.text)
    assert found
    assert page.headers["Cache-Control"] == "no-store"
    assert status(client, site, found[1]) == 200
    assert submit(browser, "/manage/account", "/manage/account/token/revoke").status_code == 302
    assert status(client, site, found[1]) == 401
    assert browser.get("/manage/account").status_code == 200


def test_the_description_of_the_api_names_the_header(client: FlaskClient) -> None:
    schemes = client.get("/api/v1/openapi.json").json["components"]["securitySchemes"]
    assert schemes["token"]["name"] == tokens.TOKEN_HEADER
