"""The notice: one screen, a way back and a way out; whoever reads it and leaves has stored nothing anywhere."""

import re
import sqlite3

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from sqlalchemy import func, select

from app.config import Settings
from app.db import Model, db
from tests.browser import assert_accessible, assert_fits, live_server, phone_context, screenshot
from tests.conftest import Clock
from tests.factories import Factories

CODE = "abc123abc123"
SCREEN = {"width": 360, "height": 640}


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    named = {"XIAOWU_NETWORK_NAME": "临海市总工会母婴关爱室", "XIAOWU_PRIVACY_CONTACT": "女职工部 0571-00000000"}
    return environ | named


@pytest.fixture(autouse=True)
def door(factories: Factories) -> None:
    factories.door_code(factories.site(), CODE)


def rows(app: Flask) -> dict[str, int]:
    """How many rows each table has."""
    with app.app_context():
        tables = Model.metadata.sorted_tables
        return {table.name: db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def keys(app: Flask) -> int:
    """How many keys of pseudonyms there are."""
    settings: Settings = app.extensions["settings"]
    path = settings.data_dir / "keys.sqlite3"
    if not path.exists():
        return 0
    with sqlite3.connect(path) as connection:
        (number,) = connection.execute("SELECT count(*) FROM key").fetchone()
    connection.close()
    return int(number)


def test_reading_and_refusing_stores_nothing_and_sets_no_cookie(app: Flask, client: FlaskClient) -> None:
    before = rows(app), keys(app)
    door = client.get(f"/r/{CODE}")
    notice = client.get(link(door.text, "/privacy"))
    out = client.get(link(notice.text, "/", "leave"))
    for answer in (door, notice, out, client.get("/privacy"), client.get(f"/r/{CODE}/report")):
        assert answer.status_code == 200
        assert answer.headers.getlist("Set-Cookie") == []
    assert (rows(app), keys(app)) == before


def link(page: str, start: str, name: str = "") -> str:
    """The address of a link of the page."""
    found = re.search(rf'<a(?: class="{name}")? href="({start}[^"]*)"', page)
    assert found is not None, start
    return found[1].replace("&amp;", "&")


def test_the_notice_leads_back_to_the_door_it_was_opened_at(client: FlaskClient) -> None:
    assert link(client.get(f"/privacy?code={CODE.upper()}").text, "/r/", "find") == f"/r/{CODE}"
    for other in ("", "?code=", "?code=//evil.example", "?code=zzz"):
        assert 'href="/r/' not in client.get(f"/privacy{other}").text


def test_the_notice_names_who_answers_for_it(client: FlaskClient) -> None:
    page = client.get("/privacy").text
    for said in ("临海市总工会母婴关爱室", "女职工部 0571-00000000", "IP 地址", "48 小时", "45 天", "您的权利"):
        assert said in page


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_notice_is_one_screen(app: Flask, browser: Browser, clock: Clock) -> None:
    assert clock.at
    context = phone_context(browser, viewport=SCREEN)
    page = context.new_page()
    with live_server(app) as base_url:
        page.goto(f"{base_url}/privacy?code={CODE}")
        assert_fits(page)
        height = page.evaluate("document.documentElement.scrollHeight")
        assert_accessible(page)
        screenshot(page, "privacy-notice")
    context.close()
    assert height <= 1.2 * SCREEN["height"]


def test_a_page_of_the_finder_leads_to_the_notice_without_a_door(client: FlaskClient) -> None:
    site_id = re.search(r"/s/(\d+)/report", client.get("/sites/1").text)
    assert site_id is not None
    assert 'href="/privacy"' in client.get(f"/s/{site_id[1]}/report").text
    assert f'href="/privacy?code={CODE}"' in client.get(f"/r/{CODE}").text
