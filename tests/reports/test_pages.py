"""Reporting from the door and handling it, on phones."""

import gzip

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from tests.browser import assert_accessible, assert_fits, live_server, phone_context, screenshot
from tests.factories import PASSWORD
from tests.reports.conftest import World
from tests.reports.helpers import THERE, send

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_from_the_door_to_the_desk(app: Flask, browser: Browser, world: World) -> None:
    app.extensions["directory"].check_every_s = 0
    send(app, world.page, "gone", THERE)
    visitor, desk = phone_context(browser), phone_context(browser)
    phone, office = visitor.new_page(), desk.new_page()
    with live_server(app) as base_url:
        phone.goto(f"{base_url}/r/abc123abc123")
        phone.get_by_role("link", name="锁着门、缺用品？说一声").tap()
        expect(phone.get_by_role("button", name="锁着门，进不去")).to_be_in_viewport()
        assert_accessible(phone)
        assert_fits(phone)
        screenshot(phone, "report")
        phone.get_by_role("button", name="锁着门，进不去").tap()
        expect(phone.get_by_role("heading", name="谢谢，已转告")).to_be_visible()
        assert_accessible(phone)
        assert_fits(phone)
        phone.get_by_label("想多说一句？（可以不填）").fill("门上贴了条，找 13800138000")
        phone.get_by_role("button", name="发送").tap()
        expect(phone.get_by_label("想多说一句？（可以不填）")).to_have_count(0)
        assert visitor.cookies() == []
        phone.goto(f"{base_url}/sites/{world.site.id}")
        expect(phone.get_by_text("有人反映这里锁着门或已经撤了，正在核实。")).to_be_visible()
        assert_accessible(phone)
        office.goto(f"{base_url}/login?next=/manage/reports")
        office.get_by_label("用户名").fill(world.people["manager"].username)
        office.get_by_label("密码", exact=True).fill(PASSWORD)
        office.get_by_role("button", name="登录").click()
        expect(office.get_by_text("门上贴了条，找 •••")).to_be_visible()
        assert_accessible(office)
        assert_fits(office)
        office.get_by_role("link", name="锁着门，进不去").tap()
        assert_accessible(office)
        assert_fits(office)
        office.get_by_label("查到什么、做了什么").fill("换了门锁")
        office.get_by_role("button", name="已解决").tap()
        expect(office.get_by_text("换了门锁")).to_be_visible()
    visitor.close()
    desk.close()


def test_the_map_says_so_too(app: Flask, browser: Browser, world: World) -> None:
    send(app, world.page, "gone", THERE)
    send(app, world.page, "locked")
    context = phone_context(browser)
    page = context.new_page()
    with live_server(app) as base_url:
        page.goto(base_url)
        page.get_by_role("button", name="看地图").tap()
        expect(page.locator("#map .pin").first).to_be_visible()
        page.get_by_role("button", name="放大地图").tap()
        page.locator(f"#map .pin[title='{world.site.name}']").press("Enter")
        expect(page.locator(".leaflet-popup").get_by_text("核实中")).to_be_visible()
    context.close()


def test_the_form_is_as_light_as_the_door(client: FlaskClient, world: World) -> None:
    page = client.get(world.page)
    assert len(gzip.compress(page.data)) < 10 * 1024
    for outside in ('src="', '<link rel="stylesheet"', "<script"):
        assert outside not in page.text
