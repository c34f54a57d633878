"""What machines ask: is the process alive, is the service ready, how is it. Without a cookie, a limit or a log-in."""

import hmac
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.config import Settings
from app.errors import DomainError
from app.operating import hooks
from app.web import PUBLIC, access, limiter

LOG = logging.getLogger(__name__)
PLAIN = {"Cache-Control": "no-store", "Content-Type": "text/plain; charset=utf-8"}
blueprint = Blueprint("operating", __name__)
limiter.exempt(blueprint)


@blueprint.get("/healthz")
@access(PUBLIC)
def alive() -> Response:
    """Whether this process answers. Touches nothing, so it says yes while the database is away: the finder goes on."""
    return Response("ok\n", headers=PLAIN)


@blueprint.get("/readyz")
@access(PUBLIC)
def ready() -> tuple[Response, int]:
    """Whether everything is there that a scan needs: 200, or 503 with the parts that are missing."""
    at = clock.now()
    checks: Mapping[str, hooks.Check] = current_app.extensions["readiness"]
    parts = {part: _state(part, check, at) for part, check in checks.items()}
    is_ready = set(parts.values()) == {"ok"}
    answer = jsonify({"is_ready": is_ready, "parts": parts})
    answer.headers["Cache-Control"] = "no-store"
    return answer, 200 if is_ready else 503


def _state(part: str, check: hooks.Check, at: datetime) -> str:
    try:
        check(at)
    except (SQLAlchemyError, DomainError, OSError) as error:
        # The message of a driver may hold values; its class says enough.
        LOG.warning("Not ready: %s: %s", part, type(error).__name__)
        return "missing"
    return "ok"


@access(PUBLIC)
def metrics() -> Response:
    """Metrics for whoever has the token; anybody else is told nothing about them."""
    from app.operating.metrics import page  # noqa: PLC0415  loaded only where metrics are on

    settings: Settings = current_app.extensions["settings"]
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {settings.metrics_token}".encode()):
        return Response("Authorization: Bearer is missing or wrong\n", 401, PLAIN | {"WWW-Authenticate": "Bearer"})
    return Response(page(clock.now()), headers=PLAIN)


def answer_at_once() -> Any:
    """What is asked about the process is answered before anything else looks at the request."""
    endpoint = request.endpoint or ""
    return current_app.view_functions[endpoint]() if endpoint.startswith("operating.") else None
