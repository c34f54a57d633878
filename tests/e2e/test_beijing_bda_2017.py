"""A room in a park under beijing-bda-2017: 90 of 100, plaque and grant from the district, and stars later."""


import pytest
from playwright.sync_api import expect

from app.db import db
from app.programme.cases.models import Case
from app.sites.models import Site, SiteStatus
from tests.conftest import Clock
from tests.e2e.people import Cast, look
from tests.e2e.walks import RARE, begin_application, check_on_site, hand_in_form, handle, open_both
from tests.e2e.year import a_good_year, apply, call_for_the_year, nominate_and_publish, record_a_look

RULEBOOK = "beijing-bda-2017"
pytestmark = pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
"""The lives under the five rulebooks take turns between the databases."""
NAME = "生物医药园母婴关爱室"


def test_a_room_through_its_life(cast: Cast, clock: Clock) -> None:
    case_id = begin_application(cast, NAME, "爱心妈咪小屋、母婴关爱室", "产业园区")
    hand_in_form(cast, case_id)
    assert "不合格" in check_on_site(cast, "chief", case_id, "开始现场验收", failing=("area",))
    assert "合格" in check_on_site(cast, "district", case_id, "开始现场验收")
    handle(cast, "district", case_id, "验收通过", acceptance_findings="90 分以上")
    handle(cast, "chief", case_id, "发放铭牌", plaque_number="BDA-10")
    open_both(cast, "unit", case_id, "母婴关爱室登记申请表", RARE)
    open_both(cast, "unit", case_id, "验收评分表", NAME)
    with cast.app.app_context():
        site = db.session.get_one(Site, db.session.get_one(Case, case_id).site_id)
        assert site.status == SiteStatus.OPERATING
        site_id = site.id
    gets_stars(cast, clock, site_id)


def gets_stars(cast: Cast, clock: Clock, site_id: int) -> None:
    a_good_year(cast, clock, site_id)
    call_id = call_for_the_year(cast, "district", cast.unions[1].id, "2027 年星级评定")
    case_id = apply(cast, call_id, NAME, sheet=False)
    record_a_look(cast, "chief", case_id, "现场察看：好。")
    nominate_and_publish(cast, "district", call_id, "五星母婴关爱室")
    page = cast.go("unit", "/titles")
    look(page)
    expect(page.get_by_text(NAME)).to_be_visible()
