"""What every page and every API answer shares: who may use a route, errors, language, headers, the caller's address."""

import hmac
import secrets
import time
from collections.abc import Callable
from http import HTTPStatus
from math import ceil
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Flask, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel, gettext
from flask_limiter import Limiter
from flask_login import current_user
from flask_smorest import Api
from flask_wtf.csrf import CSRFError, CSRFProtect
from marshmallow import Schema, fields
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

import app.limitsmemory  # noqa: F401  what memory:// means to the limiter
from app import headers, origins, serving
from app.config import Settings
from app.errors import N_, DomainError, Forbidden, NotFound, Unauthenticated, status_of
from app.headers import csp_nonce
from app.serving import is_unsafe, narrowed

PUBLIC = "public"
SITE_MANAGER = "site_manager"
UNIT_UNION = "unit_union"
DISTRICT_UNION = "district_union"
MUNICIPAL_UNION = "municipal_union"
UNIONS = (UNIT_UNION, DISTRICT_UNION, MUNICIPAL_UNION)
ROLES = (SITE_MANAGER, *UNIONS)
ASSESSOR = "assessor"
EVERYONE = (ASSESSOR, *ROLES)
"""All roles. An assessor is invited to single cases and sees nothing else: `ROLES` are those who see sites."""
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
SAFE = serving.SAFE
HTTP_MESSAGES = {
    400: N_("This request cannot be understood"),
    401: N_("Please log in first"),
    403: N_("Your account may not do this"),
    404: N_("There is no such page"),
    405: N_("This address does not take that kind of request"),
    413: N_("This file is too large"),
    415: N_("This kind of content is not accepted"),
    429: N_("Too many requests; please wait a moment"),
    500: N_("Something went wrong on our side"),
    503: N_("The service is busy; please try again in a moment"),
}
TOO_LATE = "form_expired"

View = TypeVar("View", bound=Callable[..., Any])
csrf = CSRFProtect()
babel = Babel()


class DatabaseId(IntegerConverter):
    """``<int:…>`` in a route: what fits the databases' integer columns; anything larger is no such page."""

    def __init__(self, url_map: Map, fixed_digits: int = 0, min: int = 1, max: int = 2**31 - 1) -> None:  # noqa: A002
        super().__init__(url_map, fixed_digits=fixed_digits, min=min, max=max)


_SAID: dict[str, fields.Field[Any]] = {
    "status": fields.Integer(required=True, metadata={"description": "The HTTP status"}),
    "code": fields.String(required=True, metadata={"description": "For programs: never translated"}),
    "message": fields.String(required=True, metadata={"description": "For people, in the language asked for"}),
    "fields": fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "What is wrong with each parameter, by its name"},
    ),
}
ErrorShape = Schema.from_dict(
    {"error": fields.Nested(Schema.from_dict(_SAID, name="ErrorDetails"), required=True)}, name="Error"
)
"""`error_body`, for the API's description."""


class OneShapeApi(Api):  # type: ignore[misc]
    """flask-smorest's API with this product's error shape instead of its own."""

    ERROR_SCHEMA = ErrorShape

    def handle_http_exception(self, error: HTTPException) -> ResponseReturnValue:
        """Every HTTP error of the whole application comes through here."""
        return answer_http_error(error)


api = OneShapeApi()


def access(*roles: str) -> Callable[[View], View]:
    """Declare who may use a view: `PUBLIC`, or the roles. A route without a declaration stops the start."""

    def declare(view: View) -> View:
        view.access = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return declare


def declared_access(app: Flask, endpoint: str) -> frozenset[str] | None:
    """Who may use `endpoint`, or None when nobody has said."""
    by_table: frozenset[str] | None = app.extensions["route_access"].get(endpoint)
    by_view: frozenset[str] | None = getattr(app.view_functions[endpoint], "access", None)
    return by_table if by_table is not None else by_view


def declare_endpoints(app: Flask, roles: frozenset[str], *endpoints: str) -> None:
    """Declare access for routes that a library brings along."""
    app.extensions["route_access"].update(dict.fromkeys(endpoints, roles))


def client_address() -> str:
    """The caller's IP address as far as the exact number of trusted proxies vouches for it. Never stored or logged."""
    return request.remote_addr or ""


def limits_key() -> bytes:
    """Hides addresses from the limits' store: of this process group, or of today and all nodes that share the store."""
    shared: Callable[[], bytes] | None = current_app.extensions.get("shared_limits_key")
    own: bytes = current_app.extensions["limiter_key"]
    return shared() if shared else own


def limiter_key() -> str:
    """The caller's address under a key that nobody keeps: the limiter's store never holds an address."""
    return hmac.digest(limits_key(), client_address().encode(), "sha256").hex()[:24]


limiter = Limiter(key_func=limiter_key, swallow_errors=True, in_memory_fallback_enabled=True)


def select_locale() -> str:
    """``?lang=`` first, then the browser's wish; Chinese when neither says English."""
    wish = request.args.get("lang", "")
    if wish in LOCALES:
        return LOCALES[wish]
    best = request.accept_languages.best_match(
        ["zh", "zh-CN", "zh-Hans", "zh-TW", "zh-HK", "en", "en-US", "en-GB"], "zh"
    )
    return LOCALES["en" if best.startswith("en") else "zh"]


def is_api_request() -> bool:
    """Whether the caller wants JSON: an API path, or an Accept header that prefers it."""
    if request.path.startswith("/api/"):
        return True
    accept = request.accept_mimetypes
    return accept["application/json"] > accept["text/html"]


