"""The key of the limits: one for all nodes of a day, another the next day, and known to nobody after that."""

from datetime import timedelta
from pathlib import Path

from flask import Flask

from app.usage.keystore import FileKeyStore
from app.usage.limitskey import ASK_AGAIN_AFTER_S, SharedLimitsKey
from tests.conftest import Clock


def test_nodes_agree_for_a_day_and_nobody_knows_the_key_afterwards(app: Flask, clock: Clock, tmp_path: Path) -> None:
    store = FileKeyStore(tmp_path / "keys.sqlite3")
    one, other = SharedLimitsKey(store), SharedLimitsKey(store)
    with app.app_context():
        today = one()
        assert other() == today
        clock.advance(days=1)
        assert one() == other() != today
        assert store.destroy_expired(clock()) == ["limits:2026-11-20"]
        clock.advance(days=-1)
        assert one() not in (b"", today)


def test_a_store_that_was_away_is_asked_again(app: Flask, clock: Clock, tmp_path: Path) -> None:
    seconds = [0.0]
    store = FileKeyStore(tmp_path / "keys.sqlite3")
    key = SharedLimitsKey(store, lambda: seconds[0])
    with app.app_context():
        first = key()
        store.destroy_expired(clock() + timedelta(days=2))
        assert key() == first
        seconds[0] += ASK_AGAIN_AFTER_S
        assert key() != first


def test_an_application_without_a_shared_store_has_a_key_of_its_own(app: Flask) -> None:
    assert "shared_limits_key" not in app.extensions
