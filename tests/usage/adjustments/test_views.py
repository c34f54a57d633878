"""The page of a site's uses: what a reviewer can do there, what others see, what the averages make of it."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import Browser

from app.accounts.models import User
from app.months import Month
from app.programme.services import facts_for
from app.rulebooks import load
from app.sites.models import Site
from app.usage.adjustments import queries
from tests.browser import assert_accessible, assert_fits, live_server, phone_context
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.adjustments.conftest import WHY, Scene
from tests.usage.adjustments.test_services import Desk

MONTH = Month(2026, 11)
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Page:
    """The page of the room's uses in somebody's browser."""

    def __init__(self, factories: Factories, scene: Scene, user: User) -> None:
        self.path, self.client = f"/manage/sites/{scene.room.id}/uses", factories.login(user)

    def text(self, month: str = "2026-11") -> str:
        answer = self.client.get(f"{self.path}?month={month}")
        assert answer.status_code == 200
        return answer.text

    def send(self, **values: Any) -> Any:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(self.path).text)
        assert found is not None
        sent = {"csrf_token": found[1], "month": "2026-11", "act": "exclude", "reason": WHY, **values}
        return self.client.post(self.path, data=sent)


@pytest.fixture
def page(factories: Factories, scene: Scene) -> Page:
    """As the district."""
    return Page(factories, scene, scene.reviewer)


def picture() -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(made, "PNG")
    made.seek(0)
    return made


def test_a_reviewer_excludes_and_restores_single_uses_and_whole_hours(page: Page, scene: Scene) -> None:
    html = page.text()
    assert [re.search(pattern, html) is not None for pattern in (r"10:00\b", r"10:10\b", r"10:20\b")] == [True] * 3
    assert not any(str(use) in html or use.hex in html for use in scene.uses)
    assert page.send(use=["1"], evidence="核查 3 号").status_code == 302
    after = page.text()
    assert "已剔除" in after
    assert "李审核" in after
    assert "核查 3 号" in after
    assert page.send(use=["1"]).status_code == 409
    assert page.send(hour=["2026-11-20T02:00:00Z"]).status_code == 302
    again = page.send(hour=["2026-11-20T02:00:00Z"])
    assert (again.status_code, "其中有一次已经剔除" in again.text) == (409, True)
    assert page.text().count("已剔除") == 3
    assert page.send(act="restore", hour=["2026-11-20T02:00:00Z"]).status_code == 302
    assert "已剔除" not in page.text()
    assert page.text().count("2026-11-20 10:30") == 3


@ONE_DATABASE
def test_what_is_wrong_is_named_and_what_was_typed_stays(page: Page) -> None:
    short = page.send(use=["1", "3"], reason="太短<b>")
    assert short.status_code == 422
    assert 'id="reason-error"' in short.text
    assert "太短&lt;b&gt;" in short.text
    assert short.text.count(" checked") == 2
    assert 'id="file-error"' not in short.text
    lost = page.send(use=["1"], reason="太短", file=(picture(), "录像.png"))
    assert 'id="file-error"' in lost.text
    assert "请再选一次" in lost.text
    assert 'id="uses-error"' in page.send().text
    assert 'id="act-error"' in page.send(use=["1"], act="burn").text
    assert page.send(use=["77", "nonsense"]).status_code == 422
    assert page.send(use=["1"], month="2026-12").status_code == 422
    assert page.send(use=["1"], month="x").status_code == 422
    bad = page.send(use=["1"], file=(io.BytesIO(b"MZ"), "evil.exe"))
    assert bad.status_code == 422
    assert 'id="file-error"' in bad.text
    assert "没有剔除过" in page.text()


@ONE_DATABASE
def test_the_file_is_for_reviewers(page: Page, scene: Scene, factories: Factories) -> None:
    assert page.send(use=["1"], file=(picture(), "录像.png")).status_code == 302
    path = f"/manage/sites/{scene.room.id}/adjustments/1/file"
    assert path in page.text()
    assert page.client.get(path, buffered=True).mimetype == "image/jpeg"
    assert page.client.get(path.replace("/1/", "/2/")).status_code == 404
    assert page.send(act="restore", use=["1"]).status_code == 302
    assert page.client.get(path.replace("/1/", "/2/")).status_code == 404
    for user in (scene.manager, scene.unit_person):
        assert factories.login(user).get(path).status_code == 403


@ONE_DATABASE
def test_the_people_of_the_site_see_months_and_who_did_what_and_why(
    page: Page, scene: Scene, factories: Factories
) -> None:
    page.send(use=["1"], evidence="核查 3 号")
    for user in (scene.manager, scene.unit_person):
        theirs = Page(factories, scene, user)
        html = theirs.text()
        assert WHY in html
        assert "核查 3 号" in html
        assert "李审核" in html
        assert 'name="use"' not in html
        assert "10:10" not in html
        token = {"csrf_token": "x", "month": "2026-11", "act": "restore", "reason": WHY, "use": ["1"]}
        assert theirs.client.post(theirs.path, data=token).status_code == 403


def test_after_erasure_numbers_of_hours_are_typed(app: Flask, page: Page, scene: Scene, clock: Clock) -> None:
    desk = Desk(app, clock, scene)
    desk.erase()
    assert 'name="n-2026-11-20T02:00:00Z"' in page.text()
    assert page.send(**{"n-2026-11-20T02:00:00Z": "x"}).status_code == 422
    assert page.send(**{"n-2026-11-20T02:00:00Z": "9"}).status_code == 409
    assert page.send(**{"n-2026-11-20T02:00:00Z": "2"}).status_code == 302
    assert desk.steps()["counted"] == -2
    assert "只剩每小时的次数" in page.text()


def test_every_average_is_made_of_what_is_left(app: Flask, page: Page, scene: Scene, factories: Factories) -> None:
    page.send(use=["1"])
    with app.app_context():
        from app.db import db

        site = db.session.get_one(Site, scene.room.id)
        facts = facts_for(site, load("qingdao-2023"), MONTH.last_on)
        assert facts.months is not None
        month = facts.months[MONTH]
        assert (month.recorded, month.counted, month.ratings) == (3, 2, (1, 0, 0, 0, 0))
        assert queries.excluded_by_month(site.id, MONTH, MONTH) == {MONTH: 1}
    client: FlaskClient = factories.login(scene.manager)
    told = client.get(f"/api/v1/sites/{scene.room.id}/months?from=2026-11&to=2026-11").json
    assert told is not None
    (told,) = told["months"]
    assert (told["recorded"], told["counted"], told["excluded"], told["effective"]) == (3, 3, 1, 2)
    assert (told["ratings"], told["satisfaction_score"]) == ([1, 0, 0, 0, 0], 20.0)
    panel = client.get(f"/manage/sites/{scene.room.id}").text
    assert panel.count(">剔除</th>") == 1
    assert f"/manage/sites/{scene.room.id}/uses" in panel


@ONE_DATABASE
def test_the_verdict_says_that_uses_were_excluded(page: Page, scene: Scene, factories: Factories, clock: Clock) -> None:
    path = f"/manage/sites/{scene.room.id}"
    page.send(use=["1"])
    clock.advance(days=15)  # November is in the window now
    client = factories.login(scene.manager)
    for address in (path, f"{path}/verdict"):
        html = client.get(address).text
        assert html.count(">剔除 1</span>") == 1
        assert f"{path}/uses#made" in html
    assert "剔除 1" not in client.get(f"{path}/verdict?on=2026-11-30").text


@ONE_DATABASE
def test_the_page_on_a_phone(app: Flask, page: Page, browser: Browser) -> None:
    page.send(use=["1"])
    context = phone_context(browser)
    cookie = page.client.get_cookie("session")
    assert cookie is not None
    with live_server(app) as base:
        context.add_cookies([{"name": "session", "value": cookie.value, "url": base}])
        shown = context.new_page()
        shown.goto(f"{base}{page.path}?month=2026-11")
        shown.locator("details.day summary").first.click()
        assert_fits(shown)
        assert_accessible(shown)
    context.close()
