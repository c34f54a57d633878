"""A room with a door, a photo and a certificate; uses, ratings and seals; and a second, empty installation."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.maintenance import envelope
from app.sites.models import Site
from tests.applications import Applications, close, empty
from tests.conftest import Clock
from tests.maintenance.helpers import BACKUP_KEY, done, hand_in, seal
from tests.postgres import Server
from tests.usage.conftest import code, phone, site
from tests.usage.helpers import Phone

__all__ = ["code", "phone", "site"]


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    """With the passphrase of backups."""
    return environ | {"XIAOWU_BACKUP_KEY": BACKUP_KEY}


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


@pytest.fixture(autouse=True)
def _quick_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes guessing a passphrase slow makes tests slow."""
    monkeypatch.setattr(envelope, "_WORK", 4)


@pytest.fixture(scope="session")
def second_postgis(request: pytest.FixtureRequest) -> str:
    """The address of this worker's second PostgreSQL database."""
    assert request.getfixturevalue("worker_postgis")
    server: Server = request.getfixturevalue("postgres")
    return server.create_database("migrated")


@pytest.fixture
def backup(app: Flask, life: Site, tmp_path: Path) -> Path:
    """A backup of a life."""
    assert life
    path = tmp_path / "xiaowu.age"
    done(app, "backup", str(path))
    return path


@pytest.fixture
def elsewhere(
    request: pytest.FixtureRequest, environ: dict[str, str], clock: Clock, worker_folder: Path
) -> Iterator[Flask]:
    """Another installation on a database of the same kind: migrated on PostgreSQL, not even there on SQLite."""
    folder = worker_folder / "elsewhere"
    url = f"sqlite:///{folder}/xiaowu.sqlite3"
    if environ["DATABASE_URL"].startswith("postgresql"):
        url = request.getfixturevalue("second_postgis")
        empty(url)
    applications: Applications = request.getfixturevalue("applications")
    app = applications.hand_out(environ | {"DATABASE_URL": url, "XIAOWU_DATA": str(folder)}, clock)
    yield app
    close(app)
