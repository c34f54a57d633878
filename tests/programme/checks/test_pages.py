"""The checks on a phone: they fit, they are accessible, and the whole way from draw to result can be walked."""

from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from app.accounts.models import User
from tests.browser import assert_accessible, assert_fits, live_server, screenshot
from tests.factories import Factories
from tests.programme.checks.conftest import Net
from tests.programme.checks.helpers import inspection_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What the browser shows does not depend on the database."""


def enter(context: BrowserContext, factories: Factories, base: str, user: User) -> None:
    """Make `user` the person in this browser."""
    cookie = factories.login(user).get_cookie("session")
    assert cookie
    context.add_cookies([{"name": "session", "value": cookie.value, "url": base}])


def check(page: Page, name: str = "") -> None:
    assert_fits(page)
    assert_accessible(page)
    if name:
        screenshot(page, name)


def test_from_the_draw_to_the_plan(app: Flask, phone: Page, net: Net, factories: Factories) -> None:
    with live_server(app) as base:
        enter(phone.context, factories, base, net.anna)
        phone.goto(f"{base}/manage/checks")
        check(phone)
        phone.get_by_role("link", name="抽签安排").click()
        check(phone)
        phone.get_by_label("种子从哪里来").fill("11 月 24 日双色球开奖号码")
        phone.get_by_role("button", name="公布候选名单").click()
        phone.get_by_label("出来的种子").fill("2026135: 03 08 17 21 28 30 + 11")
        check(phone)
        phone.get_by_role("button", name="抽签", exact=True).click()
        phone.get_by_text("自己核对").click()
        check(phone, "draw")
        phone.goto(f"{base}/manage/checks")
        check(phone, "checks")
        phone.goto(f"{base}/manage/inbox")
        check(phone, "inbox")


def test_an_inspection_on_the_spot(
    app: Flask, phone: Page, net: Net, factories: Factories, tmp_path: Path
) -> None:
    site, photo = net.sites[0], tmp_path / "door.jpg"
    Image.new("RGB", (400, 300), "teal").save(photo)
    code = factories.door_code(site).code
    inspection_of(factories, site, net.district, "spot_check", inspector_id=net.anna.id, plan_reason="有人反映门锁着")
    with live_server(app) as base:
        enter(phone.context, factories, base, net.anna)
        phone.goto(f"{base}/r/{code}")
        check(phone, "door-inspector")
        phone.get_by_role("button", name="我来检查").click()
        check(phone)
        phone.get_by_label("备注").fill("写在照片之前")
        phone.get_by_label("要整改").check()
        phone.get_by_label("加一张照片").set_input_files(photo)
        phone.get_by_role("button", name="上传").click()
        phone.get_by_role("img", name="第 1 张照片").wait_for()
        expect(phone.get_by_label("备注")).to_have_value("写在照片之前")
        expect(phone.get_by_label("要整改")).to_be_checked()
        phone.get_by_role("button", name="记下结果").click()
        expect(phone.locator("#findings-error")).to_be_visible()
        check(phone)
        phone.get_by_label("第 1 个问题", exact=True).fill("窗帘破损，不能遮挡")
        phone.get_by_role("button", name="记下结果").click()
        phone.get_by_role("link", name="整改 R2026-").wait_for()
        check(phone, "inspection-done")
        phone.goto(f"{base}/manage/sites/{site.id}/rectification")
        check(phone)


def test_a_manager_finds_what_is_hers(app: Flask, phone: Page, net: Net, factories: Factories) -> None:
    with live_server(app) as base:
        enter(phone.context, factories, base, net.dora)
        phone.goto(f"{base}/manage/inbox")
        phone.locator(".inbox a").first.click()
        check(phone)
        phone.get_by_role("button", name="开始自查").click()
        check(phone)
        enter(phone.context, factories, base, net.clara)
        for path in ("checks?kind=spot_check", f"sites/{net.sites[1].id}/check", "account"):
            phone.goto(f"{base}/manage/{path}")
            check(phone)
