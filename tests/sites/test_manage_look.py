"""The managers' pages in Chromium: they fit a phone, are accessible in light and dark, and their scripts help."""

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from app.sites.models import SiteChange
from app.sites.particulars import particulars
from tests.browser import assert_accessible, assert_fits, live_server, phone_context, screenshot
from tests.conftest import Clock
from tests.factories import Factories

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""How a page looks is the same on both databases."""
WEEK = {str(day): [[510, 720], [810, 1050]] for day in range(1, 6)} | {"6": [], "7": []}


@pytest.fixture
def pages(factories: Factories, clock: Clock) -> dict[str, str]:
    """Addresses of every page, on a site with something in every part of it; the log-in cookie under ``cookie``."""
    unit = factories.tree()[2]
    site = factories.site(
        unit, name="富士康钱塘科技工业园女职工爱心妈妈小屋", landmark="进东门右转", review_note="请确认是否对外开放",
        hours={"text": "工作日 8:30-17:30", "week": WEEK, "holidays": "usual"}, area_m2=16, lon=None, lat=None,
        premises="mall", particulars=dict.fromkeys(particulars(), "02161639093") | {"model_room": "built"},
    )  # fmt: skip
    code = factories.door_code(site, print_version=1)
    factories.door_code(site, print_version=2)
    factories.photo(site)
    factories.suspension(site, clock())
    fields = {"name": ["旧", site.name], "hours": [{}, site.hours], "facilities": [{}, {"sofa": 2}]}
    factories.add(SiteChange(site_id=site.id, at=clock(), act="edit", fields=fields, note="改名"))
    client = factories.login(factories.user("unit_union", unit))
    cookie = client.get_cookie("session")
    assert cookie
    path = f"/manage/sites/{site.id}"
    return {
        "cookie": cookie.value, "sites": "/manage/sites", "site": path, "edit": f"{path}/edit",
        "history": f"{path}/history", "reissue": f"{path}/codes/new", "revoke": f"{path}/codes/{code.id}/revoke",
        "posters": f"/manage/unions/{unit.id}/posters",
    }  # fmt: skip


def log_in(browser: Browser, base_url: str, cookie: str) -> Page:
    context = phone_context(browser)
    context.add_cookies([{"name": "session", "value": cookie, "url": base_url}])
    return context.new_page()


def test_every_page_fits_a_phone_and_is_accessible(app: Flask, browser: Browser, pages: dict[str, str]) -> None:
    with live_server(app) as base_url:
        page = log_in(browser, base_url, pages.pop("cookie"))
        for name, path in pages.items():
            answer = page.goto(base_url + path)
            assert answer
            assert answer.status == 200, path
            screenshot(page, f"manage-{name}")
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert_fits(page)
            assert_accessible(page)
        page.context.close()


def test_the_form_copies_mondays_hours_and_splits_a_pasted_pin(
    app: Flask, browser: Browser, pages: dict[str, str]
) -> None:
    with live_server(app) as base_url:
        page = log_in(browser, base_url, pages["cookie"])
        page.goto(base_url + pages["edit"])
        page.fill("[name=day1-morning-from]", "900")
        page.select_option("#day5-state", "closed")
        assert not page.is_visible("[name=day5-morning-from]")
        page.click("[data-copy] button")
        assert page.input_value("[name=day5-morning-from]") == "900"
        assert page.is_visible("[name=day5-morning-from]")
        page.fill("#lon", "120.344066,30.337343")
        assert (page.input_value("#lon"), page.input_value("#lat")) == ("120.344066", "30.337343")
        page.click(".save-bar button")
        page.wait_for_url(f"**{pages['site']}")
        assert "09:00–12:00" in page.inner_text("dl.hours")
        page.context.close()
