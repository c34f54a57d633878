"""The tallies always equal the events, and a difference made by hand is found."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update

from app.db import db, unit_of_work
from app.months import Month
from app.sites.models import Site
from app.usage import tallies
from app.usage.models import Rating, SiteMonth, UsageRecord
from tests.conftest import Clock
from tests.usage.helpers import Phone, tally

CLOSED = "2026-09"


def recount(app: Flask, at: datetime, *, repair: bool = False) -> list[tuple[str, str, int, int]]:
    with app.app_context(), unit_of_work():
        found = tallies.recount(at, repair=repair)
        return [(str(row.month), row.counter, row.stored, row.recomputed) for row in found]


@pytest.fixture
def visits(phone: Phone, clock: Clock) -> str:
    """Two counted uses, one too soon, two ratings of which one was changed; the first receipt."""
    receipt = phone.logged()
    phone.rate(receipt, 5)
    phone.rate(receipt, 4)
    phone.logged()
    clock.advance(minutes=31)
    phone.rate(phone.logged(), 2)
    return receipt


@pytest.mark.usefixtures("visits")
def test_the_tally_is_what_the_events_add_up_to(app: Flask, site: Site, clock: Clock) -> None:
    assert tally(app, site.id) == {"recorded": 3, "counted": 2, "too_soon": 1, "rating_2": 1, "rating_4": 1}
    assert recount(app, clock.at) == []


@pytest.mark.usefixtures("visits")
def test_a_tally_changed_by_hand_is_found_and_set_right(app: Flask, site: Site, clock: Clock) -> None:
    with app.app_context(), unit_of_work():
        db.session.execute(update(SiteMonth).values(counted=120, rating_5=30))
    found = [("2026-11", "counted", 120, 2), ("2026-11", "rating_5", 30, 0)]
    assert recount(app, clock.at) == found
    assert recount(app, clock.at, repair=True) == found
    assert recount(app, clock.at) == []
    assert tally(app, site.id)["counted"] == 2


@pytest.mark.usefixtures("visits")
def test_events_changed_by_hand_are_found(app: Flask, clock: Clock) -> None:
    with app.app_context(), unit_of_work():
        db.session.execute(update(UsageRecord).values(reason=None))
        db.session.execute(delete(Rating))
    assert recount(app, clock.at) == [
        ("2026-11", "counted", 2, 3),
        ("2026-11", "too_soon", 1, 0),
        ("2026-11", "rating_2", 1, 0),
        ("2026-11", "rating_4", 1, 0),
    ]


@pytest.mark.usefixtures("visits")
def test_a_missing_tally_is_found_and_made(app: Flask, site: Site, clock: Clock) -> None:
    with app.app_context(), unit_of_work():
        db.session.execute(delete(SiteMonth))
    assert len(recount(app, clock.at, repair=True)) == 5
    assert tally(app, site.id)["recorded"] == 3


def test_a_closed_month_is_reported_and_left_alone(app: Flask, site: Site, clock: Clock) -> None:
    with app.app_context(), unit_of_work():
        zeros = dict.fromkeys(tallies.COUNTERS, 0) | {"recorded": 7, "counted": 7}
        db.session.execute(insert(SiteMonth).values(site_id=site.id, month=CLOSED, **zeros))
    found = [(CLOSED, "recorded", 7, 0), (CLOSED, "counted", 7, 0)]
    assert recount(app, clock.at, repair=True) == found
    assert recount(app, clock.at) == found


def test_a_month_may_be_repaired_until_it_closes(app: Flask, site: Site) -> None:
    closes = Month(2026, 11).closes_at
    with app.app_context(), unit_of_work():
        zeros = dict.fromkeys(tallies.COUNTERS, 0) | {"recorded": 1}
        db.session.execute(insert(SiteMonth).values(site_id=site.id, month="2026-11", **zeros))
    recount(app, closes, repair=True)
    assert tally(app, site.id) == {"recorded": 1}
    recount(app, closes - timedelta(microseconds=1), repair=True)
    assert tally(app, site.id) == {}


acts = st.lists(st.tuples(st.sampled_from(["tap", "late", "rate"]), st.integers(0, 90), st.integers(1, 5)), max_size=14)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(acts)
def test_tallies_equal_events_after_any_day(
    app: Flask, phone: Phone, clock: Clock, day: list[tuple[str, int, int]]
) -> None:
    phone.agent = str(uuid4())
    receipt = ""
    for act, minutes, step in day:
        clock.advance(minutes=minutes)
        if act == "rate" and receipt:
            phone.rate(receipt, step)
        else:
            wait = timedelta(minutes=minutes * step if act == "late" else 0)
            receipt = phone.logged(tapped_at=int((clock.at - wait).timestamp() * 1000))
    assert recount(app, clock.at) == []
