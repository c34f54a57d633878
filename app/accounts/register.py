"""Puts accounts on the application: Flask-Security with this product's rules."""

import base64
import hashlib
from typing import Any

from flask import Flask, abort, redirect, request, session, url_for
from flask_login import user_logged_out
from flask_security import Security, user_authenticated
from flask_security import views as library
from flask_security.recovery_codes import mf_recovery
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import (
    events,
    second_factor,
    sessions,
    views_inbox,
    views_union,  # noqa: F401  its routes stand on the same blueprint
)
from app.accounts.cli import accounts_cli
from app.accounts.cli_notices import notices_cli
from app.accounts.forms import CodeForm, LogInForm, PasswordAgainForm, RecoveryForm, RescueForm, SetupForm
from app.accounts.limits import limited
from app.accounts.models import Role, User
from app.accounts.tokens import TOKEN_MAX_AGE, user_of_token
from app.accounts.totp import OneTimeCodes
from app.accounts.views import blueprint
from app.clock import now
from app.config import Settings
from app.db import db
from app.serving import TOKEN_HEADER, has_credentials, narrowed
from app.web import DISTRICT_UNION, EVERYONE, MUNICIPAL_UNION, PUBLIC, api, declare_endpoints

datastore = second_factor.Datastore(db, User, Role)
KEPT_AT_LOG_IN = {"_user_id", "_fresh", "_id", "fs_cc", "fs_paa", "identity.id", "tf_remember_login", sessions.KEY}
OPEN_ENDPOINTS = (
    "login", "mf_recovery", "tf_select", "two_factor_rescue", "two_factor_setup", "two_factor_token_validation",
)  # fmt: skip
OWN_ENDPOINTS = ("logout", "mf_recovery_codes", "two_factor_setup_validate", "verify")

LIMITED_VIEWS = {
    "security.login": limited(library.login),
    "security.two_factor_token_validation": limited(library.two_factor_token_validation),
    "security.mf_recovery": limited(mf_recovery),
    "security.verify": limited(library.verify),
}


def init_app(app: Flask) -> None:
    """Register log-in and its commands on `app`."""
    settings: Settings = app.extensions["settings"]
    app.config.update(_security_config(settings))
    security = Security(totp_cls=OneTimeCodes)
    forms: dict[str, Any] = {
        "login_form": LogInForm, "verify_form": PasswordAgainForm, "two_factor_verify_code_form": CodeForm,
        "two_factor_setup_form": SetupForm, "two_factor_rescue_form": RescueForm, "mf_recovery_form": RecoveryForm,
    }  # fmt: skip
    narrowed(app, has_credentials, lambda _app: security.init_app(app, datastore, **forms))
    security.want_json(lambda _request: False)
    security.login_manager.user_loader(sessions.user_of_session)
    security.login_manager.request_loader(user_of_token)
    app.view_functions.update(LIMITED_VIEWS)
    app.view_functions["security.two_factor_setup_validate"] = second_factor.confirm_setup
    second_factor.init_app(app)
    for unused in ("two_factor_rescue", "tf_select"):
        app.view_functions[f"security.{unused}"] = _to_recovery
    app.before_request_funcs.setdefault("security", []).append(_refuse_json_log_in)
    user_authenticated.connect(_begin_session, app)
    user_logged_out.connect(_end_session, app)
    declare_endpoints(app, frozenset({PUBLIC}), *(f"security.{name}" for name in OPEN_ENDPOINTS))
    declare_endpoints(app, frozenset(EVERYONE), *(f"security.{name}" for name in OWN_ENDPOINTS))
    declare_endpoints(app, frozenset({PUBLIC}), "api-docs.openapi_json")
    app.register_blueprint(blueprint)
    views_inbox.init_app(app)
    app.cli.add_command(accounts_cli)
    app.cli.add_command(notices_cli)
    said = "Made by `flask accounts token USERNAME` or on the page /manage/account"
    api.spec.components.security_scheme(
        "token", {"type": "apiKey", "in": "header", "name": TOKEN_HEADER, "description": said}
    )


def _security_config(settings: Settings) -> dict[str, Any]:
    key = hashlib.sha256(b"recovery codes" + settings.totp_secret.encode()).digest()
    needed = {DISTRICT_UNION, MUNICIPAL_UNION} if settings.mode == "production" else set()
    cheap = {"argon2__rounds": 1, "argon2__memory_cost": 64, "argon2__parallelism": 1}
    return {
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": cheap if settings.mode == "test" else {},
        "TWO_FACTOR_ROLES": frozenset(needed),
        "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"username": {"mapper": str}}],
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_FLASH_MESSAGES": False,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_TOKEN_MAX_AGE": TOKEN_MAX_AGE,
        "SECURITY_POST_LOGIN_VIEW": "/manage/",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/manage/",
        "SECURITY_TOTP_ISSUER": (settings.network_name or "Xiaowu").replace(":", " "),
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": 8,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [base64.urlsafe_b64encode(key)],
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
    }


def _begin_session(_app: Flask, user: User, **_extra: object) -> None:
    """A complete log-in starts a session of its own: nothing from before it stays, the form token included."""
    at = now()
    user.failed_logins, user.locked_until = 0, None
    for key in set(session) - KEPT_AT_LOG_IN:
        session.pop(key)
    sessions.begin(user, at)
    events.record("log_in", user, at)
    events.forget_old(at)


def _end_session(_app: Flask, user: User, **_extra: object) -> None:
    sessions.end()
    if user.is_authenticated:
        events.record("log_out", user, now())


def _refuse_json_log_in() -> None:
    """The library's own JSON answers are not part of this product's API."""
    if request.is_json:
        abort(415)


def _to_recovery() -> BaseResponse:
    """Losing the telephone has one way out, the recovery codes; the library's others need e-mail."""
    return redirect(url_for("security.mf_recovery"))
