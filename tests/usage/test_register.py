"""Keys are destroyed by use, at start, and without stopping anybody."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.config import Settings
from app.db import db
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.helpers import Phone, records

LIFE = timedelta(hours=48)


def day_keys(app: Flask) -> list[str]:
    path = Path(app.extensions["settings"].data_dir) / "keys.sqlite3"
    return [word for word in ("day:2026-11-20", "day:2026-11-22") if word.encode() in path.read_bytes()]


def test_a_request_destroys_what_is_due_at_most_once_a_minute(app: Flask, phone: Phone, clock: Clock) -> None:
    phone.logged()
    assert day_keys(app) == ["day:2026-11-20"]
    clock.at += LIFE
    app.extensions["keys_checked_at"] = clock.at - timedelta(seconds=59)
    phone.open()
    assert day_keys(app) == ["day:2026-11-20"]
    clock.advance(seconds=1)
    phone.open()
    assert day_keys(app) == []
    assert records(app)[0].p_day is None
    assert records(app)[0].p_site


def test_new_pseudonyms_of_the_day_are_kept(app: Flask, phone: Phone, clock: Clock) -> None:
    phone.logged()
    clock.at += LIFE
    phone.logged()
    old, new = records(app)
    assert (old.p_day is None, new.p_day is None) == (True, False)


def test_the_start_destroys_what_came_due_while_the_service_was_off(
    app: Flask, phone: Phone, clock: Clock, environ: dict[str, str]
) -> None:
    phone.logged()
    clock.at += LIFE
    again = create_app(Settings.from_environment(environ), clock)
    assert day_keys(app) == []
    again.test_client().get("/privacy")
    assert records(app)[0].p_day is None
    with again.app_context():
        for engine in db.engines.values():
            engine.dispose()


class TestWithoutStore:
    """The key store does not answer."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"KEYSTORE_URL": "redis://127.0.0.1:1/0"}

    def test_pages_are_served_and_the_log_says_so(
        self, app: Flask, factories: Factories, caplog: pytest.LogCaptureFixture
    ) -> None:
        code = factories.door_code(factories.site())
        assert Phone(app, code.code).open().status_code == 200
        assert "expired keys could not be destroyed" in caplog.text
