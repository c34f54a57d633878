"""The pages of cases in a browser: a phone 360 px wide, light and dark."""

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.accounts.models import User
from app.programme.cases.models import Case
from tests.browser import assert_accessible, assert_fits, live_server, phone_context, screenshot
from tests.factories import Factories
from tests.programme.cases.conftest import City
from tests.programme.cases.helpers import Cases


def logged_in(context: BrowserContext, factories: Factories, user: User, base: str) -> Page:
    """A page in which `user` has logged in."""
    cookie = factories.login(user).get_cookie("session")
    assert cookie is not None
    context.clear_cookies()
    context.add_cookies([{"name": "session", "value": cookie.value, "url": base}])
    return context.new_page()


def good(page: Page, name: str) -> None:
    """Nothing sticks out, and nobody is shut out."""
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"cases-{name}")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_application_on_a_phone(
    app: Flask, browser: Browser, cases: Cases, city: City, factories: Factories
) -> None:
    case = cases.open(city.unit, "application", city.site)
    context = phone_context(browser)
    with live_server(app) as base:
        fills_in(logged_in(context, factories, city.unit, base), base, case)
        cases.fill(city.unit, case)
        cases.sheet(city.site, "self_check", city.unit, case=case)
        cases.act(city.unit, case, "submit")
        sends_back(logged_in(context, factories, city.district, base), base, case)
        reads_why(logged_in(context, factories, city.unit, base), base, case)
        cases.act(city.unit, case, "submit")
        cases.accepted(city.district, case)
        page = logged_in(context, factories, city.municipal, base)
        page.goto(f"{base}/manage/cases/{case.id}/acts/file")
        page.get_by_role("button", name="确认：备案").click()
        expect(page.get_by_text("2026-0001").first).to_be_in_viewport()
        good(page, "filed")
        page.goto(f"{base}/manage/sites/{city.site.id}")
        assert_fits(page)
        context.close()


def fills_in(page: Page, base: str, case: Case) -> None:
    """The unit union looks at what it may apply for, and hands a form in too early."""
    page.goto(f"{base}/manage/cases/new")
    good(page, "new")
    page.goto(f"{base}/manage/cases/{case.id}")
    expect(page.get_by_role("button", name="填自查表")).to_be_in_viewport()
    good(page, "draft")
    chosen = page.locator("#file")
    photos = [{"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": bytes(7 << 20)} for number in (1, 2)]
    chosen.set_input_files(photos)
    page.get_by_role("button", name="上传").click()
    assert "分几次上传" in chosen.evaluate("input => input.validationMessage")
    assert chosen.evaluate("input => input.files.length") == 2, "the page was left, and the choice with it"
    chosen.set_input_files(photos[:1])
    assert chosen.evaluate("input => input.validationMessage") == ""
    page.goto(f"{base}/manage/cases/{case.id}/form")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("#serves-error")).to_be_attached()
    good(page, "form")


def sends_back(page: Page, base: str, case: Case) -> None:
    """The district finds the case on its list, and returns it with a reason for one item."""
    page.goto(f"{base}/manage/cases")
    good(page, "list")
    page.goto(f"{base}/manage/cases/{case.id}")
    expect(page.get_by_role("button", name="开始现场验收")).to_be_in_viewport()
    page.goto(f"{base}/manage/cases/{case.id}/acts/return")
    page.get_by_label("总的原因").fill("请补照片")
    page.get_by_label("详细地址").fill("缺门牌号")
    good(page, "return")
    page.get_by_role("button", name="确认：退回补正").click()
    expect(page.get_by_text("缺门牌号").first).to_be_visible()


def reads_why(page: Page, base: str, case: Case) -> None:
    """The unit union sees the reason on the case, and beside the field."""
    page.goto(f"{base}/manage/cases/{case.id}")
    expect(page.get_by_text("缺门牌号").first).to_be_visible()
    good(page, "returned")
    page.goto(f"{base}/manage/cases/{case.id}/form")
    expect(page.locator("#address-reason")).to_be_visible()
