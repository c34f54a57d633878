"""Pages for reviewers: who sees them, what they say, what they take."""

import re

import pytest
from flask import Flask

from app.accounts.inbox import inbox
from app.accounts.models import User
from app.db import db
from tests.anomalies.conftest import World, inflated, keep
from tests.conftest import START
from tests.factories import Factories
from tests.forms import submit

# What the pages ask of the database is asked on both by test_services; what they look like, once.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOTE = "门卫值夜班，已看过排班表。"


@pytest.mark.parametrize(
    ("who", "status"),
    [("manager", 403), ("unit", 403), ("assessor", 403), ("neighbour", 404), ("district", 200), ("municipal", 200)],
)
def test_who_sees_the_signals_of_a_site(world: World, who: str, status: int) -> None:
    assert world.browsers[who].get(world.page).status_code == status


@pytest.mark.parametrize("who", ["manager", "unit"])
def test_who_runs_a_site_reads_nothing_about_flags(world: World, who: str) -> None:
    for path in ("", "/history"):
        assert "数据可信度" not in world.browsers[who].get(f"/manage/sites/{world.site.id}{path}").text
    for path in ("/manage/inbox", "/manage/checks"):
        page = world.browsers[who].get(path).text
        assert "数据可信度" not in page
        assert "数字待核实" not in page
    assert world.browsers[who].get("/manage/flags").status_code == 403


def test_a_reviewer_is_led_to_what_stands_out(world: World) -> None:
    browser = world.browsers["district"]
    assert "关门时间的使用" in browser.get(f"/manage/sites/{world.site.id}").text
    assert "数据可信度" in browser.get(f"/manage/unions/{world.people['district'].trade_union_id}").text
    assert world.page in browser.get("/manage/inbox").text
    page = browser.get("/manage/flags").text
    assert world.page in page
    assert "没人看过" in page


def test_the_page_has_sentences_figures_and_ways_on(world: World) -> None:
    page = world.browsers["district"].get(world.page).text
    assert re.search(r"\d+ 次使用（\d+\.\d%）发生在公示的开放时间之外。", page)
    assert f"/manage/sites/{world.site.id}/check" in page
    assert f"/manage/sites/{world.site.id}/uses" in page
    assert page.count('<svg class="heat"') == 2
    assert page.count("<rect") == 24 * (12 + 31)


def test_another_month_can_be_looked_at(world: World) -> None:
    browser = world.browsers["district"]
    assert "2026-06 每天各小时" in browser.get(f"{world.page}?month=2026-06").text
    assert "2026-10 每天各小时" in browser.get(f"{world.page}?month=2019-06").text
    assert browser.get(f"{world.page}?month=June").status_code == 422


def test_a_finding_is_noted_and_shown(world: World) -> None:
    browser = world.browsers["district"]
    answer = submit(browser, world.page, detector="closed_hours", finding="explained", note=NOTE)
    assert (answer.status_code, answer.headers["Location"]) == (302, world.page)
    page = browser.get(world.page).text
    assert NOTE in page
    assert "周岚" in page
    assert NOTE in world.browsers["municipal"].get(world.page).text


@pytest.mark.parametrize(("values", "said"), [({"note": "好"}, "note-error"), ({"finding": ""}, "finding-error")])
def test_a_finding_that_says_nothing_is_given_back(world: World, values: dict[str, str], said: str) -> None:
    browser = world.browsers["district"]
    form = {"detector": "closed_hours", "finding": "excluded", "note": NOTE}
    answer = submit(browser, world.page, **(form | values))
    assert answer.status_code == 422
    assert said in answer.text
    assert values.get("note", NOTE) in answer.text


@pytest.mark.parametrize(("who", "status"), [("manager", 403), ("unit", 403), ("neighbour", 404)])
def test_nobody_else_notes_findings(world: World, who: str, status: int) -> None:
    browser = world.browsers[who]
    answer = submit(browser, "/manage/account", world.page, detector="closed_hours", finding="explained", note=NOTE)
    assert answer.status_code == status


def test_a_site_that_was_never_judged_says_so(world: World, factories: Factories) -> None:
    site = factories.site(world.unit)
    assert "还没有算过" in world.browsers["district"].get(f"/manage/sites/{site.id}/signals").text
    assert "还没有算过" in world.browsers["district"].get(f"/manage/sites/{site.id}").text


def test_the_inbox_has_one_line_for_many_sites(app: Flask, world: World, factories: Factories) -> None:
    keep(app, factories.site(world.unit, premises="mall", location_kind="public"), inflated())
    with app.test_request_context():
        waiting = inbox(db.session.get_one(User, world.people["municipal"].id), START)
        assert [item.url for item in waiting if item.key.startswith("flags-")] == ["/manage/flags"]
        below = inbox(db.session.get_one(User, world.people["unit"].id), START)
        assert not [item for item in below if item.key.startswith("flags-")]


def test_the_list_has_pages(world: World) -> None:
    assert world.browsers["district"].get("/manage/flags?page=2").status_code == 200
    assert "没有数字特别的阵地" in world.browsers["neighbour"].get("/manage/flags").text
