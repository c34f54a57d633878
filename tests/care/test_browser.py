"""The pages in Chromium on a phone: the roll by taps, the card at the door, and how every page looks."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from tests.browser import assert_accessible, assert_fits, live_server, screenshot
from tests.care import helpers
from tests.care.conftest import Care
from tests.conftest import Clock
from tests.factories import Factories

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LABELS = ("ZXM", "LHY", "07", "三年级2班12", "张-A")


def sign_in(page: Page, client: FlaskClient, base: str) -> None:
    """Give the browser the session of a logged-in client."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": base}])


def look(page: Page, address: str, name: str) -> None:
    """Open a page, check it, and keep a picture when asked to."""
    page.goto(address)
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, name)


def test_the_roll_is_taken_by_taps(care: Care, factories: Factories, phone: Page) -> None:
    for number, label in enumerate(LABELS):
        helpers.child(factories, care.term, label, grade=number + 1)
    with live_server(factories.app) as base:
        sign_in(phone, care.client, base)
        look(phone, f"{base}/manage/terms/{care.term.id}/attendance", "care-roll")
        tap = phone.get_by_role("button", name="ZXM 到了")
        assert tap.bounding_box()["y"] + 48 < 780  # type: ignore[index]  # the first child is in sight without scrolling
        tap.click()
        expect(tap).to_have_attribute("aria-pressed", "true")
        expect(tap).to_be_focused()
        expect(phone.locator("[data-count]")).to_have_text("实到 1 / 应到 5")
        phone.get_by_role("button", name="ZXM 离开").click()
        expect(phone.locator(".times")).to_contain_text("离开 10:00")
        tap.click()
        expect(tap).to_have_attribute("aria-pressed", "false")
        phone.get_by_role("button", name="全都到了").click()
        expect(phone.locator("[data-count]")).to_have_text("实到 5 / 应到 5")
        assert_fits(phone)
        assert_accessible(phone)
        screenshot(phone, "care-roll-all")
        phone.context.set_offline(True)
        phone.get_by_role("button", name="07 到了").click()
        expect(phone.locator("[data-problem]")).to_be_visible()
        assert_accessible(phone)


def test_the_card_at_the_door(care: Care, factories: Factories, phone: Page, clock: Clock) -> None:
    one = helpers.child(factories, care.term)
    with live_server(factories.app) as base:
        look(phone, f"{base}/c/{one.code}", "care-card")
        phone.get_by_role("button", name="到了，点一下").click()
        expect(phone.get_by_role("heading", name="已记下：到了")).to_be_visible()
        assert_accessible(phone)
        screenshot(phone, "care-card-arrived")
        clock.advance(hours=6)
        phone.reload()
        phone.get_by_role("button", name="离开，点一下").click()
        expect(phone.get_by_role("heading", name="已记下：离开了")).to_be_visible()
        assert_fits(phone)
        look(phone, f"{base}/c/zzzzzzzzzzzz", "care-card-unknown")
        clock.advance(days=20)
        look(phone, f"{base}/c/{one.code}", "care-card-unused")


def test_every_page_of_holiday_care(care: Care, factories: Factories, phone: Page) -> None:
    children = [helpers.child(factories, care.term, label, has_agreement=label != "07") for label in LABELS]
    helpers.child(factories, care.term, "KK", left_on=care.today, has_agreement=True, is_insured=True)
    for back in range(1, 4):
        day = care.today - timedelta(days=back)
        helpers.ran(factories, care.term, day, *children[: 5 - back], safety_checked=back != 2)
    helpers.incident(factories, care.site, retracted_at=factories.clock(), retract_reason="登记错了")
    helpers.incident(factories, care.site)
    pages = {
        "care-site": f"sites/{care.site.id}", "care-terms": f"sites/{care.site.id}/terms",
        "care-new-term": f"sites/{care.site.id}/terms/new", "care-term": f"terms/{care.term.id}",
        "care-children": f"terms/{care.term.id}/children", "care-child": f"children/{children[0].id}",
        "care-incidents": f"sites/{care.site.id}/incidents",
    }  # fmt: skip
    with live_server(factories.app) as base:
        sign_in(phone, care.client, base)
        for name, path in pages.items():
            look(phone, f"{base}/manage/{path}", name)
        phone.goto(f"{base}/manage/terms/{care.term.id}/children")
        phone.get_by_label("每行一名").fill("张小明 3\nAB 9")
        phone.get_by_role("button", name="登记").click()
        expect(phone.get_by_role("alert")).to_contain_text("第 1 行“张小明 3”")
        assert_fits(phone)
        assert_accessible(phone)
        screenshot(phone, "care-children-refused")


def test_every_page_of_nurseries_and_centres(factories: Factories, phone: Page) -> None:
    _, district, unit = factories.tree()
    nursery = factories.site(unit, kind="nursery", name="钱塘托育服务中心")
    for back in (400, 0):
        as_of = (factories.clock() - timedelta(days=back)).date()
        helpers.report(factories, nursery, as_of=as_of, places=40 - back // 100)
    centre = factories.site(unit, kind="combined", name="钱塘关爱女职工综合服务中心")
    helpers.join(factories, centre, nursery, factories.site(unit))
    helpers.incident(factories, nursery)
    client = factories.login(factories.user("district_union", district))
    with live_server(factories.app) as base:
        sign_in(phone, client, base)
        for site, path, name in (
            (nursery, "/nursery", "nursery"), (nursery, "/verdict", "nursery-verdict"),
            (centre, "/parts", "centre"), (centre, "", "centre-site"),
        ):  # fmt: skip
            look(phone, f"{base}/manage/sites/{site.id}{path}", name)
        look(phone, f"{base}/manage/sites/{nursery.id}/verdict?rulebook=dalian-2017", "no-conditions")
        phone.set_viewport_size({"width": 1200, "height": 900})
        look(phone, f"{base}/manage/sites/{nursery.id}/nursery", "nursery-wide")


def test_the_door_of_another_kind(factories: Factories, phone: Page) -> None:
    site = factories.site(kind="nursery", name="钱塘托育服务中心")
    code = factories.door_code(site)
    with live_server(factories.app) as base:
        look(phone, f"{base}/r/{code.code}", "nursery-door")
        assert "小屋" not in phone.locator("main").inner_text()
        phone.get_by_role("button", name="今天来过").click()
        expect(phone.get_by_role("heading", name="您觉得这里怎么样？")).to_be_visible()
        phone.get_by_role("button", name="非常满意").click()
        expect(phone.get_by_role("heading", name="收到您的评价")).to_be_visible()
        assert "小屋" not in phone.locator("main").inner_text()
        assert_fits(phone)
        assert_accessible(phone)
        screenshot(phone, "nursery-rated")
