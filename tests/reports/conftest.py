"""Two rooms near each other, the people around them, and their browsers."""

from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.sites.models import Site
from tests.factories import Factories


@dataclass
class World:
    """A site with a door code and a neighbour; each person is in her own browser."""

    site: Site
    other: Site
    people: dict[str, User]
    browsers: dict[str, FlaskClient]

    @property
    def page(self) -> str:
        """The form that the finder leads to."""
        return f"/s/{self.site.id}/report"


@pytest.fixture
def world(factories: Factories) -> World:
    """The rooms and the people."""
    municipal, district, unit = factories.tree()
    site, other = factories.site(unit, name="银海大厦爱心妈妈小屋"), factories.site(unit, name="金沙湖站母婴室")
    factories.door_code(site, "abc123abc123")
    people = {
        "manager": factories.user("site_manager", unit, site),
        "unit": factories.user("unit_union", unit),
        "district": factories.user("district_union", district),
        "municipal": factories.user("municipal_union", municipal),
        "stranger": factories.user("district_union", factories.union("district", municipal)),
    }
    return World(site, other, people, {name: factories.login(user) for name, user in people.items()})
