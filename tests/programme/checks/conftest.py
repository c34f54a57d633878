"""A city with one district, one unit with three rooms, and somebody at each of them."""

from dataclasses import dataclass

import pytest

from app.accounts.models import TradeUnion, User
from app.sites.models import Site
from app.web import ASSESSOR, DISTRICT_UNION, MUNICIPAL_UNION, SITE_MANAGER, UNIT_UNION
from tests.factories import Factories


@dataclass(frozen=True)
class Net:
    """The unions, their sites and people."""

    city: TradeUnion
    district: TradeUnion
    unit: TradeUnion
    sites: list[Site]
    anna: User
    """of the district union"""
    bella: User
    """of the unit union"""
    clara: User
    """of the municipal union"""
    dora: User
    """manages the first site"""
    emma: User
    """an assessor"""


@pytest.fixture
def net(factories: Factories) -> Net:
    """The little network."""
    city, district, unit = factories.tree()
    sites = [factories.site(unit) for _ in range(3)]
    return Net(
        city, district, unit, sites,
        anna=factories.user(DISTRICT_UNION, district),
        bella=factories.user(UNIT_UNION, unit),
        clara=factories.user(MUNICIPAL_UNION, city),
        dora=factories.user(SITE_MANAGER, unit, sites[0]),
        emma=factories.user(ASSESSOR, district),
    )  # fmt: skip
