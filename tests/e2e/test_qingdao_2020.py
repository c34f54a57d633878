"""A room and a station under qingdao-2020: applied for, accepted, with plaque, suspended, on the roster."""

import io

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from app.db import db
from app.programme.cases.models import Case
from app.sites.models import Site, SiteStatus
from tests.e2e.people import Cast, look, press
from tests.e2e.walks import RARE, begin_application, hand_in_form, handle, open_both

RULEBOOK = "qingdao-2020"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""The lives under the five rulebooks take turns between the databases."""
NAME, STATION = "＝１＋１写字楼爱心妈妈小屋", "暑期爱心托管驿站"


def test_a_room_and_a_station_through_their_life(cast: Cast) -> None:
    room = opened(cast, NAME, "爱心妈妈小屋", "写字楼内（楼宇）", "爱心妈妈小屋申报表")
    opened(cast, STATION, "爱心托管驿站", "企业内部", "爱心托管驿站申报表")
    is_suspended_and_entered_by_code_only(cast, room)
    the_roster_has_both(cast)


def opened(cast: Cast, name: str, kind: str, premises: str, form: str) -> int:
    """Apply, accept on site, hang up the plaque; the site's number."""
    case_id = begin_application(cast, name, kind, premises, is_open=False)
    hand_in_form(cast, case_id)
    handle(
        cast, "district", case_id, "验收通过", acceptance_staff="李娜、第三方机构", acceptance_findings="符合要求"
    )
    handle(cast, "chief", case_id, "发放铭牌", plaque_number=f"2020-{case_id}")
    open_both(cast, "unit", case_id, form, name, RARE, "盖章")
    with cast.app.app_context():
        site = db.session.get_one(Site, db.session.get_one(Case, case_id).site_id)
        assert site.status == SiteStatus.OPERATING
        return site.id


def is_suspended_and_entered_by_code_only(cast: Cast, site_id: int) -> None:
    page = cast.go("unit", f"/manage/sites/{site_id}")
    page.get_by_text("登记一次暂停").click()
    page.get_by_label("原因").fill("疫情防控")
    page.get_by_label("必须开放，但只能扫码进入").check()
    press(page, "登记暂停")
    page = cast.go("chief", "/manage/inbox")
    look(page)
    page.get_by_text(NAME).first.click()
    page.wait_for_url("**/manage/cases/*")
    page.get_by_role("link", name="确认暂停").click()
    press(page, "确认：确认暂停")
    expect(page.get_by_text("已确认").first).to_be_visible()
    with cast.app.app_context():
        site = db.session.get_one(Site, site_id)
        assert [one.is_official for one in site.suspensions] == [True]


def the_roster_has_both(cast: Cast) -> None:
    union_id = cast.unions[1].id
    page = cast.go("chief", f"/manage/unions/{union_id}")
    answer = page.request.get(f"{cast.base}/manage/unions/{union_id}/roster.xlsx")
    assert answer.status == 200
    book = load_workbook(io.BytesIO(answer.body()))
    cells = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert {NAME, STATION, RARE} <= cells
    assert all(sheet.freeze_panes and sheet.print_title_rows for sheet in book)
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
