"""The finder in a phone's browser: position given, refused or never answered; the list is the map."""

import gzip
import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import assert_accessible, assert_fits, live_server, phone_context, screenshot
from tests.finder.test_services import always_fresh

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""How a page looks is the same on both databases."""
HERE = {"latitude": 30.30, "longitude": 120.30}
ALWAYS = {"text": "全天", "week": {str(day): [[0, 1440]] for day in range(1, 8)}, "holidays": "usual"}
MAP_PAGE_LIMIT = 120 * 1024
NEVER_ANSWERS = "navigator.geolocation.getCurrentPosition = () => {};"
# What browsers have had since 2020 or later, and the finder does without.
OLD_WEB_VIEW = "delete Element.prototype.replaceChildren; delete HTMLFormElement.prototype.requestSubmit;"


@pytest.fixture
def rooms(factories):
    """Thirty rooms within 4 km, two of them at one point, one without a pin."""
    host = factories.tree()[2]
    for number in range(29):
        factories.site(
            host,
            name=f"小屋{number:02d}",
            lon=120.30 + max(number, 1) * 0.0012,
            lat=30.30 + (number % 5) * 0.004 * (number > 1),
            hours=ALWAYS if number % 3 else {},
            facilities={"lock": 1, "fridge": None, "sofa": 2} if number % 2 else {},
            landmark="出电梯右转",
            last_verified_on=None,
        )
    factories.site(host, name="还没有位置", lon=None, lat=None)


def listed(page: Page) -> list[int]:
    return page.locator("#site-list > li").evaluate_all("items => items.map((item) => Number(item.dataset.id))")


def on_map(page: Page) -> list[int]:
    return [int(number) for number in page.locator("#finder").get_attribute("data-on-map").split()]


def drawn(page: Page) -> int:
    """How many sites the markers on the map stand for."""
    texts = page.locator("#map .pin").all_inner_texts()
    return sum(int(text or 1) for text in texts)


@pytest.fixture
def given(browser):
    """A phone that gives its position."""
    context = phone_context(browser, geolocation=HERE, permissions=["geolocation"])
    context.add_init_script(OLD_WEB_VIEW)
    yield context.new_page()
    context.close()


@pytest.mark.usefixtures("rooms")
def test_near_with_a_position_then_the_map_then_a_site(app, given: Page, client):
    bodies: dict[str, bytes] = {}
    given.on("response", lambda answer: bodies.update({answer.url: answer.body()}) if answer.ok else None)
    problems: list[str] = []
    given.on("console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None)
    given.on("pageerror", lambda error: problems.append(str(error)))
    with live_server(app) as base_url:
        given.goto(base_url)
        assert_fits(given)
        given.get_by_role("button", name="附近").click()
        expect(given.locator("#results-title")).to_have_text("离您最近的 20 间")
        nearest = client.get("/api/v1/sites/nearest?lat=30.3000&lon=120.3000&limit=20").data
        assert listed(given) == [feature["id"] for feature in json.loads(nearest)["features"]]
        expect(given.locator(".site-distance").first).to_have_text("120 米")
        screenshot(given, "finder")
        given.get_by_role("button", name="看地图").click()
        expect(given.locator("#map .pin").first).to_be_visible()
        assert on_map(given) == listed(given)
        assert drawn(given) == 20
        assert given.locator(".leaflet-control-attribution").inner_text() == "Leaflet"
        screenshot(given, "finder-map")
        assert_accessible(given)
        assert_fits(given)
        size = sum(len(gzip.compress(body)) for url, body in bodies.items())
        assert size <= MAP_PAGE_LIMIT, size
        narrow_and_widen(given)
        given.locator("#site-list a").first.click()
        expect(given.get_by_role("heading", level=1)).to_contain_text("小屋")
        assert_accessible(given)
        assert_fits(given)
        expect(given.locator(".go-list")).to_be_visible()
        expect(given.get_by_role("button", name="复制地址")).to_be_enabled()
        given.emulate_media(media="print")
        for only_now in (".go-list", "header .site-state", ".others"):
            expect(given.locator(only_now)).to_be_hidden()
    assert problems == []


@pytest.mark.usefixtures("rooms")
def test_near_in_english_and_still_there_after_a_room(app, given: Page):
    with live_server(app) as base_url:
        given.goto(f"{base_url}/?lang=en&q=07&district=330114")
        given.get_by_role("button", name="Near me").click()
        expect(given.locator("#results-title")).to_have_text("Rooms nearest to you: 20")
        assert given.evaluate("[...new FormData(document.forms.ask).values()].join('')") == "en"
        near = listed(given)
        given.get_by_role("button", name="Show map").click()
        open_a_pin_at_the_edge(given)
        given.locator("#site-list a").nth(1).click()
        expect(given.get_by_role("heading", level=1)).to_contain_text("小屋")
        given.go_back()
        expect(given.locator("#results-title")).to_have_text("Rooms nearest to you: 20")
        assert listed(given) == near
        assert given.evaluate("[history.state, {...localStorage}, {...sessionStorage}]") == [{"near": True}, {}, {}]


@pytest.mark.usefixtures("rooms")
def test_says_who_did_not_answer(app, given: Page):
    refused = {"error": {"status": 503, "code": "unavailable", "message": "小屋名单还在准备，请稍后再试", "fields": {}}}
    answers = [
        (lambda route: route.fulfill(status=503, json=refused), "小屋名单还在准备，请稍后再试"),
        (lambda route: route.fulfill(status=429, body="<html>"), "不是您的问题。请稍后再试。"),
        (lambda route: route.fulfill(status=200, body="<html>"), "网络不通，没有查到。请再试一次。"),
        (lambda route: route.abort(), "网络不通，没有查到。请再试一次。"),
    ]
    status = given.locator("#near-status")
    with live_server(app) as base_url:
        wait_for_the_script(given, base_url)
        given.get_by_role("button", name="附近").click()
        expect(given.locator("#results-title")).to_have_text("离您最近的 20 间")
        for answer, said in answers:
            given.route("**/nearest*", answer, times=1)
            given.get_by_role("button", name="再多看一些").click()
            expect(status).to_have_text(said)
            expect(status).to_be_in_viewport()
        given.get_by_role("button", name="再多看一些").click()
        expect(given.locator("#results-title")).to_have_text("离您最近的 29 间")
        expect(status).to_be_hidden()


def wait_for_the_script(page: Page, base_url: str) -> None:
    """On a slow network nothing moves under her finger when the script comes."""
    held: list[Route] = []
    page.route("**/finder.js*", lambda route: held.append(route), times=1)  # noqa: PLW0108  a built-in cannot be marked as handler
    with page.expect_request("**/finder.js*"):
        page.goto(base_url, wait_until="commit")
    expect(page.locator("#site-list > li").last).to_be_attached()
    near, first = page.get_by_role("button", name="附近"), page.locator("#site-list > li").first
    expect(near).to_be_disabled()
    before = first.bounding_box()
    held[0].continue_()
    expect(near).to_be_enabled()
    assert first.bounding_box() == before


def open_a_pin_at_the_edge(page: Page) -> None:
    """What a pin says stays there when the map had to move to make room for it."""
    expect(page.locator("#map .pin").first).to_be_visible()
    page.evaluate("finder.map.setView([30.3029, 120.3072], 17, {animate: false})")
    page.evaluate("window.moved = new Promise((done) => finder.map.once('moveend', done)); undefined")
    page.get_by_label("小屋06").click()
    page.evaluate("window.moved")
    expect(page.locator(".map-lines a")).to_have_text(["小屋06"])
    # What closes is there for a moment yet, already on its way to 0.
    assert page.evaluate("document.querySelector('.leaflet-popup').style.opacity") == "1"


def narrow_and_widen(page: Page) -> None:
    """Filters narrow the list and the map alike; so does looking at one part of the map."""
    page.get_by_label("门可反锁").click()
    expect(page.locator("#results-title")).to_have_text("离您最近的 14 间")
    assert drawn(page) == len(listed(page)) == 14
    page.get_by_label("门可反锁").click()
    expect(page.locator("#results-title")).to_have_text("离您最近的 20 间")
    page.get_by_role("button", name="再多看一些").click()
    expect(page.locator("#results-title")).to_have_text("离您最近的 29 间")
    assert drawn(page) == 29
    page.evaluate("finder.map.setView([30.30, 120.3006], 17, {animate: false})")
    page.get_by_role("button", name="在地图这一带找").click()
    expect(page.locator("#results-title")).to_have_text(re.compile("地图这一带有 [1-9] 间"))
    assert on_map(page) == listed(page)
    page.evaluate("finder.map.setView([30.30, 120.3012], 18, {animate: false})")
    page.get_by_label("2 间小屋").click()
    expect(page.locator(".map-lines a")).to_have_count(2)
    assert_accessible(page)


@pytest.mark.usefixtures("rooms")
def test_refused_or_unanswered_leads_to_the_district_picker(app, browser):
    refused = phone_context(browser, permissions=[])
    silent = phone_context(browser)
    silent.add_init_script(NEVER_ANSWERS)
    refused.add_init_script(OLD_WEB_VIEW)
    with live_server(app) as base_url:
        page = refused.new_page()
        page.goto(base_url)
        page.get_by_role("button", name="附近").click()
        expect(page.locator("#near-status")).to_contain_text("没有拿到位置")
        expect(page.get_by_label("地区", exact=True)).to_be_focused()
        assert_accessible(page)
        page.get_by_label("地区", exact=True).select_option("330114")
        expect(page.locator("#results-title")).to_have_text("找到 30 间")
        page = silent.new_page()
        page.clock.install(time=0)
        page.goto(base_url)
        page.clock.pause_at(3_600_000)
        page.get_by_role("button", name="附近").click()
        page.clock.fast_forward(7900)
        expect(page.locator("#near-status")).to_have_text("正在找您的位置……")
        page.clock.fast_forward(200)
        expect(page.locator("#near-status")).to_contain_text("8 秒还没有定到位置")
        expect(page.get_by_label("地区", exact=True)).to_be_focused()
        expect(page.get_by_role("button", name="附近")).to_be_enabled()
    refused.close()
    silent.close()


@pytest.mark.usefixtures("rooms")
def test_a_wide_screen_shows_list_and_map_side_by_side_and_docs_are_readable(app, browser):
    always_fresh(app)
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    with live_server(app) as base_url:
        page = context.new_page()
        page.goto(base_url)
        expect(page.locator("#map .pin").first).to_be_visible()
        assert drawn(page) == 29
        assert len(listed(page)) == 30
        assert_accessible(page)
        page.goto(f"{base_url}/api/v1/docs")
        assert_accessible(page)
    context.close()


@pytest.mark.usefixtures("rooms")
def test_without_a_script_search_and_districts_still_work(app, browser):
    context = phone_context(browser, java_script_enabled=False)
    with live_server(app) as base_url:
        page = context.new_page()
        page.goto(base_url)
        expect(page.get_by_role("button", name="附近")).to_be_hidden()
        page.get_by_label("名称或地址").fill("小屋07")
        page.get_by_role("button", name="查找").click()
        expect(page.locator("#site-list > li")).to_have_count(1)
        page.get_by_role("link", name="小屋07").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("小屋07")
        expect(page.locator("#copy")).to_be_hidden()
    context.close()
