"""The registers on a phone."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from app.registers import services
from tests.browser import assert_accessible, assert_fits, live_server, phone_context, screenshot
from tests.conftest import Clock
from tests.factories import PASSWORD
from tests.registers.conftest import TODAY, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_manager_keeps_her_registers_on_a_phone(
    app: Flask, browser: Browser, world: World, act: Callable[..., Any], clock: Clock
) -> None:
    act(services.move_supplies, item="wipes", direction="in", quantity=3, moved_on=TODAY)
    act(services.add_keeper, name="王红", kind="officer", certificate_until=date(2026, 12, 1), phone="13800138000")
    act(services.add_asset, name="小冰箱", quantity=1, source="union", value_yuan=Decimal(1299))
    act(services.book_money, direction="out", amount_yuan=Decimal(5), purpose="supplies", booked_on=TODAY)
    soon = clock() + timedelta(days=3)
    act(services.record_activity, kind="lecture", topic="health", title="秋冬护理讲座", starts_at=soon)
    context = phone_context(browser)
    phone = context.new_page()
    with live_server(app) as base_url:
        phone.goto(f"{base_url}/login?next={world.base}")
        phone.get_by_label("用户名").fill(world.manager.username)
        phone.get_by_label("密码", exact=True).fill(PASSWORD)
        phone.get_by_role("button", name="登录").click()
        cleaned = phone.get_by_role("button", name="今天已保洁")
        expect(cleaned).to_be_in_viewport()
        cleaned.tap()
        expect(phone.get_by_role("button", name="今天保洁了 1 次")).to_be_visible()
        assert_accessible(phone)
        assert_fits(phone)
        screenshot(phone, "registers")
        for register in ("safety", "supplies", "keepers"):
            phone.goto(f"{base_url}{world.base}/{register}")
            phone.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert_accessible(phone)
            assert_fits(phone)
        phone.goto(f"{base_url}{world.base}/safety")
        phone.get_by_role("group", name="消防").get_by_label("有问题").check()
        phone.get_by_label("有问题就写明白").fill("灭火器过期，已报修")
        phone.get_by_role("button", name="记下来").tap()
        expect(phone.get_by_text("有问题：消防")).to_be_visible()
        phone.get_by_text("记错了，作废").first.tap()
        phone.get_by_label("作废原因").first.fill("看错了")
        phone.get_by_role("button", name="作废").first.tap()
        expect(phone.get_by_text("作废原因：看错了")).to_be_visible()
    context.close()
