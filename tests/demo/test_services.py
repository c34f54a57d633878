"""The demonstration in a real database: consistent tallies, every verdict, one of each account."""

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import TradeUnion
from app.db import db, unit_of_work
from app.demo import services
from app.demo.services import Created
from app.errors import Conflict
from app.sites.models import Site, SiteManager
from app.usage import tallies
from app.usage.models import Rating, UsageRecord
from tests.conftest import Clock
from tests.factories import Factories


@pytest.fixture
def made(app: Flask, clock: Clock) -> Created:
    """The demonstration as of the clock's time."""
    with app.app_context(), unit_of_work():
        return services.create(clock(), "qingdao-2023", lambda: None)


def test_the_demonstration_is_whole(app: Flask, made: Created, clock: Clock) -> None:
    with app.app_context():
        assert services.exists()
        assert db.session.scalar(select(func.count()).select_from(Site)) == 36
        assert db.session.scalar(select(func.count()).select_from(UsageRecord)) == made.uses > 20_000
        assert db.session.scalar(select(func.count()).select_from(Rating)) > 5_000
        assert tallies.recount(clock(), repair=False) == []
        sites = db.session.scalars(select(Site)).all()
        assert all(site.is_public and site.is_synthetic and site.note for site in sites)
        assert all(abs(site.lon - 120.35) < 0.2 and abs(site.lat - 30.3) < 0.1 for site in sites)
        assert Counter(site.location_kind for site in sites) == {"internal": 30, "public": 6}
        assert db.session.scalar(select(func.count()).select_from(SiteManager)) == 36
    roles = Counter(account.role for account in made.accounts)
    assert roles["municipal_union"] == roles["unit_union"] == 1
    assert roles["district_union"] == 2
    assert roles["site_manager"] > 20


def test_a_database_with_another_network_is_refused(app: Flask, factories: Factories) -> None:
    factories.tree()
    with app.app_context(), pytest.raises(Conflict, match="holds another network"):
        services.exists()


def test_an_empty_database_is_ready(app: Flask) -> None:
    with app.app_context():
        assert not services.exists()
        assert db.session.scalar(select(func.count()).select_from(TradeUnion)) == 0
