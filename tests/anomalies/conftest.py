"""A site with months of signals, the people around it, and their browsers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import TradeUnion, User
from app.anomalies import services
from app.anomalies.models import DaySignal
from app.anomalies.signals import Signals
from app.db import db, unit_of_work
from app.sites.models import Site
from tests.anomalies.helpers import at, days_of, every_day, honest, use
from tests.factories import Factories


@dataclass
class World:
    """A public site under a unit, a district and a municipal union; each person is in her own browser."""

    app: Flask
    site: Site
    unit: TradeUnion
    people: dict[str, User]
    browsers: dict[str, FlaskClient]

    @property
    def page(self) -> str:
        """The address of the site's signals."""
        return f"/manage/sites/{self.site.id}/signals"


@cache
def inflated() -> Mapping[date, Signals]:
    """Half a year in which somebody also taps in the evening."""
    return days_of([*honest(), *every_day(lambda on: [use(at(on, 21.6 + on.day / 100), step=5)])])


def keep(app: Flask, site: Site, days: Mapping[date, Signals]) -> None:
    """Store the days of a site and judge it."""
    with app.app_context(), unit_of_work():
        db.session.add_all(DaySignal(site_id=site.id, on=on, values=one.to_json()) for on, one in days.items())
        services.judge(db.session.get_one(Site, site.id), app.extensions["clock"]())


@pytest.fixture
def world(app: Flask, factories: Factories) -> World:
    """The site, flagged, and its people; also a district next to theirs."""
    municipal, district, unit = factories.tree()
    site = factories.site(unit, name="银海商场爱心妈妈小屋", location_kind="public", premises="mall")
    people = {
        "manager": factories.user("site_manager", unit, site),
        "unit": factories.user("unit_union", unit),
        "assessor": factories.user("assessor", district),
        "district": factories.user("district_union", district, display_name="周岚"),
        "municipal": factories.user("municipal_union", municipal),
        "neighbour": factories.user("district_union", factories.union("district", municipal)),
    }
    keep(app, site, inflated())
    return World(app, site, unit, people, {name: factories.login(user) for name, user in people.items()})
