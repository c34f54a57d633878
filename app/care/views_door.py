"""The page behind a child's card: a GET shows, a POST records; no account, no cookie, no name."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock, web
from app.care import attendance
from app.care.attendance import ARRIVED, LEFT, Card
from app.config import Settings
from app.errors import N_, Forbidden, Gone, NotFound
from app.months import local_date
from app.sites.door_codes import fold_code
from app.usage import tokens
from app.usage.tokens import TokenState
from app.web import PUBLIC, access, limiter

blueprint = Blueprint("card", __name__)
web.csrf.exempt(blueprint)  # its form carries a stateless token instead, because a session would need a cookie
JUST_ARRIVED = timedelta(minutes=10)
"""So long after coming, leaving is not what a second scan means."""


def _limited(view: Any) -> Any:
    """A whole school's worth of children may come through one address within minutes; guessing codes may not."""
    return limiter.limit("600/minute")(view)


@blueprint.get("/c/<child_code>")
@access(PUBLIC)
@_limited
def card(child_code: str) -> ResponseReturnValue:
    """What the card opens: the label, the times of today, one button. Records nothing."""
    found = _card(child_code)
    if found is None:
        return _page("unknown", None, 404)
    if found.child.code != child_code:
        return redirect(url_for("card.card", child_code=found.child.code), 301)
    return _card_page(found, clock.now())


@blueprint.post("/c/<child_code>")
@access(PUBLIC)
@_limited
def tap(child_code: str) -> ResponseReturnValue:
    """Record coming or leaving, then show it (303). A tap that comes twice changes nothing."""
    found, now = _card(child_code), clock.now()
    if found is None:
        raise NotFound(N_("There is no such card"))
    state = tokens.check(_secret(), _subject(found), request.form.get("token", ""), now)
    if state is TokenState.FORGED:
        raise Forbidden(N_("This form did not come from this page; please scan the code again"))
    if state is TokenState.EXPIRED:
        return _card_page(found, now, 403)
    try:
        attendance.record_at_door(found, request.form.get("act", ""), now)
    except Gone:
        return _page("unused", found, 410)
    return redirect(url_for("card.card", child_code=found.child.code), 303)


def _card(typed: str) -> Card | None:
    code = fold_code(typed)
    return None if code is None else attendance.card_of(code)


def _card_page(found: Card, now: datetime, status: int = 200) -> Response:
    if not found.is_valid(now):
        return _page("unused", found, 410)
    entry = attendance.attendance_on(found.child, local_date(now))
    arrived_at, left_at = (entry.arrived_at, entry.left_at) if entry else (None, None)
    act = None if left_at else LEFT if entry else ARRIVED
    is_fresh = arrived_at is not None and now - arrived_at < JUST_ARRIVED
    token = tokens.issue(_secret(), _subject(found), now)
    return _page(
        "card", found, status, arrived_at=arrived_at, left_at=left_at, act=act, is_fresh=is_fresh, token=token,
        is_here=entry is not None, code=found.child.code,
    )  # fmt: skip


def _page(state: str, found: Card | None, status: int, **values: object) -> Response:
    synthetic = {"is_synthetic": True} if found and found.site.is_synthetic else None
    label = found.child.label if found and state == "card" else ""
    answer = make_response(
        render_template("care/card.html", state=state, label=label, site=synthetic, **values), status
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _subject(found: Card) -> str:
    return f"c/{found.child.code}"


def _secret() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.secret_key
