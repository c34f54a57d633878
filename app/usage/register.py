"""Puts the feature on the application: pages, API, commands, the keys and their destruction."""

from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask, current_app, request
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from app import clock, web
from app.config import Settings
from app.db import db, unit_of_work
from app.errors import Unavailable
from app.operating.hooks import add_check
from app.usage import comments, partitions, prepared, services, unguarded, views_presence
from app.usage.adjustments import register as adjustments
from app.usage.api import blueprint as months_api
from app.usage.cli import usage_cli
from app.usage.figures import register as figures
from app.usage.keystore import open_keystore
from app.usage.ledger import register as ledger
from app.usage.limitskey import SharedLimitsKey
from app.usage.views import blueprint

_CHECK_EVERY = timedelta(minutes=1)


def init_app(app: Flask) -> None:
    """Register the feature on `app`."""
    settings: Settings = app.extensions["settings"]
    app.extensions["keystore"] = open_keystore(settings.keystore_url)
    app.extensions["keys_checked_at"] = None
    add_check(app, "keystore", _require_keystore)
    if app.config["RATELIMIT_STORAGE_URI"] != "memory://":
        app.extensions["shared_limits_key"] = SharedLimitsKey(app.extensions["keystore"])
    app.register_blueprint(blueprint)
    app.register_blueprint(views_presence.blueprint)
    web.api.register_blueprint(months_api)
    app.cli.add_command(usage_cli)
    adjustments.init_app(app)
    ledger.init_app(app)
    figures.init_app(app)
    app.extensions.setdefault("after_upgrade", []).append(partitions.ahead)
    app.before_request(_destroy_due_keys)
    app.extensions.setdefault("site_panels", []).extend(
        (comments.site_panel, views_presence.site_panel, unguarded.site_panel)
    )
    # Inlined, so that the page is one request: the signal behind such doors is often poor.
    css, script = (Markup(_read(app, name)) for name in ("css/door.css", "js/door.js"))  # noqa: S704  own files
    app.context_processor(lambda: {"door_css": css, "door_js": script})
    with app.app_context():
        prepared.init_engine(db.engine)
        _destroy_at_start(app)


def _read(app: Flask, name: str) -> str:
    return (Path(app.static_folder or "") / name).read_text(encoding="utf-8")


def _destroy_at_start(app: Flask) -> None:
    """Keys only: the tables may not exist yet. The first request does the rest."""
    try:
        app.extensions["keystore"].destroy_expired(clock.now())
    except Unavailable:
        app.logger.warning("expired keys could not be destroyed at start: the key store cannot be reached")


def _destroy_due_keys() -> None:
    """Once a minute, on a request that only reads, so that the erasure is a transaction of its own."""
    now = clock.now()
    checked_at: datetime | None = current_app.extensions["keys_checked_at"]
    is_due = checked_at is None or not timedelta(0) <= now - checked_at < _CHECK_EVERY
    if request.method not in web.SAFE or not is_due:
        return
    current_app.extensions["keys_checked_at"] = now
    try:
        with unit_of_work():
            services.destroy_keys(current_app.extensions["keystore"], now, thorough=checked_at is None)
    except (Unavailable, SQLAlchemyError) as error:
        current_app.logger.warning("expired keys could not be destroyed now: %s", type(error).__name__)


def _require_keystore(at: datetime) -> None:
    """Destroying what is over is what every request may do, and it needs the store. Raises `Unavailable`."""
    current_app.extensions["keystore"].destroy_expired(at)
