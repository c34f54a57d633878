"""Log-in, account and people pages on a phone: they fit, they are accessible, the keyboard suffices."""

import re

import pytest
from flask import Flask
from passlib.totp import TOTP
from playwright.sync_api import Page, expect

from app.accounts.models import User
from app.web import DISTRICT_UNION, SITE_MANAGER, UNIT_UNION
from tests.browser import assert_accessible, assert_fits, live_server, screenshot
from tests.conftest import Clock
from tests.factories import PASSWORD, Factories

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""How a page looks is the same on both databases."""


@pytest.fixture
def chief(factories: Factories) -> User:
    """A district account with people below her."""
    _, district, unit = factories.tree()
    factories.user(SITE_MANAGER, unit, display_name="王小芳")
    factories.user(UNIT_UNION, unit, display_name="非常非常长的名字" * 8, active=False)
    return factories.user(DISTRICT_UNION, district, display_name="李娜")


def check(page: Page) -> None:
    assert_fits(page)
    assert_accessible(page)


def log_in(page: Page, base: str, user: User, password: str = PASSWORD) -> None:
    page.goto(f"{base}/login?next=/manage/account")
    page.get_by_label("用户名").focus()
    page.keyboard.type(user.username)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_logging_in_with_the_keyboard(app: Flask, phone: Page, chief: User) -> None:
    with live_server(app) as base:
        phone.goto(f"{base}/login")
        check(phone)
        log_in(phone, base, chief, "wrong")
        expect(phone.get_by_role("alert")).to_be_visible()
        check(phone)
        log_in(phone, base, chief)
        expect(phone).to_have_url(f"{base}/manage/account")
        check(phone)


def test_opening_an_account(app: Flask, phone: Page, chief: User) -> None:
    with live_server(app) as base:
        log_in(phone, base, chief)
        phone.get_by_role("link", name="人员").click()
        check(phone)
        phone.get_by_role("link", name="开通账号").click()
        check(phone)
        phone.get_by_label("用户名").fill("zhang.min")
        phone.get_by_label("身份").select_option(label="单位工会")
        phone.get_by_role("button", name="开通").click()
        expect(phone.locator("#role-error")).to_be_visible()
        check(phone)
        phone.get_by_label("所在工会").select_option(index=1)
        phone.get_by_role("button", name="开通").click()
        expect(phone.locator("code.secret")).to_have_text(re.compile(r"^(\w{4}-){3}\w{4}$"))
        check(phone)


def test_setting_up_the_authenticator(app: Flask, phone: Page, chief: User) -> None:
    with live_server(app) as base:
        log_in(phone, base, chief)
        phone.get_by_role("link", name="绑定动态验证").click()
        check(phone)
        phone.get_by_role("button", name="开始绑定").click()
        image = phone.locator("img.qr")
        image.evaluate("node => node.decode()")
        check(phone)
        phone.goto(f"{base}/mf-recovery-codes")
        phone.get_by_role("button", name="生成恢复码").click()
        expect(phone.locator(".codes li")).to_have_count(8)
        check(phone)


def one_time_code(page: Page, clock: Clock) -> str:
    key = page.locator("code.key").inner_text()
    return str(TOTP(key=key).generate(time=clock.at.timestamp()).token)


def test_logging_in_with_a_code_or_without_the_phone(app: Flask, phone: Page, chief: User, clock: Clock) -> None:
    with live_server(app) as base:
        log_in(phone, base, chief)
        phone.goto(f"{base}/verify")
        check(phone)
        screenshot(phone, "password-again")
        phone.goto(f"{base}/manage/account")
        phone.get_by_role("link", name="绑定动态验证").click()
        phone.get_by_role("button", name="开始绑定").click()
        phone.get_by_label("6 位验证码").fill(one_time_code(phone, clock))
        phone.get_by_role("button", name="完成绑定").click()
        phone.goto(f"{base}/manage/account")
        phone.get_by_role("navigation", name="主导航").get_by_role("button", name="退出").click()
        phone.wait_for_url(f"{base}/")
        log_in(phone, base, chief)
        phone.get_by_label("6 位验证码").fill("000000")
        phone.get_by_role("button", name="确认").click()
        expect(phone.get_by_role("alert")).to_be_visible()
        check(phone)
        screenshot(phone, "one-time-code")
        phone.get_by_role("link", name="手机不在身边").click()
        check(phone)
        screenshot(phone, "recovery-code")
