"""Every functional test runs on both databases, against a real application, with a clock that the test sets."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.config import Settings
from app.db import db
from app.migrate import alembic_config
from tests.browser import browser, phone
from tests.factories import Factories
from tests.postgres import postgres
from tests.shared import SHARED

__all__ = ["browser", "phone", "postgres"]
START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
"""Friday, 20 November 2026, 10:00 in Shanghai."""


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Tests on published lists are collected only where the lists are."""
    return True if collection_path.name.endswith("_shared.py") and not SHARED.exists() else None


class Clock:
    """A clock that stands still until the test moves it."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **delta: float) -> None:
        """Move on by a timedelta's keywords."""
        self.at += timedelta(**delta)


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to `revision`."""
    command.upgrade(alembic_config(url), revision)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty migrated SQLite file that tests copy."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgis"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh migrated database, once of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "test.sqlite3"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres")
    with server.database(server.template("migrated", migrate)) as url:
        yield url


@pytest.fixture
def clock() -> Clock:
    """The application's clock."""
    return Clock()


@pytest.fixture
def environ(database_url: str, tmp_path: Path) -> dict[str, str]:
    """The environment the application is made from; a test module may override this fixture to add settings."""
    return {
        "XIAOWU_MODE": "test",
        "XIAOWU_DATA": str(tmp_path / "data"),
        "DATABASE_URL": database_url,
        "XIAOWU_BASE_URL": "http://127.0.0.1:8000",
        "SECRET_KEY": "s" * 32,
        "SECURITY_PASSWORD_SALT": "p" * 32,
        "SECURITY_TOTP_SECRET": "t" * 32,
    }


@pytest.fixture
def app(environ: dict[str, str], clock: Clock) -> Iterator[Flask]:
    """The application on a fresh database."""
    application = create_app(Settings.from_environment(environ), clock)
    yield application
    with application.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without cookies."""
    return app.test_client()


@pytest.fixture
def factories(app: Flask, clock: Clock) -> Factories:
    """Builders of rows."""
    return Factories(app, clock)
