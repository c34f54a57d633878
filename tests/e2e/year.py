"""A year at a room, written at once, and the demonstration after it, walked by the people."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from app.db import db, unit_of_work
from app.months import SHANGHAI, Month, local_date
from app.programme.models import Attestation
from app.rulebooks import load
from app.sites.models import DoorCode, Site, SitePhoto
from app.usage.models import SiteMonth
from tests.conftest import Clock
from tests.e2e.people import Cast, look, press
from tests.e2e.walks import fill_sheet, number_in
from tests.programme.conftest import EQUIPMENT

Fill = Callable[[Page], object]


def a_good_year(cast: Cast, clock: Clock, site_id: int) -> None:
    """Thirteen months go by: the room is used and rated, and what no machine can measure is stated."""
    clock.advance(days=400)
    cast.phones.clear()  # a log-in ends after a week: everybody logs in anew
    now, month = clock(), Month.of(clock())
    at = now - timedelta(days=20)
    with cast.app.app_context(), unit_of_work():
        site = db.session.get_one(Site, site_id)
        site.area_m2, site.facilities = 18, dict.fromkeys((*EQUIPMENT, "sofa", "fridge", "washbasin"), 1)
        site.lon, site.lat = 120.33, 36.06
        for back in range(12, 0, -1):
            stars = {"rating_4": 10, "rating_5": 30} if back == 1 else {}
            db.session.add(SiteMonth(site_id=site_id, month=str(month - back), recorded=130, counted=120, **stars))
        if not db.session.query(DoorCode).filter_by(site_id=site_id).count():
            issued = now - timedelta(days=390)
            db.session.add(DoorCode(site_id=site_id, code=f"{site_id:012d}", print_version=1, issued_at=issued))
        name = f"e2e-{site_id}.webp"
        db.session.add(SitePhoto(site_id=site_id, kind="entrance", file_name=name, width=1, height=1, uploaded_at=at))
        for item in load(cast.rulebook_id).attestations:
            if item != "equivalent_equipment":
                made = Attestation(site_id=site_id, item=item, holds=True, stated_on=local_date(at), stated_at=at)
                db.session.add(made)


def call_for_the_year(cast: Cast, who: str, union_id: int, title: str) -> int:
    """A union calls; the call's number."""
    page = cast.go(who, f"/manage/unions/{union_id}/calls/new")
    page.locator("[name=title]").fill(title)
    today = page.locator("[name=opens_on]").input_value()
    assert today
    look(page)
    with page.expect_navigation():
        page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/manage/calls/*")
    return number_in(page)


def apply(cast: Cast, call_id: int, name: str, *, sheet: bool = True, attach: Fill | None = None) -> int:
    """The unit applies with one of its rooms: a self-check, the material, and the act itself; the case's number."""
    page = cast.go("unit", f"/manage/calls/{call_id}")
    look(page)
    with page.expect_navigation():
        page.get_by_role("button", name=f"申报 {name}").click()
    case_id = number_in(page)
    if sheet:
        cast.go("unit", f"/manage/cases/{case_id}")
        press(page, "填自查表")
        fill_sheet(page)
    cast.go("unit", f"/manage/cases/{case_id}")
    if attach is not None:
        attach(page)
    page.get_by_role("link", name="申报", exact=True).click()
    page.wait_for_url("**/acts/apply")
    look(page)
    press(page, "确认：申报")
    expect(page.get_by_text("已提交").first).to_be_visible()
    return case_id


def visit_and_recommend(cast: Cast, call_id: int, case_id: int) -> None:
    """The district looks at the place and recommends it."""
    record_a_look(cast, "district", case_id, "现场察看：整洁、有人管、登记齐全。")
    page = cast.go("district", f"/manage/calls/{call_id}")
    look(page)
    with page.expect_navigation():
        page.get_by_role("button", name="推荐").first.click()
    expect(page.get_by_text("已推荐").first).to_be_visible()


def record_a_look(cast: Cast, who: str, case_id: int, said: str) -> None:
    """Somebody who has been there writes down what she saw, and how many uses in two hours."""
    page = cast.go(who, f"/manage/cases/{case_id}/review")
    look(page)
    page.get_by_text("记录一次察看").click()
    page.get_by_label("符合", exact=True).check()
    now = cast.app.extensions["clock"]().astimezone(SHANGHAI)
    watched = [f"{now - timedelta(hours=hours):%Y-%m-%dT%H:%M}" for hours in (3, 1)]
    if not page.get_by_label("看到几次").is_visible():
        page.get_by_text("点数核对：亲眼看到几次使用").click()
    page.get_by_label("从", exact=True).fill(watched[0])
    page.get_by_label("到（不含）").fill(watched[1])
    page.get_by_label("看到几次").fill("0")
    page.get_by_label("看到什么").fill(said)
    press(page, "记录")
    expect(page.get_by_text(said).first).to_be_visible()


def invite_the_expert(cast: Cast, who: str, call_id: int) -> None:
    """The calling union puts its expert on the panel."""
    page = cast.go(who, f"/manage/calls/{call_id}")
    page.get_by_text("评议成员").click()
    page.get_by_label("邀请专家").select_option(label="钱教授")
    press(page, "邀请")


def score(cast: Cast, who: str, case_id: int, points: str) -> None:
    """A member of the panel gives points."""
    page = cast.go(who, f"/manage/cases/{case_id}/review")
    look(page)
    page.locator("[name=points]").fill(points)
    with page.expect_navigation():
        page.locator("form", has=page.locator("[name=points]")).get_by_role("button").last.click()


def nominate_and_publish(cast: Cast, who: str, call_id: int, name: str) -> None:
    """The calling union chooses, drafts its notice, and publishes the list."""
    page = cast.go(who, f"/manage/calls/{call_id}")
    with page.expect_navigation():
        page.get_by_role("button", name="列为候选").first.click()
    end_the_call(cast, who, call_id)
    page = cast.go(who, f"/manage/calls/{call_id}/publish")
    look(page)
    page.locator("[name=name]").fill(name)
    page.locator("[name=number]").fill("工办〔2027〕9号")
    page.locator("[name=text]").fill("经单位申报、区级推荐、评议，现予公布。")
    press(page, "公布")
    page.wait_for_url("**/manage/calls/*")


def end_the_call(cast: Cast, who: str, call_id: int) -> None:
    """The calling union takes no more applications from tomorrow on; and it is tomorrow."""
    page = cast.go(who, f"/manage/calls/{call_id}/edit")
    clock: Clock = cast.app.extensions["clock"]
    for name in ("closes_on", "recommend_by"):
        if page.locator(f"[name={name}]").count():
            page.locator(f"[name={name}]").fill(local_date(clock()).isoformat())
    with page.expect_navigation():
        page.locator("main form button[type=submit]").last.click()
    clock.advance(days=1)


def revoke(cast: Cast, who: str, title_id: int, reason: str) -> None:
    """The union that gave the title takes it back."""
    page = cast.go(who, f"/manage/titles/{title_id}")
    look(page)
    page.locator("summary", has_text="撤销称号").click()
    page.get_by_label("撤销理由").fill(reason)
    press(page, "撤销称号")
    expect(page.get_by_text("已撤销").first).to_be_visible()
