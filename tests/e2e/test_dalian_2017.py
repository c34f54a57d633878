"""A room under dalian-2017: its plaque, then the demonstration with photos, presentation and self-assessment."""


import pytest
from playwright.sync_api import Page, expect

from app.db import db
from app.programme.cases.models import Case
from app.sites.models import Site
from tests.attachments.files import package, picture
from tests.conftest import Clock
from tests.e2e.people import Cast, press
from tests.e2e.walks import begin_application, hand_in_form, handle, open_both
from tests.e2e.year import (
    a_good_year,
    apply,
    call_for_the_year,
    nominate_and_publish,
    score,
    visit_and_recommend,
)

RULEBOOK = "dalian-2017"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""The lives under the five rulebooks take turns between the databases."""
NAME = "星海商务楼女职工特殊关爱室"


def test_a_room_through_its_life(cast: Cast, clock: Clock) -> None:
    case_id = begin_application(cast, NAME, "女职工特殊关爱室", "写字楼内（楼宇）", is_open=False)
    hand_in_form(cast, case_id)
    handle(cast, "district", case_id, "验收通过", acceptance_staff="李娜", acceptance_findings="符合")
    handle(cast, "chief", case_id, "发放铭牌", plaque_number="大工-480")
    with cast.app.app_context():
        site_id = db.session.get_one(Site, db.session.get_one(Case, case_id).site_id).id
    a_good_year(cast, clock, site_id)
    call_id = call_for_the_year(cast, "city", cast.unions[0].id, "第二批示范性女职工特殊关爱室评选")
    case_id = apply(cast, call_id, NAME, attach=material)
    visit_and_recommend(cast, call_id, case_id)
    score(cast, "registrar", case_id, "92.5")
    nominate_and_publish(cast, "city", call_id, "大连市示范性女职工特殊关爱室")
    open_both(cast, "unit", case_id, "自评表", NAME)
    holders_do_not_apply_again(cast)


def material(page: Page) -> None:
    """Five colour photos and a presentation of less than three minutes."""
    photos = [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": picture()} for n in range(1, 6)]
    upload(page, "照片", photos)
    kind = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    upload(page, "演示文稿", [{"name": "介绍.pptx", "mimeType": kind, "buffer": package("pptx")}])
    page.get_by_label("讲解时长（分钟）").fill("2.5")
    press(page, "保存")


def upload(page: Page, kind: str, files: list[dict[str, object]]) -> None:
    page.get_by_label("是什么").select_option(label=kind)
    page.locator("#file").set_input_files(files)  # type: ignore[arg-type]
    press(page, "上传")


def holders_do_not_apply_again(cast: Cast) -> None:
    call_id = call_for_the_year(cast, "city", cast.unions[0].id, "第三批评选")
    page = cast.go("unit", f"/manage/calls/{call_id}")
    expect(page.get_by_text("已有称号的不再申报").first).to_be_visible()