def error_body(status: int, code: str, message: str, fields: dict[str, str] | None = None) -> dict[str, Any]:
    """The one JSON error shape."""
    return {"error": {"status": status, "code": code, "message": message, "fields": fields or {}}}


def _answer(status: int, code: str, message: str, fields: dict[str, str] | None = None) -> ResponseReturnValue:
    if is_api_request():
        return jsonify(error_body(status, code, message, fields)), status
    kept = origins.kept_form() if code in (Unauthenticated.code, TOO_LATE) else []
    page = render_template("error.html", status=status, code=code, message=message, fields=fields or {}, kept=kept)
    return page, status


def answer_domain_error(error: DomainError) -> ResponseReturnValue:
    """Translate a domain error; someone who only has to log in is sent there."""
    if isinstance(error, Unauthenticated) and not is_api_request() and request.method == "GET":
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")))
    fields = {name: gettext(text, **error.params) for name, text in error.fields.items()}
    return _answer(status_of(error), error.code, gettext(error.message, **error.params), fields)


def answer_http_error(error: HTTPException) -> ResponseReturnValue:
    """Werkzeug's and webargs' errors in the one shape; a redirect stays what it is."""
    if error.response is not None or error.code is None or error.code < 400:
        return error
    data = getattr(error, "data", None) or {}
    fields = dict(_flat(data.get("messages", {})))
    status = HTTPStatus(error.code)
    message = gettext("Some values are wrong") if fields else gettext(HTTP_MESSAGES.get(error.code, status.phrase))
    response = current_app.make_response(_answer(error.code, status.name.lower(), message, fields))
    response.headers.update({**dict(getattr(error, "headers", None) or {}), **(data.get("headers") or {})})
    if retry := getattr(error, "retry_after", None) or _seconds_to_wait():
        response.headers["Retry-After"] = str(retry)
    if error.code == 405:
        response.headers.update({name: text for name, text in error.get_headers(request.environ) if name == "Allow"})
    return response


def _seconds_to_wait() -> int | None:
    """How long a limit that this request broke still holds."""
    limit = limiter.current_limit
    return max(1, ceil(limit.window.reset_time - time.time())) if limit and limit.breached else None


def _flat(messages: Any) -> list[tuple[str, str]]:
    """Marshmallow's nested messages, ``{"query": {"lat": ["…"]}}``, as (field, sentence) pairs."""
    if not isinstance(messages, dict):
        return []
    pairs: list[tuple[str, str]] = []
    for name, below in messages.items():
        if isinstance(below, dict):
            pairs += [
                (field if name in ("query", "json", "form") else f"{name}.{field}", said)
                for field, said in _flat(below)
            ]
        else:
            pairs.append((str(name), " ".join(map(str, below)) if isinstance(below, list) else str(below)))
    return pairs


def _guard() -> ResponseReturnValue | None:
    """Refuse a foreign origin, then let in only whom the route's declaration names."""
    if "\0" in request.path:  # PostgreSQL takes none in a text
        raise NotFound(HTTP_MESSAGES[404])
    if request.method not in SAFE:
        origins.refuse_foreign_origin()
    if request.endpoint is None:
        return None
    allowed = declared_access(current_app, request.endpoint)
    if allowed is None or PUBLIC in allowed:
        return None
    if not current_user.is_authenticated:
        raise Unauthenticated("Please log in first")
    if current_user.role not in allowed:
        raise Forbidden("Your account may not do this")
    return None


def _keep_language(endpoint: str, values: dict[str, Any]) -> None:
    """A language chosen by link stays chosen on every link of that page, without a cookie; a file names its version."""
    if endpoint == "static":
        values["v"] = _version_of(values.get("filename", ""))
    elif request and request.args.get("lang") in LOCALES:
        values.setdefault("lang", request.args["lang"])


def _version_of(filename: str) -> str | None:
    """When the file changed, in hexadecimal: phones keep a file for a year and still get a new one at once."""
    path = Path(current_app.static_folder or "") / filename
    return f"{path.stat().st_mtime_ns // 10**6:x}" if path.is_file() else None


def other_language(args: MultiDict[str, str], locale: str) -> str:
    """This page's query string with the other language chosen."""
    wanted = {**args.to_dict(flat=False), "lang": "zh" if locale == "en" else "en"}
    return urlencode(wanted, doseq=True)


def init_app(app: Flask, settings: Settings) -> None:
    """Install everything above on `app`."""
    app.url_map.converters["int"] = DatabaseId
    app.extensions["route_access"] = {"static": frozenset({PUBLIC})}
    app.extensions["limiter_key"] = secrets.token_bytes(32)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    babel.init_app(app, locale_selector=select_locale)
    narrowed(app, is_unsafe, csrf.init_app)
    narrowed(app, None, limiter.init_app)  # each limit stands on a view, and the view asks for it
    app.before_request(_guard)
    headers.init_app(app, settings)
    app.url_defaults(_keep_language)
    app.register_error_handler(DomainError, answer_domain_error)
    app.register_error_handler(CSRFError, _answer_csrf_error)
    app.jinja_env.filters["other_language"] = other_language
    app.context_processor(lambda: {"csp_nonce": csp_nonce, "settings": settings, "locale": select_locale()})


def _answer_csrf_error(_error: CSRFError) -> ResponseReturnValue:
    return _answer(403, TOO_LATE, gettext("This page had been open for too long; go back, reload it and try again"))


def check_every_route_declares_access(app: Flask) -> None:
    """Raise RuntimeError naming the routes about which nobody has said who may use them."""
    silent = sorted(rule.rule for rule in app.url_map.iter_rules() if declared_access(app, rule.endpoint) is None)
    if silent:
        raise RuntimeError(f"routes without declared access: {', '.join(silent)}")
