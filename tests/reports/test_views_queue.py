"""The queue: who sees which report, what she can do, and what waits in her inbox."""

from datetime import date

from flask import Flask
from sqlalchemy import select

from app.accounts.inbox import DUE, OVERDUE
from app.accounts.models import User
from app.db import db
from app.reports.models import PublicReport
from app.reports.views_queue import waiting
from app.sites.models import Site, SiteChange
from tests.conftest import Clock
from tests.factories import Factories
from tests.forms import submit
from tests.reports.conftest import World
from tests.reports.helpers import reported

QUEUE = "/manage/reports"


def test_everybody_sees_the_reports_of_her_sites(world: World, factories: Factories) -> None:
    mine = reported(factories, world.site, "locked", note="<i>问 13800138000")
    neighbours = reported(factories, world.other, "wrong_place")
    for name, seen in (
        ("manager", {mine.id}), ("unit", {mine.id, neighbours.id}), ("district", {mine.id, neighbours.id}),
        ("municipal", {mine.id, neighbours.id}), ("stranger", set()),
    ):  # fmt: skip
        page = world.browsers[name].get(QUEUE).text
        assert {row.id for row in (mine, neighbours) if f'href="{QUEUE}/{row.id}"' in page} == seen, name
    text = world.browsers["manager"].get(f"{QUEUE}/{mine.id}").text
    assert "&lt;i&gt;问 •••" in text
    assert "13800138000" not in text
    assert world.browsers["stranger"].get(f"{QUEUE}/{mine.id}").status_code == 404
    assert "没有要处理的反映" in world.browsers["stranger"].get(QUEUE).text
    place = world.browsers["unit"].get(f"{QUEUE}/{neighbours.id}").text
    assert f"/manage/sites/{world.other.id}/edit#place" in place


def test_handling_moves_the_report_and_says_so(app: Flask, world: World, factories: Factories) -> None:
    row = reported(factories, world.site, "out_of_supplies")
    client, page = world.browsers["manager"], f"{QUEUE}/{row.id}"
    assert f"/manage/sites/{world.site.id}/registers/supplies" in client.get(page).text
    empty = submit(client, page, act="resolve", answer="", seen_state="open")
    assert empty.status_code == 422
    assert 'aria-invalid="true"' in empty.text
    assert submit(client, page, act="confirm", answer="", seen_state="open").status_code == 302
    assert "属实，处理中" in client.get(QUEUE).text
    late = submit(client, page, act="resolve", answer="补了湿巾", seen_state="open")
    assert late.status_code == 409
    assert "补了湿巾" in late.text
    assert submit(client, page, act="resolve", answer="补了湿巾", seen_state="confirmed").status_code == 302
    assert f'href="{page}"' not in client.get(QUEUE).text
    assert f'href="{page}"' in client.get(f"{QUEUE}?state=handled").text
    shown = client.get(page).text
    assert "补了湿巾" in shown
    assert "怎么处理" not in shown
    with app.app_context():
        notes = db.session.scalars(select(SiteChange.note).where(SiteChange.act == "report")).all()
        assert set(notes) == {"", "补了湿巾"}
    assert "处理公众反映" in client.get(f"/manage/sites/{world.site.id}/history").text


def test_misuse_is_for_the_union_above(world: World, factories: Factories) -> None:
    row = reported(factories, world.site, "misused")
    client, page = world.browsers["manager"], f"{QUEUE}/{row.id}"
    text = client.get(page).text
    assert 'value="dismiss"' not in text
    assert "由上级工会判定" in text
    assert submit(client, page, act="dismiss", answer="没有的事", seen_state="open").status_code == 403
    assert 'value="dismiss"' in world.browsers["unit"].get(page).text
    answer = submit(world.browsers["district"], page, act="dismiss", answer="查过监控", seen_state="open")
    assert answer.status_code == 302


def test_the_sites_page_shows_what_is_pending(app: Flask, world: World, factories: Factories, clock: Clock) -> None:
    page = f"/manage/sites/{world.site.id}"
    client = world.browsers["manager"]
    assert "公众反映</h2>" not in client.get(page).text
    row = reported(factories, world.site, "gone", due_on=date(2026, 11, 19))
    with app.app_context():
        db.session.get_one(Site, world.site.id).being_checked_since = clock()
        db.session.commit()
    text = client.get(page).text
    assert "公开页面显示“核实中”" in text
    assert f"{QUEUE}/{row.id}" in text
    assert "已过期：2026-11-19" in text


def test_long_queues_have_pages(world: World, factories: Factories, app: Flask) -> None:
    reported(factories, world.site)
    with app.app_context():
        first = db.session.query(PublicReport).one()
        values = {"site_id": first.site_id, "kind": "other", "source": "door", "reported_at": first.reported_at}
        db.session.add_all(PublicReport(**values, due_on=first.due_on) for _ in range(55))
        db.session.commit()
    client = world.browsers["unit"]
    assert "page=2" in client.get(QUEUE).text
    second = client.get(f"{QUEUE}?page=2").text
    assert second.count(f'href="{QUEUE}/') == 6
    assert "page=1" in second


def test_the_inbox_asks_who_is_to_act(app: Flask, world: World, factories: Factories) -> None:
    reported(factories, world.site, "locked")
    reported(factories, world.site, "misused")
    reported(factories, world.other, "gone", due_on=date(2026, 11, 19), state="confirmed")
    reported(factories, world.site, "other", state="resolved")

    def states(name: str) -> list[str]:
        with app.test_request_context():
            items = waiting(db.session.get_one(User, world.people[name].id), app.extensions["clock"]())
            assert len({item.key for item in items}) == len(items)
            return sorted(item.state for item in items)

    assert states("manager") == [DUE, DUE]
    assert states("unit") == [DUE, DUE, OVERDUE]
    assert states("district") == [DUE, OVERDUE]
    assert states("municipal") == [OVERDUE]
    assert states("stranger") == []
