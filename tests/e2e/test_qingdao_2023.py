"""A room under qingdao-2023, from the first form to the end: as the people do it, each on her phone."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.db import db
from app.programme.cases.models import Case
from app.programme.demonstration.models import Title
from app.sites.models import Site, SiteStatus
from tests.conftest import Clock
from tests.e2e.people import Cast, content_of, look, press, text_of_docx
from tests.e2e.walks import (
    RARE,
    begin_application,
    check_on_site,
    hand_in_form,
    handle,
    number_in,
    open_both,
)
from tests.e2e.year import (
    a_good_year,
    apply,
    call_for_the_year,
    invite_the_expert,
    nominate_and_publish,
    record_a_look,
    revoke,
    score,
    visit_and_recommend,
)

RULEBOOK = "qingdao-2023"
pytestmark = pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
"""The lives under the five rulebooks take turns between the databases."""
NAME = "海滨公园爱心妈妈小屋"


def test_a_room_through_its_whole_life(cast: Cast, clock: Clock) -> None:
    case_id = begin_application(cast, NAME, "爱心妈妈小屋", "公园景区")
    assert "不合格" in check_on_site(cast, "unit", case_id, "填自查表", failing=("area", "plaque", "sofa", "tv"))
    assert "合格" in check_on_site(cast, "unit", case_id, "填自查表")
    hand_in_form(cast, case_id)
    is_returned_and_handed_in_again(cast, case_id)
    site_id = is_accepted_filed_and_plaqued(cast, case_id)
    open_both(cast, "unit", case_id, "备案表", NAME, RARE, "盖章")
    open_both(cast, "unit", case_id, "自查评分表", NAME, "沙发")
    assert cast.page("unit").request.get(f"{cast.base}/sites/{site_id}").status == 200
    is_a_demonstration_site_and_loses_the_title(cast, clock, site_id)
    is_deregistered(cast, site_id)


def is_returned_and_handed_in_again(cast: Cast, case_id: int) -> None:
    page = handle(cast, "chief", case_id, "退回补正", **{"reason-form.postcode": "邮编少一位"})
    expect(page.get_by_text("邮编少一位").first).to_be_visible()
    expect(cast.go("unit", "/manage/inbox").get_by_text(NAME).first).to_be_visible()
    hand_in_form(cast, case_id)


def is_accepted_filed_and_plaqued(cast: Cast, case_id: int) -> int:
    assert "合格" in check_on_site(cast, "district", case_id, "开始现场验收")
    handle(cast, "district", case_id, "验收通过", acceptance_findings="现场核对，符合要求。")
    page = handle(cast, "city", case_id, "备案")
    expect(page.locator(".receipt")).to_contain_text(re.compile(r"\d{4}-\d{4}"))
    handle(cast, "registrar", case_id, "发放铭牌", plaque_number="青工关爱-0001")
    with cast.app.app_context():
        site = db.session.get_one(Site, db.session.get_one(Case, case_id).site_id)
        assert (site.status, site.plaque_number) == (SiteStatus.OPERATING, "青工关爱-0001")
        assert site.accepted_on
        assert site.filed_on
        return site.id


def is_a_demonstration_site_and_loses_the_title(cast: Cast, clock: Clock, site_id: int) -> None:
    a_good_year(cast, clock, site_id)
    call_id = call_for_the_year(cast, "city", cast.unions[0].id, "2027 年示范性爱心妈妈小屋评选")
    case_id = apply(cast, call_id, NAME)
    visit_and_recommend(cast, call_id, case_id)
    invite_the_expert(cast, "city", call_id)
    record_a_look(cast, "registrar", case_id, "视频抽查：与材料一致。")
    score(cast, "assessor", case_id, "95")
    score(cast, "registrar", case_id, "91")
    nominate_and_publish(cast, "city", call_id, "青岛市示范性爱心妈妈小屋")
    open_both(cast, "unit", case_id, "自查评分表", NAME)
    page = cast.go("unit", "/titles")
    look(page)
    expect(page.get_by_text(NAME)).to_be_visible()
    notice = content_of(cast.go("city", f"/manage/calls/{call_id}"), "Word")
    assert NAME in text_of_docx(notice)
    with cast.app.app_context():
        title_id = db.session.scalars(select(Title.id).filter_by(site_id=site_id)).one()
    revoke(cast, "city", title_id, "复核不合格")


def is_deregistered(cast: Cast, site_id: int) -> None:
    page = cast.go("unit", f"/manage/sites/{site_id}")
    press(page, "申请注销")
    case_id = number_in(page)
    hand_in_form(cast, case_id)
    handle(cast, "district", case_id, "确认注销")
    handle(cast, "city", case_id, "备案注销")
    open_both(cast, "unit", case_id, "注销备案表", NAME, RARE)
    with cast.app.app_context():
        site = db.session.get_one(Site, site_id)
        assert site.status == SiteStatus.CLOSED
        assert all(code.revoked_at for code in site.door_codes)
    assert cast.page("unit").request.get(f"{cast.base}/sites/{site_id}").status != 200
