"""Filling in a sheet in Chromium as a telephone: answers, notes, photos, handing in; with and without scripts."""

import gzip
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.db import db
from app.programme.scoring.answers import Change
from app.programme.scoring.models import FilledSheet
from tests.browser import assert_accessible, assert_fits, phone_context, screenshot
from tests.programme.scoring.helpers import full, picture
from tests.programme.scoring.visit import Visit, sign_in

BUDGET_KB = 35
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What the page does is the same on both databases; the walk without a signal runs on both."""


def test_a_whole_sheet_is_filled_in_and_handed_in(visit: Visit) -> None:
    page, app = visit.page, visit.factories.app
    with app.app_context():
        best = full(visit.sheet, sofa="", tv="", awareness="", satisfaction="")
    visit.elsewhere(*(Change(one.item, one.value, key=one.item) for one in best if one.value))
    visit.open()
    visit.choose("sofa", "没有")
    visit.choose("tv")
    for _ in range(3):
        page.locator("#item-awareness").get_by_role("button", name="多一分").tap()
    page.locator("#item-awareness").get_by_role("button", name="少一分").tap()
    page.locator("#item-satisfaction select").select_option("10")
    expect(page.locator("[data-total]")).to_have_text("89.5")
    expect(page.locator("[data-open]")).to_have_text("全部填好了")
    visit.says("已保存")
    screenshot(page, "sheet-filled")
    page.get_by_role("button", name="提交").tap()
    expect(page.get_by_role("heading", name="结果")).to_be_visible()
    expect(page.get_by_text("89.5").first).to_be_visible()
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, "sheet-handed-in")
    with app.app_context():
        done = db.session.get_one(FilledSheet, visit.sheet.id)
        assert (float(done.total or 0), done.is_passed) == (89.5, True)


def test_an_open_item_is_not_handed_in(visit: Visit) -> None:
    visit.choose("sofa")
    visit.says("已保存")
    visit.page.get_by_role("button", name="提交").tap()
    expect(visit.page.locator("#fault-area")).to_be_visible()
    expect(visit.page.locator("#problem")).to_be_visible()
    assert_fits(visit.page)
    visit.sees("sofa", "有")


def test_the_page_fits_and_is_accessible_also_with_large_type(visit: Visit, tmp_path: Path) -> None:
    visit.choose("area")
    visit.choose("plaque", "没有")
    visit.note("plaque", "铭牌在制作")
    visit.add_photo("plaque", tmp_path)
    expect(visit.page.locator("#item-plaque img")).to_be_visible()
    visit.add_photo("sofa", tmp_path, picture(size=(90, 90)))
    expect(visit.page.locator("#item-sofa .shots .error")).to_be_visible()
    visit.says("有内容没能保存")
    screenshot(visit.page, "sheet")
    assert_accessible(visit.page)
    for size in ("100%", "200%"):
        visit.page.evaluate("size => { document.documentElement.style.fontSize = size }", size)
        assert_fits(visit.page)
    box = visit.page.get_by_role("button", name="提交").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 780, "the primary act is in reach without scrolling"


def test_another_device_writes_and_both_are_told(visit: Visit) -> None:
    visit.elsewhere(Change("sofa", "yes", key="a"), Change("tv", "yes", key="b"))
    visit.choose("tv", "没有")
    expect(visit.page.locator("#item-tv [data-told]")).to_contain_text("以您最后填的为准")
    expect(visit.page.locator("#item-sofa [data-told]")).to_contain_text("已按最新的显示")
    visit.sees("sofa", "有")
    assert (visit.stored()["tv"][0], visit.stored()["sofa"][0]) == ("no", "yes")


def test_what_is_no_photo_is_said_at_once(visit: Visit, tmp_path: Path) -> None:
    visit.add_photo("sofa", tmp_path, b"no picture")
    expect(visit.page.locator("#fault-sofa")).to_contain_text("打不开")
    visit.add_photo("sofa", tmp_path, picture(size=(90, 90)))
    expect(visit.page.locator("#item-sofa .shots .error")).to_contain_text("200")
    visit.says("有内容没能保存")
    visit.page.locator("#item-sofa").get_by_role("button", name="放弃这张照片").tap()
    visit.says("已保存")
    assert visit.number_of_photos() == 0


def test_a_photo_is_taken_off_again(visit: Visit, tmp_path: Path) -> None:
    visit.add_photo("sofa", tmp_path)
    expect(visit.page.locator("#item-sofa img")).to_be_visible()
    visit.page.locator("#item-sofa").get_by_role("button", name="删除照片").tap()
    expect(visit.page.locator("#item-sofa img")).to_have_count(0)
    visit.says("已保存")
    assert visit.number_of_photos() == 0


def test_without_scripts_the_form_does_it(visit: Visit, browser: Browser, tmp_path: Path) -> None:
    context = phone_context(browser, java_script_enabled=False)
    sign_in(context, visit.factories.login(visit.around.manager), visit.base)
    visit.page = context.new_page()
    visit.page.goto(visit.address)
    visit.choose("sofa")
    visit.note("sofa", "三人位")
    visit.add_photo("sofa", tmp_path)
    visit.page.get_by_role("button", name="保存").tap()
    expect(visit.page.locator("#item-sofa img")).to_be_visible()
    assert visit.stored() == {"sofa": ("yes", "三人位", 1)}
    visit.page.get_by_role("button", name="提交").tap()
    expect(visit.page.locator("#fault-area")).to_be_visible()
    context.close()


def test_the_page_weighs_little(visit: Visit) -> None:
    """With everything it is made of, compressed as a server in front does it."""
    client = visit.factories.login(visit.around.manager)
    html = client.get(f"/manage/sheets/{visit.sheet.id}")
    parts = visit.page.evaluate("[...document.querySelectorAll('link, script')].map((one) => one.href || one.src)")
    total = len(gzip.compress(html.data))
    for part in parts:
        with client.get(part.removeprefix(visit.base)) as answer:
            total += len(gzip.compress(answer.data))
    assert total < BUDGET_KB * 1024, f"{total} bytes"
