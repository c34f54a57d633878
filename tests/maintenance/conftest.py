"""A room with a door, a photo and a certificate; uses, ratings and seals; and a second, empty installation."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.config import Settings
from app.sites.models import DoorCode, Site
from tests.applications import close
from tests.conftest import Clock
from tests.factories import Factories
from tests.maintenance.helpers import BACKUP_KEY, hand_in, seal
from tests.postgres import Server
from tests.usage.helpers import Phone


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    """With the passphrase of backups."""
    return environ | {"XIAOWU_BACKUP_KEY": BACKUP_KEY}


@pytest.fixture
def site(factories: Factories) -> Site:
    """A public room."""
    return factories.site(name="银海大厦爱心妈妈小屋")


@pytest.fixture
def code(factories: Factories, site: Site) -> DoorCode:
    """Its live code."""
    return factories.door_code(site, "abc123abc123")


@pytest.fixture
def phone(app: Flask, code: DoorCode) -> Phone:
    """A browser without cookies at that door."""
    return Phone(app, code.code)


@pytest.fixture
def life(app: Flask, site: Site, phone: Phone, clock: Clock) -> Site:
    """The site after two uses, a changed rating, a photo and a certificate; everything is sealed."""
    receipt = phone.logged(purpose="pumping")
    phone.rate(receipt, 5, details="1", tags="clean", comment="很干净")
    phone.rate(receipt, 4)
    clock.advance(minutes=31)
    phone.logged()
    hand_in(app, site, clock.at)
    seal(app, clock.at)
    return site


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, environ: dict[str, str], clock: Clock, tmp_path: Path) -> Iterator[Flask]:
    """Another installation on a database of the same kind: migrated on PostgreSQL, not even there on SQLite."""
    url = f"sqlite:///{tmp_path}/elsewhere/xiaowu.sqlite3"
    server: Server | None = None
    if environ["DATABASE_URL"].startswith("postgresql"):
        server = request.getfixturevalue("postgres")
        url = server.create_database("migrated")
    other = environ | {"DATABASE_URL": url, "XIAOWU_DATA": str(tmp_path / "elsewhere"), "XIAOWU_LEDGER_KEY": "l" * 32}
    app = create_app(Settings.from_environment(other), clock)
    yield app
    close(app)
    if server:
        server.drop_database(url)
