"""A site with its people."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser

from app.accounts.models import TradeUnion, User
from app.sites.models import Site
from tests.browser import live_server, phone_context
from tests.factories import Factories

if TYPE_CHECKING:
    from tests.programme.scoring.visit import Visit


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


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    """The application, served."""
    with live_server(app) as url:
        yield url


@pytest.fixture
def visit(browser: Browser, factories: Factories, around: Around, base: str) -> Iterator["Visit"]:
    """The manager's telephone with a fresh sheet open; a failing script fails the test."""
    from tests.programme.scoring.helpers import begun
    from tests.programme.scoring.visit import Visit

    context = phone_context(browser)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    sheet = begun(factories.app, around.manager, around.site, factories.clock())
    here = Visit(factories, around, sheet, base, page)
    here.log_in()
    here.open()
    yield here
    context.close()
    assert errors == []
