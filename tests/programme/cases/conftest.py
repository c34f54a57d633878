"""A city with one unit and the people who act in a case."""

from dataclasses import dataclass

import pytest

from app.accounts.models import TradeUnion, User
from app.sites.importing.keys import name_key
from app.sites.models import Site
from tests.factories import Factories
from tests.programme.cases.helpers import Cases


@dataclass(frozen=True)
class City:
    """Three unions, a site in preparation, and a person of each role."""

    municipal_union: TradeUnion
    district_union: TradeUnion
    unit_union: TradeUnion
    site: Site
    manager: User
    unit: User
    district: User
    municipal: User


@pytest.fixture
def cases(factories: Factories) -> Cases:
    """Opens and moves cases."""
    return Cases(factories)


@pytest.fixture
def city(factories: Factories) -> City:
    """Everybody who takes part."""
    city, district, unit = factories.tree()
    site = factories.site(
        unit, name="东楼小屋", name_key=name_key("东楼小屋"), status="preparing", accepted_on=None, opened_on=None,
        premises="mall",
    )  # fmt: skip
    return City(
        city, district, unit, site,
        factories.user("site_manager", unit, site, display_name="张敏"),
        factories.user("unit_union", unit, display_name="李静"),
        factories.user("district_union", district, display_name="王芳"),
        factories.user("municipal_union", city, display_name="赵岚"),
    )  # fmt: skip
