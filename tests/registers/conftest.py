"""One room, the people around it, and their browsers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import TradeUnion, User
from app.db import db, unit_of_work
from app.sites.models import Site
from tests.factories import Factories

TODAY = date(2026, 11, 20)


@dataclass
class World:
    """A site under a unit, a district and a municipal union; each person is in her own browser."""

    site: Site
    unit: TradeUnion
    manager: User
    people: dict[str, User]
    browsers: dict[str, FlaskClient]

    @property
    def base(self) -> str:
        """The address of the site's registers."""
        return f"/manage/sites/{self.site.id}/registers"


@pytest.fixture
def world(factories: Factories) -> World:
    """The room and its people."""
    municipal, district, unit = factories.tree()
    site = factories.site(unit, name="银海大厦爱心妈妈小屋")
    people = {
        "manager": factories.user("site_manager", unit, site, display_name="李敏"),
        "colleague": factories.user("site_manager", unit, site),
        "unit": factories.user("unit_union", unit),
        "district": factories.user("district_union", district),
        "municipal": factories.user("municipal_union", municipal),
    }
    browsers = {name: factories.login(user) for name, user in people.items()}
    return World(site, unit, people["manager"], people, browsers)


@pytest.fixture
def act(app: Flask, world: World) -> Callable[..., Any]:
    """Call a service about the site as its manager, in a transaction of its own: act(service, ...)."""

    def call(service: Callable[..., Any], *arguments: Any, **values: Any) -> Any:
        with app.app_context(), unit_of_work():
            site, manager = db.session.get_one(Site, world.site.id), db.session.get_one(User, world.manager.id)
            return service(manager, site, *arguments, **{"now": app.extensions["clock"](), **values})

    return call
