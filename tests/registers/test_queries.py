"""What the evaluator and the anomaly rules learn of activities."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.registers import queries
from app.registers.models import Activity
from app.sites.models import Site
from tests.factories import Factories

NOON = datetime(2026, 6, 10, 4, 0, tzinfo=UTC)


def add(factories: Factories, site: Site, starts_at: datetime, hours: float = 2, **values: Any) -> Activity:
    defaults = {"kind": "lecture", "topic": "health", "title": "夏季护理", "recorded_at": NOON - timedelta(days=30)}
    row: Activity = factories.add(
        Activity(
            site_id=site.id, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours), **{**defaults, **values}
        )
    )
    return row


def test_activities_are_taken_by_their_local_date(app: Flask, factories: Factories) -> None:
    site, other = factories.site(), factories.site()
    add(factories, site, datetime(2026, 5, 31, 15, 59, tzinfo=UTC), kind="activity")
    add(factories, site, datetime(2026, 5, 31, 16, 0, tzinfo=UTC), kind="activity")
    add(factories, site, datetime(2026, 6, 30, 15, 59, tzinfo=UTC))
    add(factories, site, datetime(2026, 6, 30, 16, 0, tzinfo=UTC))
    add(factories, site, NOON, voided_at=NOON, void_reason="写错了")
    add(factories, other, NOON)
    with app.app_context():
        found = queries.activities([site.id], date(2026, 6, 1), date(2026, 7, 1))
        both = queries.activities(select(Site.id), date(2026, 6, 1), date(2026, 7, 1))
    assert found == [(site.id, "activity", date(2026, 6, 1)), (site.id, "lecture", date(2026, 6, 30))]
    assert [row.site_id for row in both] == [site.id, site.id, other.id]


def test_declared_activities_touch_the_days_asked_about(app: Flask, factories: Factories) -> None:
    site = factories.site()
    over_midnight = add(factories, site, datetime(2026, 5, 31, 15, 0, tzinfo=UTC))
    add(factories, site, datetime(2026, 5, 31, 14, 0, tzinfo=UTC))
    add(factories, site, NOON, voided_at=NOON, void_reason="写错了")
    add(factories, site, datetime(2026, 6, 30, 16, 0, tzinfo=UTC))
    with app.app_context():
        found = queries.declared_activities([site.id], date(2026, 6, 1), date(2026, 7, 1))
    assert found == [(site.id, over_midnight.starts_at, over_midnight.ends_at, over_midnight.recorded_at)]
    assert found[0].declared_at < found[0].starts_at
