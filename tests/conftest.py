"""Every functional test runs on both databases, against a real application, with a clock that the test sets."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings

from app.migrate import alembic_config
from tests.applications import Applications, close, empty, prepare
from tests.browser import browser, phone
from tests.factories import Factories
from tests.postgres import Server, postgres
from tests.shared import SHARED

__all__ = ["browser", "phone", "postgres"]
MEMORY, ROOM_BYTES = Path("/dev/shm"), 2 << 30  # noqa: S108  a folder of its own is made in it
START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
"""Friday, 20 November 2026, 10:00 in Shanghai."""
# The same examples in every run, and none too slow for a busy machine; soak_security.py looks for others.
settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repeatable")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Tests on published lists are collected only where the lists are."""
    return True if collection_path.name.endswith("_shared.py") and not SHARED.exists() else None


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: tests that wait for a browser or for another process leave theirs idle."""
    return (os.cpu_count() or 1) + 1


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


@pytest.fixture(scope="session")
def applications() -> Applications:
    """The applications of this worker."""
    return Applications()


@pytest.fixture(scope="session")
def worker_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where this worker's database file and data folders lie: in memory if there is room, since every commit syncs."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM_BYTES:
        yield tmp_path_factory.mktemp("worker")
        return
    with tempfile.TemporaryDirectory(prefix="xiaowu-", dir=MEMORY) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def worker_postgis(request: pytest.FixtureRequest) -> str:
    """The address of this worker's PostgreSQL database."""
    server: Server = request.getfixturevalue("postgres")
    return server.create_database(server.template("migrated", lambda url: (migrate(url), prepare(url))))


@pytest.fixture(params=["sqlite", "postgis"])
def database_url(request: pytest.FixtureRequest, worker_folder: Path) -> str:
    """A migrated database without rows, once of each kind."""
    if request.param == "sqlite":
        path = worker_folder / "test.sqlite3"
        for old in worker_folder.glob("test.sqlite3*"):
            old.unlink()
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("worker_postgis")
    empty(url)
    return url


@pytest.fixture
def clock() -> Clock:
    """The application's clock."""
    return Clock()


@pytest.fixture
def environ(database_url: str, worker_folder: Path) -> dict[str, str]:
    """The environment the application is made from; a test module may override this fixture to add settings."""
    return {
        "XIAOWU_MODE": "test",
        "XIAOWU_DATA": str(worker_folder / "data"),
        "DATABASE_URL": database_url,
        "XIAOWU_BASE_URL": "http://127.0.0.1:8000",
        "SECRET_KEY": "s" * 32,
        "SECURITY_PASSWORD_SALT": "p" * 32,
        "SECURITY_TOTP_SECRET": "t" * 32,
        "XIAOWU_LEDGER_KEY": "l" * 32,
    }


@pytest.fixture
def app(
    request: pytest.FixtureRequest, environ: dict[str, str], clock: Clock, applications: Applications
) -> Iterator[Flask]:
    """The application on an empty database; one of its own for a test marked `own_app`, which may add routes."""
    is_own = request.node.get_closest_marker("own_app") is not None
    application = (Applications() if is_own else applications).hand_out(environ, clock)
    yield application
    close(application)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without cookies."""
    return app.test_client()


@pytest.fixture
def factories(app: Flask, clock: Clock) -> Factories:
    """Builders of rows."""
    return Factories(app, clock)
