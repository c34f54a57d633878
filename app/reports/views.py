"""What anybody can say about a site, at its door or in the finder: one tap, and a word if she likes. No account, no
cookie: the form carries a stateless token."""

import hmac
from contextlib import suppress
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app import clock, web
from app.db import db
from app.errors import N_, Conflict, DomainError, Forbidden, Invalid, Unavailable, status_of
from app.months import local_date
from app.reports import queries, services
from app.reports.models import PublicReport
from app.reports.services import KINDS, NOTE_LIMIT, Sender
from app.sites.models import Site
from app.usage import pseudonyms, tokens
from app.usage.tokens import TokenState
from app.web import PUBLIC, access, limiter

blueprint = Blueprint("report", __name__)
web.csrf.exempt(blueprint)  # its forms carry a stateless token instead, because a session would need a cookie
NEARBY = 3
USUAL_DAYS = 7
"""How long there is to look into a report where no rulebook in force says so."""
_FORGED = N_("This form did not come from this page; please open the page again")
_EXPIRED = N_("This page had been open for a long time; please tap once more")


def _device() -> str:
    """Network and device under a key that nobody keeps: what the limits count by."""
    seen = f"report\n{web.client_address()}\n{request.headers.get('User-Agent', '')}"
    return hmac.new(web.limits_key(), seen.encode(), "sha256").hexdigest()[:24]


def _limits(view: Any) -> Any:
    """10 reports a minute and 40 a day from one kind of device behind one address; 120 an hour from the address."""
    few = limiter.limit("10/minute;40/day", key_func=_device, methods=["POST"])
    return few(limiter.limit("120/hour", methods=["POST"])(view))


@blueprint.route("/s/<int:site_id>/report", methods=["GET", "POST"])
@access(PUBLIC)
@_limits
def from_finder(site_id: int) -> ResponseReturnValue:
    """The form that a site's public page leads to. Raises NotFound for a site that is not published."""
    return _serve(queries.published_site(site_id), "finder", url_for("report.from_finder", site_id=site_id))


@blueprint.route("/r/<code>/report", methods=["GET", "POST"])
@access(PUBLIC)
@_limits
def from_door(code: str) -> ResponseReturnValue:
    """The form that the page behind a door code leads to. Raises NotFound for an unknown code or a closed site."""
    return _serve(queries.site_behind(code), "door", url_for("report.from_door", code=code))


def _serve(site: Site, source: str, here: str) -> ResponseReturnValue:
    now = clock.now()
    if request.method == "GET":
        made, is_fresh = _just_made(site, request.args.get("done", ""), now)
        return _thanks(site, here, made, may_add=is_fresh) if made else _form(site, here, now)
    try:
        return _add_note(site, here, now) if "done" in request.form else _take(site, source, here, now)
    except Invalid as error:
        return _form(site, here, now, error)


def _take(site: Site, source: str, here: str, now: datetime) -> ResponseReturnValue:
    state = tokens.check(_secret(), f"report/{site.id}", request.form.get("token", ""), now)
    if state is TokenState.FORGED:
        raise Forbidden(_FORGED)
    if state is TokenState.EXPIRED:
        return _form(site, here, now, Forbidden(_EXPIRED))
    made = services.report(
        site, request.form.get("kind", ""), source, note=request.form.get("note", ""), sender=_sender(site, now),
        days=_days(site, now), now=now,
    )  # fmt: skip
    token = tokens.issue(_secret(), f"report/{site.id}/{made.id}", now)
    return _see_other(here, f"{made.id}.{token}")


def _add_note(site: Site, here: str, now: datetime) -> ResponseReturnValue:
    made, is_fresh = _just_made(site, request.form["done"], now)
    if made is None or not is_fresh:
        raise Forbidden(_FORGED)
    with suppress(Conflict):
        try:
            services.add_note(made, request.form.get("note", ""))
        except Invalid as error:
            return _thanks(site, here, made, error, may_add=True)
    return _see_other(here, request.form["done"])


def _just_made(site: Site, done: str, now: datetime) -> tuple[PublicReport | None, bool]:
    """The report that `done`, ``ID.TOKEN``, was issued for, and whether lately. Only who has sent it has that."""
    number, _, token = done.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None, False
    state = tokens.check(_secret(), f"report/{site.id}/{int(number)}", token, now)
    if state is TokenState.FORGED:
        return None, False
    return db.session.get(PublicReport, int(number)), state is TokenState.VALID


def _sender(site: Site, now: datetime) -> Sender | None:
    """None while the keys cannot be reached: the report is taken in and vouches for nobody's independence."""
    day = pseudonyms.key_day(now)
    try:
        expires_at = pseudonyms.day_key_expires_at(day)
        key: bytes = current_app.extensions["keystore"].key(f"day:{day}", now=now, expires_at=expires_at)
    except Unavailable:
        return None
    agent = request.headers.get("User-Agent", "")
    return Sender(pseudonyms.report_pseudonym(key, site.id, web.client_address(), agent), day.isoformat())


def _days(site: Site, now: datetime) -> int:
    today = local_date(now)
    try:
        days: int = current_app.extensions["rulebook_of"](site, today).deadline_days("report", today)
    except (Invalid, KeyError):
        return USUAL_DAYS
    return days


def _form(site: Site, here: str, now: datetime, error: DomainError | None = None) -> Response:
    token = tokens.issue(_secret(), f"report/{site.id}", now)
    return _page("form", error, site=site, here=here, token=token, kinds=KINDS, said=request.form.get("note", ""))


def _thanks(site: Site, here: str, made: PublicReport, error: DomainError | None = None, *, may_add: bool) -> Response:
    find = current_app.extensions.get("nearby_sites")
    nearby = find(site.id, NEARBY) if find and made.kind in ("locked", "gone", "misused") else []
    return _page(
        "thanks", error, site=site, here=here, made=made, done=request.values["done"], nearby=nearby,
        may_add=may_add and not made.note and made.state == queries.OPEN, said=request.form.get("note", ""),
    )  # fmt: skip


def _page(name: str, error: DomainError | None, **values: Any) -> Response:
    problem = gettext(error.message, **error.params) if error else ""
    page = render_template(f"reports/{name}.html", limit=NOTE_LIMIT, problem=problem, **values)
    answer = make_response(page, status_of(error) if error else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _see_other(here: str, done: str) -> ResponseReturnValue:
    joint = "&" if "?" in here else "?"
    answer = redirect(f"{here}{joint}done={done}", 303)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _secret() -> str:
    secret: str = current_app.extensions["settings"].secret_key
    return secret
