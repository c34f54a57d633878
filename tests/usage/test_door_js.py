"""The door in Chromium as a phone: one tap, with and without scripts, without a signal, large type, light and dark."""

import gzip
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect

from app.sites.models import DoorCode, Site
from tests.browser import assert_accessible, assert_fits, live_server, phone_context, screenshot
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.helpers import Phone, reasons, tally

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What the page does is the same on both databases; what it sends is tested on both elsewhere."""
BUDGET = 10 * 1024
QUEUED = "已记下，联网后自动提交"


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    with live_server(app) as url:
        yield url


@pytest.fixture
def door(base: str, code: DoorCode) -> str:
    return f"{base}/r/{code.code}"


def tap(page: Page) -> None:
    page.get_by_role("button", name="使用小屋").tap()


def wait_for_receipt(page: Page) -> None:
    page.wait_for_url("**/u/*")
    expect(page.get_by_role("heading", name="谢谢，已记下")).to_be_visible()


def test_one_tap_and_one_more(app: Flask, phone_page: Page, door: str, site: Site) -> None:
    phone_page.goto(door)
    tap(phone_page)
    wait_for_receipt(phone_page)
    phone_page.get_by_role("button", name="满意", exact=True).tap()
    expect(phone_page.get_by_role("button", name="满意", exact=True)).to_have_attribute("aria-pressed", "true")
    assert tally(app, site.id) == {"recorded": 1, "counted": 1, "rating_4": 1}
    phone_page.get_by_label("干净", exact=True).check()
    phone_page.get_by_label("一句话").fill("灯可以再暗一点")
    phone_page.get_by_role("button", name="发送").tap()
    expect(phone_page.get_by_label("干净", exact=True)).to_be_checked()
    assert tally(app, site.id)["rating_4"] == 1


@pytest.fixture
def phone_page(browser: Browser) -> Iterator[Page]:
    """A phone; a failing script fails the test."""
    context = phone_context(browser)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def test_a_purpose_is_optional_and_kept(app: Flask, phone_page: Page, door: str) -> None:
    phone_page.goto(door)
    phone_page.get_by_text("用来做什么").tap()
    phone_page.get_by_label("孕期休息").check()
    tap(phone_page)
    wait_for_receipt(phone_page)
    assert reasons(app) == [None]


def test_without_scripts_the_form_does_it(app: Flask, browser: Browser, door: str, site: Site) -> None:
    context = phone_context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(door)
    tap(page)
    wait_for_receipt(page)
    page.get_by_role("button", name="非常满意").tap()
    expect(page.get_by_role("heading", name="收到您的评价，谢谢")).to_be_visible()
    assert tally(app, site.id) == {"recorded": 1, "counted": 1, "rating_5": 1}
    context.close()


def test_without_a_place_to_write_the_form_is_simply_sent(app: Flask, phone_page: Page, door: str) -> None:
    phone_page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('off'); }})")
    phone_page.goto(door)
    tap(phone_page)
    wait_for_receipt(phone_page)
    assert reasons(app) == [None]


def test_a_tap_without_a_signal_is_sent_when_there_is_one(app: Flask, phone_page: Page, door: str) -> None:
    phone_page.goto(door)
    phone_page.context.set_offline(True)
    tap(phone_page)
    expect(phone_page.get_by_role("button", name=QUEUED)).to_be_visible()
    expect(phone_page.get_by_role("button", name=QUEUED)).to_be_disabled()
    assert_fits(phone_page)
    assert_accessible(phone_page)
    screenshot(phone_page, "door-offline")
    assert reasons(app) == []
    phone_page.context.set_offline(False)
    wait_for_receipt(phone_page)
    assert reasons(app) == [None]
    assert phone_page.evaluate("localStorage.getItem('xiaowu.taps')") == "[]"


def test_a_tap_outlives_the_page(app: Flask, phone_page: Page, door: str, clock: Clock) -> None:
    """The page is closed without a signal; 13 hours later, when its token is too old, the next page sends the tap."""
    context = phone_page.context
    phone_page.goto(door)
    context.set_offline(True)
    tap(phone_page)
    expect(phone_page.get_by_role("button", name=QUEUED)).to_be_visible()
    phone_page.close()
    clock.at += timedelta(hours=13)
    context.set_offline(False)
    next_page = context.new_page()
    next_page.goto(door)
    expect(next_page.get_by_text("刚才没网时记下的使用已提交。")).to_be_visible()
    assert reasons(app) == [None]
    next_page.get_by_role("link", name="去评价").tap()
    wait_for_receipt(next_page)


def test_a_lost_answer_is_asked_for_again_and_counted_once(app: Flask, phone_page: Page, door: str) -> None:
    lost: list[int] = []

    def lose_the_first_answer(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort("connectionreset")
        else:
            route.fallback()

    phone_page.route("**/r/*", lose_the_first_answer)
    phone_page.goto(door)
    tap(phone_page)
    wait_for_receipt(phone_page)
    assert lost == [201]
    assert reasons(app) == [None]


def test_the_page_of_a_hotspot_does_not_swallow_a_tap(app: Flask, phone_page: Page, door: str) -> None:
    answers = iter([200, 302, 503])

    def answer(route: Route) -> None:
        status = next(answers, None) if route.request.method == "POST" else None
        if status is None:
            route.fallback()
        else:
            route.fulfill(status=status, body="<h1>Please log in</h1>", content_type="text/html")

    phone_page.route("**/r/*", answer)
    phone_page.goto(door)
    tap(phone_page)
    for _ in range(3):
        expect(phone_page.get_by_role("button", name=QUEUED)).to_be_visible()
        phone_page.evaluate("window.dispatchEvent(new Event('online'))")
    wait_for_receipt(phone_page)
    assert reasons(app) == [None]


def test_nobody_waits_at_the_door_for_a_slow_answer(app: Flask, phone_page: Page, door: str) -> None:
    held: list[Route] = []
    phone_page.route("**/r/*", lambda route: held.append(route) if route.request.method == "POST" else route.fallback())
    phone_page.goto(door)
    tap(phone_page)
    expect(phone_page.get_by_role("button", name="正在记录")).to_be_visible()
    expect(phone_page.get_by_role("button", name=QUEUED)).to_be_visible()
    held[0].continue_()
    wait_for_receipt(phone_page)
    assert reasons(app) == [None]


def test_a_refusal_for_good_leads_to_the_servers_page(app: Flask, phone_page: Page, door: str) -> None:
    phone_page.goto(door)
    phone_page.evaluate("document.querySelector('[name=token]').value = 'forged'")
    with phone_page.expect_navigation():
        tap(phone_page)
    expect(phone_page.locator("form[data-queued]")).to_have_count(0)
    assert phone_page.evaluate("localStorage.getItem('xiaowu.taps')") == "[]"
    assert reasons(app) == []


def test_going_back_gives_a_fresh_page(app: Flask, phone_page: Page, door: str, clock: Clock) -> None:
    phone_page.goto(door)
    key = phone_page.input_value("[name=key]")
    tap(phone_page)
    wait_for_receipt(phone_page)
    clock.advance(minutes=1)
    phone_page.go_back()
    expect(phone_page.get_by_role("button", name="使用小屋")).to_be_enabled()
    expect(phone_page.locator("[name=key]")).not_to_have_value(key)
    tap(phone_page)
    wait_for_receipt(phone_page)
    assert reasons(app) == [None, "too_soon"]


def test_one_request_of_at_most_ten_kilobytes(app: Flask, phone_page: Page, door: str, code: DoorCode) -> None:
    asked: list[str] = []
    phone_page.on("request", lambda request: asked.append(request.url) if request.url.startswith("http") else None)
    phone_page.goto(door, wait_until="networkidle")
    assert asked == [door]
    phone = Phone(app, code.code)
    assert len(gzip.compress(phone.open().data)) < BUDGET
    receipt = phone.logged()
    phone.rate(receipt, 3)
    assert len(gzip.compress(phone.open(receipt).data)) < BUDGET


def test_every_page_is_accessible_and_fits(phone_page: Page, factories: Factories, base: str, code: DoorCode) -> None:
    app = factories.app
    app.extensions["nearby_sites"] = lambda _site_id, _limit: [
        {"name": "和达城小屋", "url": "/s/9", "distance_m": 1436.0, "floor_label": "门诊 3 层", "open_state": "closed"}
    ]
    revoked = factories.door_code(factories.site(), revoked_at=factories.clock())
    phone = Phone(app, code.code)
    receipt = phone.logged()
    phone.rate(receipt, 5)
    for path in ("/privacy", f"/r/{revoked.code}", "/r/zzzzzzzzzzzz", receipt, f"/r/{code.code}"):
        phone_page.goto(base + path)
        if path == f"/r/{code.code}":
            phone_page.get_by_text("用来做什么").tap()
        assert_accessible(phone_page)
        for size in ("100%", "200%"):
            phone_page.evaluate("size => { document.documentElement.style.fontSize = size }", size)
            assert_fits(phone_page)


def test_the_button_is_large_and_within_reach_of_a_thumb(phone_page: Page, door: str) -> None:
    phone_page.goto(door)
    screenshot(phone_page, "door")
    box = phone_page.get_by_role("button", name="使用小屋").bounding_box()
    assert box is not None
    assert box["width"] >= 300
    assert box["height"] >= 160
    assert box["y"] > 780 * 0.4
    assert box["y"] + box["height"] < 780


def test_five_steps_of_one_size(app: Flask, phone_page: Page, base: str, code: DoorCode) -> None:
    phone_page.goto(base + Phone(app, code.code).logged())
    screenshot(phone_page, "receipt")
    boxes = [button.bounding_box() for button in phone_page.locator(".steps button").all()]
    sizes = {(round(box["width"]), round(box["height"])) for box in boxes if box}
    assert len(boxes) == 5
    assert len(sizes) == 1
    assert all(box and box["y"] + box["height"] <= 780 for box in boxes)


def test_a_hint_in_a_field_can_be_read_in_the_dark(phone_page: Page, factories: Factories, base: str) -> None:
    room = factories.site(has_word=True)
    phone_page.emulate_media(color_scheme="dark")
    phone_page.goto(base + Phone(factories.app, factories.door_code(room).code).logged())
    hint = "getComputedStyle(document.getElementById('inside'), '::placeholder').color"
    assert phone_page.evaluate(hint) == "rgb(191, 174, 180)"  # 8 : 1; the browser's own grey is 3.7 : 1


def test_the_keyboard_alone_is_enough(app: Flask, phone_page: Page, door: str, site: Site) -> None:
    phone_page.goto(door)
    phone_page.get_by_role("button", name="使用小屋").focus()
    phone_page.keyboard.press("Enter")
    wait_for_receipt(phone_page)
    phone_page.get_by_role("button", name="一般").focus()
    phone_page.keyboard.press("Space")
    expect(phone_page.get_by_role("button", name="一般")).to_have_attribute("aria-pressed", "true")
    assert tally(app, site.id)["rating_3"] == 1
