"""Applications and databases that the tests of one worker share, each handed out as if it were new.

Building an application costs a tenth of a second and creating a PostgreSQL database as much again, far more than most
tests. So both are kept: a database is emptied, an application gets back what it had when it was made, and fresh state.
"""

import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from flask_limiter import Limiter
from limits.storage import MemoryStorage
from werkzeug.test import TestResponse

from app import create_app
from app.clock import Clock
from app.config import Settings
from app.db import db
from app.finder.services import DirectoryKeeper
from app.usage.keystore import open_keystore
from app.web import limiter

_EMPTY_ABOVE_BYTES = 512 * 1024
"""Above this a table is truncated: deleting leaves the space behind, truncating many small tables is slow."""

SEED = """
CREATE SCHEMA seed;
CREATE TABLE seed.role AS TABLE public.role;
CREATE TABLE seed.directory_version AS TABLE public.directory_version;
CREATE TABLE seed.counter AS
    SELECT schemaname || '.' || sequencename AS name, COALESCE(last_value, 1) AS value, last_value IS NOT NULL AS called
    FROM pg_sequences WHERE schemaname = 'public';
"""
EMPTY = rf"""
DO $$ DECLARE t record; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR t IN SELECT c.oid::regclass::text AS name, pg_relation_size(c.oid) AS bytes FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
        AND c.relname NOT IN ('alembic_version', 'spatial_ref_sys')
    LOOP
        IF t.name ~ '_\d{{4}}_\d{{2}}$' THEN EXECUTE format('DROP TABLE %s', t.name);
        ELSIF t.bytes > {_EMPTY_ABOVE_BYTES} THEN EXECUTE format('TRUNCATE %s CASCADE', t.name);
        ELSIF t.bytes > 0 THEN EXECUTE format('DELETE FROM %s', t.name); END IF;
    END LOOP;
    INSERT INTO public.role SELECT * FROM seed.role;
    INSERT INTO public.directory_version SELECT * FROM seed.directory_version;
    PERFORM setval(name::regclass, value, called) FROM seed.counter;
END $$
"""  # noqa: S608  the number is ours
STRANGERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def prepare(url: str) -> None:
    """Remember in a migrated PostgreSQL database what the migrations put into it."""
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute(SEED)


def empty(url: str) -> None:
    """Bring a prepared database back to how it was migrated."""
    with psycopg.connect(_plain(url), autocommit=True, options="-c lock_timeout=20s") as connection:
        connection.execute(STRANGERS)
        connection.execute(EMPTY)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


class Client(FlaskClient):
    """A client that closes what it has sent and what it has been sent, as a server does: files would stay open."""

    def open(self, *args: Any, **values: Any) -> TestResponse:
        """Send a request."""
        response = super().open(*args, **{"buffered": True, **values})
        for one in (*response.history, response):
            one.request.environ["wsgi.input"].close()
        return response


@dataclass
class _Kept:
    """An application with what it held when it was made."""

    app: Flask
    config: dict[str, Any]
    extensions: dict[str, Any]
    limiter: dict[str, Any]


@dataclass
class Applications:
    """The applications of one worker by their environment."""

    _kept: dict[frozenset[tuple[str, str]], _Kept] = field(default_factory=dict)

    def hand_out(self, environ: dict[str, str], clock: Clock) -> Flask:
        """An application of `environ` whose data folder is empty, with `clock`."""
        shutil.rmtree(environ["XIAOWU_DATA"], ignore_errors=True)
        key = frozenset(environ.items())
        if key not in self._kept:
            app = create_app(Settings.from_environment(environ), clock)
            app.test_client_class = Client
            extensions = {name: _copy(one) for name, one in app.extensions.items()}
            self._kept[key] = _Kept(app, dict(app.config), extensions, _stores(limiter))
            return app
        kept = self._kept[key]
        kept.app.config.clear()
        kept.app.config.update(kept.config)
        kept.app.extensions = {name: _copy(one) for name, one in kept.extensions.items()}
        vars(limiter).update(kept.limiter)
        _give_fresh_state(kept.app, clock)
        return kept.app


def close(app: Flask) -> None:
    """End what the application does by itself, and let go of its connections."""
    app.extensions["sealer"].stop()
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def _copy(one: Any) -> Any:
    return one.copy() if type(one) in (list, dict) else one


def _stores(of: Limiter) -> dict[str, Any]:
    """Where the limits are counted. A process has one limiter, and each application made turns it to its own store."""
    names = ("_storage", "_limiter", "_storage_dead", "_fallback_storage", "_fallback_limiter")
    return {name: value for name, value in vars(of).items() if name in names}


def _give_fresh_state(app: Flask, clock: Clock) -> None:
    settings: Settings = app.extensions["settings"]
    Path(settings.data_dir).mkdir(mode=0o700, parents=True)
    for store in (limiter.storage, getattr(limiter, "_fallback_storage", None)):
        if isinstance(store, MemoryStorage):
            store.reset()
    app.extensions |= {
        "clock": clock,
        "limiter_key": secrets.token_bytes(32),
        "keystore": open_keystore(settings.keystore_url),
        "keys_checked_at": None,
        "directory": DirectoryKeeper(app),
    }
