"""Xiaowu (小屋): `create_app` puts the application together."""

from pathlib import Path

import orjson
from flask import Flask
from flask.json.provider import JSONProvider
from redis.backoff import NoBackoff
from redis.retry import Retry

from app import db, outages, replica, web
from app.accounts import register as accounts
from app.anomalies import register as anomalies
from app.attachments import register as attachments
from app.care import register as care
from app.clock import Clock, system_clock
from app.config import Settings
from app.demo import register as demo
from app.documents import register as documents
from app.finder import register as finder
from app.maintenance import register as maintenance
from app.migrate import migrations_cli
from app.operating import register as operating
from app.programme import register as programme
from app.registers import register as registers
from app.reports import register as reports
from app.serving import Application
from app.sites import register as sites
from app.usage import register as usage

ROOT = Path(__file__).resolve().parent.parent
_STORE_OPTIONS = {"socket_timeout": 1, "socket_connect_timeout": 1, "retry": Retry(NoBackoff(), 1)}
"""Nobody waits while the limits' store is away: each process counts by itself then."""


class OrjsonProvider(JSONProvider):
    """JSON through orjson: dates as ISO 8601, keys in the order given."""

    def dumps(self, obj: object, **_kwargs: object) -> str:
        """Serialise `obj`."""
        return orjson.dumps(obj, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z).decode()

    def loads(self, s: str | bytes, **_kwargs: object) -> object:
        """Parse `s`."""
        return orjson.loads(s)


def create_app(settings: Settings, clock: Clock = system_clock) -> Flask:
    """The WSGI application for `settings`. Raises RuntimeError when a route does not declare who may use it."""
    app = Application(__name__, static_folder=str(ROOT / "static"))
    app.json = OrjsonProvider(app)
    app.extensions |= {"settings": settings, "clock": clock}
    app.config.update(_flask_config(settings))
    operating.init_app(app)
    replica.init_app(app)
    db.init_app(app, settings)
    web.init_app(app, settings)
    web.api.init_app(app)
    outages.init_app(app)
    for feature in (
        accounts, attachments, sites, usage, finder, reports, registers, care, anomalies, programme, documents,
        maintenance, demo,
    ):  # fmt: skip
        feature.init_app(app)
    app.cli.add_command(migrations_cli)
    outages.tell_commands(app)
    web.check_every_route_declares_access(app)
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    shared_store = settings.keystore_url.startswith(("redis", "unix"))
    return {
        "SECRET_KEY": settings.secret_key,
        "SESSION_COOKIE_SECURE": settings.is_secure,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": settings.upload_limit_bytes,
        "WTF_CSRF_TIME_LIMIT": 12 * 3600,
        "WTF_CSRF_SSL_STRICT": False,  # web.py checks the origin itself, and lets browsers hide the referrer
        "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "API_TITLE": "Xiaowu",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/api/v1",
        "OPENAPI_JSON_PATH": "openapi.json",
        "RATELIMIT_STORAGE_URI": settings.keystore_url if shared_store else "memory://",
        "RATELIMIT_STORAGE_OPTIONS": _STORE_OPTIONS if shared_store else {},
        "RATELIMIT_HEADERS_ENABLED": False,
        "SECURITY_PASSWORD_SALT": settings.password_salt,
        "SECURITY_TOTP_SECRETS": {"1": settings.totp_secret},
        "TESTING": settings.mode == "test",
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
    }
