"""Puts accounts on the application: Flask-Security with this product's rules."""

from flask import Flask
from flask_security import FSQLALiteUserDatastore, Security

from app.accounts.models import Role, User
from app.db import db
from app.web import PUBLIC, ROLES, declare_endpoints

datastore = FSQLALiteUserDatastore(db, User, Role)
security = Security()


def init_app(app: Flask) -> None:
    """Register log-in and its commands on `app`."""
    app.config.update(
        SECURITY_USERNAME_ENABLE=True,
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"username": {"mapper": lambda text: text.strip()[:64]}}],
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106  the name of an algorithm
        SECURITY_POST_LOGIN_VIEW="/manage/",
        SECURITY_POST_LOGOUT_VIEW="/",
    )
    security.init_app(app, datastore, register_blueprint=True)
    own = [rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("security.")]
    declare_endpoints(app, frozenset({PUBLIC}), *own)
    declare_endpoints(app, frozenset({PUBLIC}), "api-docs.openapi_json")
    declare_endpoints(app, frozenset(ROLES), "security.logout")
