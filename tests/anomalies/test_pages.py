"""The reviewers' pages in a real browser: they fit a phone and everybody can use them."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.anomalies.conftest import World
from tests.browser import assert_accessible, assert_fits, live_server, screenshot
from tests.factories import PASSWORD

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_reviewer_looks_at_a_flag_on_her_phone(app: Flask, world: World, phone: Page) -> None:
    with live_server(app) as base_url:
        phone.goto(f"{base_url}/login?next=/manage/flags")
        phone.get_by_label("用户名").fill(world.people["district"].username)
        phone.get_by_label("密码", exact=True).fill(PASSWORD)
        phone.get_by_role("button", name="登录").tap()
        expect(phone.get_by_role("heading", name="数据可信度")).to_be_visible()
        assert_accessible(phone)
        assert_fits(phone)
        screenshot(phone, "anomalies-list")
        phone.get_by_role("link", name=world.site.name).tap()
        expect(phone.get_by_role("heading", name=world.site.name)).to_be_visible()
        assert_accessible(phone)
        assert_fits(phone)
        screenshot(phone, "anomalies-site")
        flag = phone.locator("section.flag").first
        flag.locator("summary").tap()
        flag.get_by_label("有合理解释").tap()
        flag.get_by_label("说明").fill("商场延长了营业时间，公示还没改。")
        flag.get_by_role("button", name="记下").tap()
        expect(phone.get_by_text("商场延长了营业时间，公示还没改。")).to_be_visible()
        for summary in phone.locator("summary").all():
            summary.tap()
        assert_accessible(phone)
        assert_fits(phone)
