"""A room under beijing-2021: opened with its must-haves, supplied, kept clean, and part of the published figures."""

import io

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from app.db import db, unit_of_work
from app.programme.cases.models import Case
from app.sites.models import Site, SiteStatus
from tests.e2e.people import Cast, look, press
from tests.e2e.walks import begin_application, hand_in_form, handle

RULEBOOK = "beijing-2021"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""The lives under the five rulebooks take turns between the databases."""
NAME = "国家博物馆母婴关爱室"
MUST_HAVES = ("table", "chair", "socket", "fridge", "changing_table")


def test_a_room_through_its_life(cast: Cast) -> None:
    case_id = begin_application(cast, NAME, "母婴关爱室", "文博场馆、图书馆")
    hand_in_form(cast, case_id)
    handle(cast, "district", case_id, "验收通过", acceptance_staff="李娜", acceptance_findings="必备设施齐全")
    handle(cast, "chief", case_id, "发放铭牌", plaque_number="京工-016")
    with cast.app.app_context(), unit_of_work():
        site = db.session.get_one(Site, db.session.get_one(Case, case_id).site_id)
        assert site.status == SiteStatus.OPERATING
        site.facilities = dict.fromkeys(MUST_HAVES, 1)
        site_id = site.id
    is_kept_and_supplied(cast, site_id)
    is_in_the_figures(cast)


def is_kept_and_supplied(cast: Cast, site_id: int) -> None:
    page = cast.go("city", "/manage/supplies")
    look(page)
    page = cast.go("unit", f"/manage/sites/{site_id}/registers")
    look(page)
    press(page, "今天已保洁")
    expect(page.get_by_text("今天保洁了 1 次").first).to_be_visible()
    page = cast.go("unit", f"/manage/sites/{site_id}/verdict")
    look(page)


def is_in_the_figures(cast: Cast) -> None:
    union_id = cast.unions[0].id
    page = cast.go("city", f"/manage/unions/{union_id}/coverage")
    look(page)
    expect(page.get_by_text("文博场馆、图书馆").first).to_be_visible()
    answer = page.request.get(f"{cast.base}/manage/unions/{union_id}/coverage.xlsx")
    book = load_workbook(io.BytesIO(answer.body()))
    assert any("文博场馆" in str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
