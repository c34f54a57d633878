"""A site with its people."""

from dataclasses import dataclass

import pytest

from app.accounts.models import TradeUnion, User
from app.sites.models import Site
from tests.factories import Factories


@dataclass(frozen=True)
class Around:
    """A room, its unions and somebody of each role."""

    city: TradeUnion
    district: TradeUnion
    unit: TradeUnion
    site: Site
    manager: User
    unit_person: User
    district_person: User
    city_person: User


@pytest.fixture
def around(factories: Factories) -> Around:
    """A room that its manager fills sheets in for."""
    city, district, unit = factories.tree()
    site = factories.site(unit)
    return Around(
        city, district, unit, site,
        factories.user("site_manager", unit, site, display_name="王芳"),
        factories.user("unit_union", unit), factories.user("district_union", district, display_name="区总工会 李敏"),
        factories.user("municipal_union", city),
    )  # fmt: skip
