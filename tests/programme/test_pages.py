"""The pages in Chromium on a phone: they fit, and axe finds nothing in light and dark."""

import re
from datetime import date
from typing import Any

import pytest
from flask import render_template_string
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from app.db import db
from app.programme.panels import site_panel
from app.sites.models import Site
from app.web import PUBLIC, access
from tests.browser import assert_accessible, assert_fits, live_server, screenshot
from tests.factories import Factories
from tests.programme.conftest import MakeRoom

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""How a page looks is the same on both databases."""
PANEL_PAGE = """{% extends "base.html" %}
{% block main %}<h1>x</h1><div class="stack">{{ panel }}</div>{% endblock %}"""


@pytest.fixture
def room(good_room: MakeRoom, factories: Factories) -> Site:
    """A room that misses some conditions."""
    site = good_room(uses=93, area_m2=None, accepted_on=date(2025, 11, 5), facilities={"rest_bed": 1, "tv": 1})
    factories.tally(site, "2026-11", 41, (1, 0, 2, 5, 9))
    return site


def sign_in(page: Page, client: FlaskClient, base: str) -> None:
    """Give the browser the session of a logged-in client."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": base}])


def look(page: Page, address: str, name: str) -> None:
    """Open a page, check it, and keep a picture when asked to."""
    page.goto(address)
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, name)


def test_verdict_and_statements(room: Site, factories: Factories, phone: Page) -> None:
    with factories.app.app_context():
        host = db.session.get_one(Site, room.id).host
    client = factories.login(factories.user("site_manager", host, room, display_name="王芳"))
    with live_server(factories.app) as base:
        sign_in(phone, client, base)
        look(phone, f"{base}/manage/sites/{room.id}/verdict", "verdict")
        expect(phone.locator("#R4").get_by_text("还缺：")).to_have_count(1)
        look(phone, f"{base}/manage/sites/{room.id}/statements", "statements")
        entry = phone.locator("#privacy")
        entry.locator("summary").last.click()
        entry.get_by_label("不符合").check()
        entry.get_by_label("依据").fill("软帘待装")
        assert_fits(phone)
        assert_accessible(phone)
        entry.get_by_role("button").click()
        expect(phone.locator("#privacy .chip")).to_have_text(re.compile(r"不符合\s*$"))
        assert_accessible(phone)


def test_the_unions_table(room: Site, good_room: MakeRoom, factories: Factories, phone: Page) -> None:
    with factories.app.app_context():
        host = db.session.get_one(Site, room.id).host
        parent = host.parent
    good_room(host, name="名字很长很长很长很长很长很长很长很长的爱心妈妈小屋", uses=1234)
    good_room(host, uses=12, accepted_on=None)
    client = factories.login(factories.user("district_union", parent))
    with live_server(factories.app) as base:
        sign_in(phone, client, base)
        look(phone, f"{base}/manage/unions/{parent.id}", "union")
        phone.get_by_role("link", name="接近").click()
        expect(phone.locator("tbody tr")).to_have_count(1)
        phone.set_viewport_size({"width": 1200, "height": 900})
        look(phone, f"{base}/manage/unions/{parent.id}", "union-wide")


@pytest.mark.own_app
def test_the_panel(room: Site, factories: Factories, phone: Page) -> None:
    @access(PUBLIC)
    def page() -> Any:
        panel = site_panel(db.session.get_one(Site, room.id), None)  # type: ignore[arg-type]
        return render_template_string(PANEL_PAGE, panel=panel)

    factories.app.add_url_rule("/panel", view_func=page)
    with live_server(factories.app) as base:
        look(phone, f"{base}/panel", "panel")
        phone.get_by_text("数字表").click()
        assert_fits(phone)
        assert_accessible(phone)
        expect(phone.locator("tbody tr")).to_have_count(13)
