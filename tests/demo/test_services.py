"""The demonstration in a real database: consistent tallies, every verdict, one of each account."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import TradeUnion
from app.anomalies.models import SiteFlags
from app.db import db, unit_of_work
from app.demo import services
from app.demo.services import Created
from app.errors import Conflict
from app.months import local_date
from app.programme.services import judge
from app.sites.models import Site, SiteManager
from app.usage import tallies
from app.usage.ledger.verifying import verify
from app.usage.models import HourBucket, SiteMonth, UsageRecord
from tests.conftest import Clock
from tests.demo.life import assert_alive
from tests.factories import Factories


@pytest.fixture
def made(app: Flask, clock: Clock, tmp_path: Path) -> Created:
    """The demonstration as of the clock's time."""
    with app.app_context(), unit_of_work():
        return services.create(clock(), "qingdao-2023", tmp_path / "data", lambda: None)


def test_the_demonstration_is_whole(app: Flask, made: Created, clock: Clock) -> None:
    with app.app_context():
        assert services.exists()
        assert_alive(clock)
        rooms = select(Site).where(Site.external_source.is_not(None))
        sites = db.session.scalars(rooms).all()
        assert len(sites) == 36
        assert_settled(made, clock)
        assert all(site.is_public and site.is_synthetic and site.note for site in sites)
        assert all(abs(site.lon - 120.35) < 0.2 and abs(site.lat - 30.3) < 0.1 for site in sites)
        assert Counter(site.location_kind for site in sites) == {"internal": 30, "public": 6}
        assert db.session.scalar(select(func.count()).select_from(SiteManager)) == 36 + 7
        judge_all(sites, made, clock)
    roles = Counter(account.role for account in made.accounts)
    assert (roles["municipal_union"], roles["district_union"], roles["unit_union"]) == (2, 3, 5)
    assert roles["assessor"] == 1
    assert roles["site_manager"] > 20


def assert_settled(made: Created, clock: Clock) -> None:
    """What the service does by itself is done: old records are hours, all is sealed, one room stands out."""
    kept = db.session.scalar(select(func.count()).select_from(UsageRecord)) or 0
    hours = db.session.scalar(select(func.sum(HourBucket.recorded))) or 0
    assert kept + hours == made.uses > 20_000
    assert 1_000 < kept < hours
    rated = sum(getattr(SiteMonth, f"rating_{step}") for step in range(1, 6))
    assert (db.session.scalar(select(func.sum(rated))) or 0) > 5_000
    assert tallies.recount(clock(), repair=False) == []
    assert verify(None, None, (), clock()) == ()
    loud = db.session.scalars(select(Site.name).join(SiteFlags).where(SiteFlags.is_flagged)).all()
    assert "白杨街道闻潮社区爱心驿家" in loud
    assert len(loud) < 6


def judge_all(sites: Sequence[Site], made: Created, clock: Clock) -> None:
    """Every verdict is there, and the room that the walk through the demonstration shows is met."""
    today = local_date(clock())
    verdicts = {site.id: judge(site, "qingdao-2023", today, today).report.verdict for site in sites}
    found = Counter(verdicts.values())
    assert found["met"] >= 3
    assert found["not_met"] >= 10
    assert found["unknown"] >= 3
    met = {site.location_kind for site in sites if verdicts[site.id] == "met"}
    assert met == {"internal", "public"}
    manager = next(account for account in made.accounts if account.role == "site_manager")
    assert verdicts[min(manager.sites)] == "met"


def test_a_database_with_another_network_is_refused(app: Flask, factories: Factories) -> None:
    factories.tree()
    with app.app_context(), pytest.raises(Conflict, match="holds another network"):
        services.exists()


def test_an_empty_database_is_ready(app: Flask) -> None:
    with app.app_context():
        assert not services.exists()
        assert db.session.scalar(select(func.count()).select_from(TradeUnion)) == 0
