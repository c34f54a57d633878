"""The pages in Chromium on a phone: they fit, axe finds nothing, and a tap downloads the file."""

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.accounts.models import User
from tests.browser import assert_accessible, assert_fits, live_server, screenshot
from tests.documents.conftest import City
from tests.documents.paper import pdf_text, word_text
from tests.factories import Factories
from tests.programme.cases.helpers import Cases


def sign_in(page: Page, factories: Factories, user: User, base: str) -> None:
    """Give the browser the session of a logged-in client."""
    cookie = factories.login(user).get_cookie("session")
    assert cookie is not None
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": base}])


def look(page: Page, address: str, name: str) -> None:
    """Open a page, check it, and keep a picture when asked to."""
    page.goto(address)
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, name)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_figures_on_a_phone(app: Flask, phone: Page, city: City, factories: Factories) -> None:
    room = factories.site(city.unit_union, name="海湾大厦爱心妈妈小屋", premises="mall")
    factories.union("unit", city.district_union, name="青岛某某纺织有限公司工会委员会", women_workers=1860)
    factories.tally(room, "2026-10", 137, (1, 0, 2, 10, 30))
    with live_server(app) as base:
        sign_in(phone, factories, city.municipal, base)
        look(phone, f"{base}/manage/unions/{city.municipal_union.id}/coverage", "coverage")
        look(phone, f"{base}/manage/unions/{city.municipal_union.id}/statement?month=2026-10", "statement-city")
        look(phone, f"{base}/manage/sites/{room.id}/statement?month=2026-10", "statement-site")
        with phone.expect_download() as waiting:
            phone.get_by_role("button", name="下载 PDF").click()
        assert "计入人次137" in pdf_text(Path(waiting.value.path()).read_bytes())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_form_is_one_tap_away_and_its_code_holds(
    app: Flask, phone: Page, city: City, factories: Factories, cases: Cases
) -> None:
    case = cases.submitted(city.unit, "application", city.site)
    with live_server(app) as base:
        sign_in(phone, factories, city.unit, base)
        phone.goto(f"{base}/manage/cases/{case.id}")
        with phone.expect_download() as waiting:
            phone.get_by_role("button", name="女职工关爱服务阵地备案表 Word").click()
        assert waiting.value.suggested_filename == "附件2-女职工关爱服务阵地备案表-东楼小屋.docx"
        assert "东楼小屋" in word_text(Path(waiting.value.path()).read_bytes())
        screenshot(phone, "documents-case")
        code = waiting.value.url.rpartition("/")[2].partition(".")[0]
        phone.goto(f"{base}/documents/check")
        phone.get_by_label("校验码").fill(code)
        phone.get_by_role("button", name="查验", exact=True).click()
        expect(phone.get_by_text("本系统发出")).to_be_visible()
        assert_fits(phone)
        assert_accessible(phone)
        screenshot(phone, "documents-check")
