"""The main job from end to end, in a phone's browser, on the demonstration: from the door to the verdict."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.db import db, unit_of_work
from app.demo import services
from app.months import Month
from app.sites.models import DoorCode, Site
from app.usage import tallies
from app.usage.models import SiteMonth
from tests.browser import assert_accessible, assert_fits, live_server, screenshot
from tests.conftest import Clock


@dataclass(frozen=True)
class Walk:
    """What the walk through the demonstration needs: a room, its door, and its manager."""

    site_id: int
    name: str
    code: str
    username: str
    password: str


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    """As `make demo` runs it."""
    return {**environ, "XIAOWU_MODE": "demo"}


@pytest.fixture
def walk(app: Flask, clock: Clock, tmp_path: Path) -> Walk:
    """The demonstration, and the first manager's first room in it."""
    with app.app_context(), unit_of_work():
        made = services.create(clock(), "qingdao-2023", tmp_path / "data", lambda: None)
        manager = next(account for account in made.accounts if account.role == "site_manager")
        site = db.session.get_one(Site, manager.sites[0])
        code = db.session.scalars(select(DoorCode.code).filter_by(site_id=site.id)).one()
        return Walk(site.id, site.name, code, manager.username, made.password)


def tally(app: Flask, walk: Walk, clock: Clock) -> SiteMonth:
    """The room's present month as the database has it."""
    with app.app_context():
        return db.session.get_one(SiteMonth, (walk.site_id, str(Month.of(clock()))))


def check(phone: Page, name: str) -> None:
    """The page fits a narrow phone, offends no rule of accessibility, says that its numbers are made up."""
    assert_fits(phone)
    assert_accessible(phone)
    expect(phone.get_by_text("synthetic").first).to_be_visible()
    screenshot(phone, name)


def find_the_room(phone: Page, base_url: str, walk: Walk) -> None:
    phone.goto(base_url)
    check(phone, "finder")
    phone.get_by_role("link", name=walk.name, exact=True).click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(walk.name)
    check(phone, "room")


def use_and_rate(phone: Page, base_url: str, walk: Walk) -> None:
    phone.goto(f"{base_url}/r/{walk.code}")
    check(phone, "door")
    phone.get_by_role("button", name=re.compile("点一下")).click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("谢谢，已记下")
    check(phone, "receipt")
    phone.get_by_role("button", name="非常满意", exact=True).click()
    expect(phone.get_by_text("收到您的评价")).to_be_visible()


def log_in(phone: Page, base_url: str, walk: Walk) -> None:
    phone.goto(f"{base_url}/login")
    phone.locator("[name=username]").fill(walk.username)
    phone.locator("[name=password]").fill(walk.password)
    phone.locator("[name=password]").press("Enter")
    phone.get_by_role("link", name="我的阵地").first.click()
    phone.get_by_role("link", name=walk.name).first.click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(walk.name)


def test_from_the_finder_to_the_verdict(app: Flask, phone: Page, walk: Walk, clock: Clock) -> None:
    before = tally(app, walk, clock)
    with live_server(app) as base_url:
        find_the_room(phone, base_url, walk)
        use_and_rate(phone, base_url, walk)
        log_in(phone, base_url, walk)
        check(phone, "manager")
        phone.get_by_text("数字表").click()
        row = phone.get_by_role("row", name=str(Month.of(clock())))
        expect(row.get_by_role("cell").nth(1)).to_have_text(str(before.counted + 1))
        expect(phone.locator(".verdict.met")).to_be_visible()
        phone.get_by_role("link", name="逐条查看").click()
        for condition in ("R1", "R8", "R9"):
            expect(phone.get_by_text(condition, exact=True).first).to_be_visible()
        check(phone, "verdict")
        answer = phone.request.get(f"{base_url}/api/v1/sites/{walk.site_id}/eligibility").json()
        assert answer["verdict"] == "met"
    after = tally(app, walk, clock)
    assert (after.counted, after.rating_5) == (before.counted + 1, before.rating_5 + 1)
    with app.app_context():
        assert tallies.recount(clock(), repair=False) == []
