"""A sheet without a signal, without a session, with answers that are lost: nothing is lost and nothing comes twice."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.browser import assert_accessible, assert_fits, screenshot
from tests.programme.scoring.visit import Visit

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What a telephone does is the same on both databases; the first walk is made on both."""
KEPT = """async ([path, wanted]) => {
    const found = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).match(path)));
    return found.some(Boolean) === wanted;
}"""


def test_without_a_signal_it_is_kept_reopened_and_sent_once(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    visit.choose("area")
    visit.says("已保存")
    visit.signal(there=False)
    visit.choose("sofa")
    visit.note("sofa", "三人位")
    visit.choose("tv", "没有")
    visit.choose("area", "没有")
    visit.add_photo("sofa", tmp_path)
    expect(page.locator("#item-sofa canvas")).to_be_visible()
    visit.says("未联网，已存在手机里")
    assert_accessible(page)
    assert_fits(page)
    screenshot(page, "sheet-offline")
    page.reload()
    visit.says("未联网，已存在手机里")
    visit.sees("sofa", "有")
    visit.sees("tv", "没有")
    expect(page.locator("#item-sofa textarea")).to_have_value("三人位")
    expect(page.locator("#item-sofa canvas")).to_be_visible()
    assert set(visit.stored()) == {"area"}
    page.get_by_role("button", name="提交").tap()
    visit.says("现在没有网络")
    visit.signal(there=True)
    expect(page.locator("#item-sofa img")).to_be_visible()
    visit.says("已保存")
    kept = visit.stored()
    assert (kept["area"][0], kept["tv"][0], kept["sofa"][:2]) == ("no", "no", ("yes", "三人位"))
    assert (visit.number_of_photos(), visit.pending()) == (1, 0)
    page.reload()
    visit.says("已保存")
    assert visit.stored() == kept
    assert (kept["area"][2], visit.number_of_photos()) == (2, 1)


@sqlite_only
def test_a_lost_answer_is_asked_for_again_and_taken_once(visit: Visit, tmp_path: Path) -> None:
    lost: dict[str, int] = {}

    def lose_the_first(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        if route.request.method == "POST" and name not in lost:
            lost[name] = route.fetch().status
            route.abort("connectionreset")
        else:
            route.fallback()

    visit.page.route("**/manage/sheets/**", lose_the_first)
    visit.choose("sofa")
    visit.says("未联网")
    visit.add_photo("sofa", tmp_path)
    expect(visit.page.locator("#item-sofa canvas, #item-sofa img")).to_be_visible()
    visit.page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(visit.page.locator("#item-sofa img")).to_be_visible()
    visit.says("已保存")
    assert lost == {"answers": 200, "photos": 201}
    assert visit.stored() == {"sofa": ("yes", "", 1)}
    assert visit.number_of_photos() == 1


@sqlite_only
def test_a_sheet_handed_in_elsewhere_takes_nothing_more(visit: Visit) -> None:
    visit.signal(there=False)
    visit.choose("sofa", "没有")
    visit.says("未联网")
    visit.elsewhere(hand_in=True)
    visit.signal(there=True)
    visit.says("已经提交，不能再改")
    assert visit.stored()["sofa"][0] == "yes"
    visit.page.get_by_role("link", name="查看").tap()
    expect(visit.page.get_by_role("heading", name="结果")).to_be_visible()
    visit.page.wait_for_function(KEPT, arg=[visit.address, False])


@sqlite_only
def test_the_end_of_a_session_loses_nothing(visit: Visit) -> None:
    visit.page.context.clear_cookies()
    visit.choose("sofa")
    visit.says("请重新登录")
    expect(visit.page.get_by_role("link", name="去登录")).to_be_visible()
    assert visit.stored() == {}
    visit.page.wait_for_function(KEPT, arg=[visit.address, True])
    visit.page.goto(visit.address)
    expect(visit.page).to_have_url(re.compile("/login"))
    visit.page.wait_for_function(KEPT, arg=[visit.address, False])
    visit.log_in()
    visit.open()
    assert visit.stored()["sofa"][0] == "yes"


@sqlite_only
def test_logging_out_takes_the_kept_page_and_keeps_what_waits(visit: Visit) -> None:
    page = visit.page
    page.route("**/answers", lambda route: route.abort())
    visit.choose("sofa")
    visit.says("未联网")
    assert page.evaluate("caches.keys()") == [f"sheets-{visit.around.manager.id}"]
    page.get_by_role("button", name="退出").tap()
    page.wait_for_url(f"{visit.base}/")
    page.wait_for_function("async () => !(await caches.keys()).length")
    page.unroute("**/answers")
    visit.log_in(visit.around.unit_person)
    page.goto(visit.address)
    expect(page.get_by_text("还没同步")).to_have_count(0)
    assert visit.stored() == {}
    visit.log_in()
    page.goto(f"{visit.base}/manage/sites/{visit.around.site.id}/sheets")
    page.get_by_role("link", name="手机里有评分表还没同步").tap()
    visit.says("已保存")
    assert visit.stored()["sofa"][0] == "yes"


@sqlite_only
def test_a_form_token_of_long_ago_is_renewed(visit: Visit) -> None:
    def with_an_old_token(route: Route) -> None:
        route.continue_(headers={**route.request.headers, "x-csrftoken": "old"})

    visit.page.route("**/answers", with_an_old_token, times=1)
    with visit.page.expect_response("**/state"):
        visit.choose("sofa")
    visit.says("已保存")
    assert visit.stored()["sofa"][0] == "yes"


@sqlite_only
def test_the_page_of_a_hotspot_swallows_nothing(visit: Visit) -> None:
    def answer(route: Route) -> None:
        route.fulfill(body="<h1>Log in</h1>", content_type="text/html")

    visit.page.route("**/answers", answer, times=1)
    visit.choose("sofa")
    visit.says("未联网")
    visit.page.evaluate("window.dispatchEvent(new Event('online'))")
    visit.says("已保存")
    assert visit.stored()["sofa"][0] == "yes"


@sqlite_only
def test_without_a_place_to_keep_things_it_says_so(visit: Visit) -> None:
    visit.page.add_init_script("Object.defineProperty(window, 'indexedDB', {get() { throw new Error('off'); }})")
    visit.page.goto(visit.address)
    visit.says("已保存")
    visit.signal(there=False)
    visit.choose("sofa")
    visit.says("请保持联网")
    visit.signal(there=True)
    visit.says("已保存")
    assert visit.stored()["sofa"][0] == "yes"
