"""The inbox page, its number in the navigation, where log-in leads, and the address for notices."""

import re
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.inbox import DUE, OVERDUE, RETURNED, WAITING, InboxItem, add_source
from app.accounts.models import User
from app.db import db
from app.web import ASSESSOR, DISTRICT_UNION, EVERYONE, SITE_MANAGER
from tests.conftest import Clock
from tests.factories import Factories
from tests.forms import submit


@pytest.fixture
def items(app: Flask) -> list[InboxItem]:
    """What everybody's inbox holds; a test changes it. No other source speaks here."""
    held: list[InboxItem] = []
    app.extensions["inbox_sources"] = []
    add_source(app, lambda _user, _at: held)
    return held


@pytest.fixture
def anna(factories: Factories) -> User:
    """A district account."""
    return factories.user(DISTRICT_UNION, factories.tree()[1])


@pytest.fixture
def client(factories: Factories, anna: User) -> FlaskClient:
    """Her browser."""
    return factories.login(anna)


def item(key: str, state: str, due_on: date | None = None) -> InboxItem:
    return InboxItem(key, f"item {key}", f"/manage/account?{key}", state, due_on)


def number_shown(page: str) -> int:
    found = re.search(r'<span class="count">(\d+)', page)
    return int(found[1]) if found else 0


def test_what_presses_comes_first_each_with_one_link(client: FlaskClient, items: list[InboxItem]) -> None:
    items += [
        item("w", WAITING), item("d2", DUE, date(2026, 12, 2)), item("d0", DUE), item("d1", DUE, date(2026, 11, 20)),
        item("r", RETURNED), item("o", OVERDUE, date(2026, 11, 18)),
    ]  # fmt: skip
    page = client.get("/manage/inbox").text
    assert re.findall(r'href="/manage/account\?(\w+)"', page) == ["o", "r", "d1", "d2", "d0", "w"]
    assert "晚了 2 天" in page
    assert "今天" in page
    assert "有 5 件要您办" in page
    assert number_shown(page) == 5


def test_an_empty_inbox_says_so(client: FlaskClient, items: list[InboxItem]) -> None:
    page = client.get("/manage/inbox").text
    assert "都办完了" in page
    assert number_shown(page) == 0
    items.append(item("w", WAITING))
    assert "没有要您办的" in client.get("/manage/inbox").text


def test_texts_are_escaped(client: FlaskClient, items: list[InboxItem]) -> None:
    items.append(replace(item("x", DUE), text="<b>&"))
    assert "&lt;b&gt;&amp;" in client.get("/manage/inbox").text


def test_the_number_is_fresh_after_an_act_and_after_a_minute(
    client: FlaskClient, items: list[InboxItem], clock: Clock
) -> None:
    assert number_shown(client.get("/manage/account").text) == 0
    items.append(item("a", DUE))
    clock.advance(seconds=59)
    assert number_shown(client.get("/manage/account").text) == 0
    clock.advance(seconds=1)
    assert number_shown(client.get("/manage/account").text) == 1
    items.clear()
    submit(client, "/manage/account", "/manage/account/email", email="")
    assert number_shown(client.get("/manage/account").text) == 0


@pytest.mark.parametrize(("state", "leads"), [(OVERDUE, True), (RETURNED, True), (DUE, False), (WAITING, False)])
def test_log_in_leads_to_the_inbox_while_something_presses(
    client: FlaskClient, anna: User, items: list[InboxItem], state: str, leads: bool
) -> None:
    items.append(item("a", state))
    union = f"/manage/unions/{anna.trade_union_id}"
    assert client.get("/manage/").location == ("/manage/inbox" if leads else union)


@pytest.mark.usefixtures("items")
def test_everybody_has_an_inbox_and_only_links_that_open(factories: Factories) -> None:
    unions = dict(zip(("municipal_union", "district_union", "unit_union"), factories.tree(), strict=True))
    for role in EVERYONE:
        browser = factories.login(factories.user(role, unions.get(role, unions["unit_union"])))
        nav = re.search(r'<nav class="work-nav".*?</nav>', browser.get("/manage/inbox").text, re.DOTALL)
        assert nav
        links = re.findall(r'href="([^"]+)"', nav[0])
        assert {path: browser.get(path).status_code for path in links} == dict.fromkeys(links, 200)
        assert ("/manage/people" in links) is (role not in (ASSESSOR, SITE_MANAGER))
        assert [path for path in links if path.startswith("/manage/unions/")] == (
            [] if role in (ASSESSOR, SITE_MANAGER) else [f"/manage/unions/{unions[role].id}"]
        )
    assert factories.login(factories.user(ASSESSOR, unions["unit_union"])).get("/manage/").location == "/manage/inbox"


def test_an_address_for_notices(client: FlaskClient, anna: User, factories: Factories, app: Flask) -> None:
    factories.user(DISTRICT_UNION, factories.tree()[1], email="taken@example.cn")
    for wrong in ("nobody", "a@b\nBcc: x@example.cn", "Taken@example.cn", "王@例子.中国 x"):
        answer = submit(client, "/manage/account", "/manage/account/email", email=wrong)
        assert answer.status_code == 422
        assert 'id="email-error"' in answer.text
    assert 'value="Taken@example.cn"' in submit(
        client, "/manage/account", "/manage/account/email", email="Taken@example.cn"
    ).text
    for typed, kept in ((" anna@EXAMPLE.cn ", "anna@example.cn"), ("anna@example.cn", "anna@example.cn"), ("", None)):
        assert submit(client, "/manage/account", "/manage/account/email", email=typed).status_code == 302
        with app.app_context():
            assert db.session.get_one(User, anna.id).email == kept
