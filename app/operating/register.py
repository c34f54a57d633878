"""Puts the feature on the application: health, readiness, metrics where they are on, and what is told of requests."""

import secrets
import time
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path

from flask import Flask, Response, g
from sqlalchemy import text

from app.config import Settings
from app.db import db
from app.errors import Conflict
from app.operating import hooks, logs, views

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
Observer = Callable[[Response, float], None]


def init_app(app: Flask) -> None:
    """Register the feature on `app`, before all others: what it times and answers has nothing before it."""
    settings: Settings = app.extensions["settings"]
    logs.init_app(app)
    observers: list[Observer] = []
    if settings.log_format == "json":
        observers.append(logs.tell_request)
    if settings.metrics_token:
        observers.append(_metrics(app))
    if observers:
        _observe(app, observers)
    app.before_request(views.answer_at_once)
    app.register_blueprint(views.blueprint)
    hooks.add_check(app, "database", _require_tables)


def _metrics(app: Flask) -> Observer:
    from app.operating import metrics  # noqa: PLC0415  loaded only where metrics are on

    app.add_url_rule("/metrics", "operating.metrics", views.metrics)
    return metrics.count_request


def _observe(app: Flask, observers: list[Observer]) -> None:
    @app.before_request
    def begin() -> None:
        g.began_s, g.request_id = time.perf_counter(), secrets.token_hex(8)

    @app.after_request
    def end(response: Response) -> Response:
        for observe in observers if "began_s" in g else ():
            observe(response, time.perf_counter() - g.began_s)
        return response


def _require_tables(_at: datetime) -> None:
    """The database answers and has every table that this code needs.

    Raises Conflict while migrations are missing. Tables that are newer than this code are no reason to stop: while an
    update goes from node to node, the old code goes on.
    """
    with db.engine.connect() as connection:
        query = text("SELECT version_num FROM alembic_version")
        found = connection.execution_options(reads_only=True).execute(query).scalar_one_or_none()
    if found is None or found in _older_revisions():
        raise Conflict("The tables are not at the newest revision; run flask db upgrade first")


@cache
def _older_revisions() -> frozenset[str]:
    from alembic.script import ScriptDirectory  # noqa: PLC0415  slow to load, seldom needed

    scripts = ScriptDirectory(str(MIGRATIONS))
    return frozenset(one.revision for one in scripts.walk_revisions()) - {scripts.get_current_head() or ""}
