"""The pages of cases in a browser: a phone 360 px wide, light and dark."""

from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from app.accounts.models import User
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


def test_an_application_on_a_phone(app: Flask, browser: object, cases: Cases, city: City, factories: Factories) -> None:
    case = cases.open(city.unit, "application", city.site)
    with live_server(app) as base:
        context = phone_context(browser)  # type: ignore[arg-type]
        page = logged_in(context, factories, city.unit, base)
        page.goto(f"{base}/manage/cases/new")
        good(page, "new")
        page.goto(f"{base}/manage/cases/{case.id}")
        expect(page.get_by_role("button", name="填自查表")).to_be_in_viewport()
        good(page, "draft")
        page.goto(f"{base}/manage/cases/{case.id}/form")
        page.get_by_role("button", name="提交").click()
        expect(page.locator("#serves-error")).to_be_attached()
        good(page, "form")
        cases.fill(city.unit, case)
        cases.sheet(city.site, "self_check", city.unit, case=case)
        cases.act(city.unit, case, "submit")
        page = logged_in(context, factories, city.district, base)
        page.goto(f"{base}/manage/cases")
        good(page, "list")
        page.goto(f"{base}/manage/cases/{case.id}")
        expect(page.get_by_role("button", name="开始现场验收")).to_be_in_viewport()
        page.goto(f"{base}/manage/cases/{case.id}/acts/return")
        page.get_by_label("总的原因").fill("请补照片")
        page.get_by_label("详细地址").fill("缺门牌号")
        good(page, "return")
        page.get_by_role("button", name="确认：退回补正").click()
        page = logged_in(context, factories, city.unit, base)
        page.goto(f"{base}/manage/cases/{case.id}")
        expect(page.get_by_text("缺门牌号").first).to_be_visible()
        good(page, "returned")
        page.goto(f"{base}/manage/cases/{case.id}/form")
        expect(page.locator("#address-reason")).to_be_visible()
        cases.act(city.unit, case, "submit")
        cases.accepted(city.district, case)
        page = logged_in(context, factories, city.municipal, base)
        page.goto(f"{base}/manage/cases/{case.id}/acts/file")
        page.get_by_role("button", name="确认：备案").click()
        expect(page.get_by_text("2026-0001").first).to_be_in_viewport()
        good(page, "filed")
        page.goto(f"{base}/manage/sites/{city.site.id}")
        assert_fits(page)
        screenshot(page, "cases-site")
        context.close()
