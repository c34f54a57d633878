"""A holiday-care site with a term that runs, its manager, and the union above."""

from dataclasses import dataclass
from datetime import date

import pytest
from flask.testing import FlaskClient

from app.accounts.models import TradeUnion, User
from app.care.models import CareTerm
from app.months import local_date
from app.sites.models import Site
from tests.care import helpers
from tests.factories import Factories


@dataclass(frozen=True)
class Care:
    """What the tests start from; `today` is Friday, 20 November 2026."""

    district: TradeUnion
    unit: TradeUnion
    site: Site
    term: CareTerm
    manager: User
    client: FlaskClient
    today: date


@pytest.fixture
def care(factories: Factories) -> Care:
    """A site with a term and without children."""
    _, district, unit = factories.tree()
    site = helpers.care_site(factories, unit)
    running = helpers.term(factories, site)
    manager = factories.user("site_manager", unit, site, display_name="王芳")
    return Care(district, unit, site, running, manager, factories.login(manager), local_date(factories.clock()))
