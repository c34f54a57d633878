"""What waits for the people of a site."""

from datetime import date, timedelta

from flask import Flask

from app.accounts.models import User
from app.care.panels import waiting
from app.db import db
from tests.care import helpers
from tests.care.conftest import Care
from tests.conftest import Clock
from tests.factories import Factories


def items(app: Flask, user: User, clock: Clock) -> list[tuple[str, str, str]]:
    with app.test_request_context("/?lang=en"):
        found = waiting(db.session.get_one(User, user.id), clock())
        return [(item.key, item.state, item.url.partition("?")[0]) for item in found]


def test_todays_attendance_waits(app: Flask, care: Care, clock: Clock, factories: Factories) -> None:
    expected = (f"care-day-{care.term.id}-2026-11-20", "due", f"/manage/terms/{care.term.id}/attendance")
    assert items(app, care.manager, clock) == [expected]
    assert items(app, factories.user("unit_union", care.unit), clock) == [expected]
    assert items(app, factories.user("district_union", care.district), clock) == []
    helpers.ran(factories, care.term, care.today)
    assert items(app, care.manager, clock) == []


def test_weekends_and_other_times_ask_for_nothing(app: Flask, care: Care, clock: Clock) -> None:
    clock.advance(days=1)
    assert items(app, care.manager, clock) == []
    clock.advance(days=-12)
    assert items(app, care.manager, clock) == []


def test_a_term_that_is_over_waits_to_be_closed(app: Flask, care: Care, clock: Clock) -> None:
    clock.advance(days=11)
    assert items(app, care.manager, clock) == [(f"care-close-{care.term.id}", "due", f"/manage/terms/{care.term.id}")]


def test_a_report_waits_at_first_and_after_a_year(app: Flask, factories: Factories, clock: Clock) -> None:
    *_, unit = factories.tree()
    site = factories.site(unit, kind="nursery")
    manager, page = factories.user("site_manager", unit, site), f"/manage/sites/{site.id}/nursery"
    assert items(app, manager, clock) == [(f"nursery-{site.id}-first", "due", page)]
    helpers.report(factories, site)
    assert items(app, manager, clock) == []
    clock.advance(days=366)
    due = date(2026, 11, 20) + timedelta(days=365)
    assert items(app, manager, clock) == [(f"nursery-{site.id}-{due}", "overdue", page)]
