"""The pages behind the code on the door: one tap logs a use, one more rates it. A GET never counts (decision 1)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from markupsafe import Markup

from app import clock, web
from app.config import Settings
from app.errors import N_, Conflict, Forbidden, Invalid, NotFound, status_of
from app.months import Month
from app.outages import limiter_is_away
from app.sites.door_codes import fold_code
from app.usage import doors, forms, pseudonyms, queries, services, tokens, unguarded
from app.usage.limits import limited
from app.usage.prepared_page import is_visitor, page_for_visit
from app.usage.presence import LONGEST_SAID
from app.usage.queries import SiteAtDoor, Use
from app.usage.services import NO_SUCH_CODE, KeyReused, NoSuchDoor, Tap, Visitor
from app.usage.services_presence import asked, prove
from app.usage.tokens import TokenState
from app.web import PUBLIC, access

blueprint = Blueprint("door", __name__)
web.csrf.exempt(blueprint)  # its forms carry a stateless token instead, because a session would need a cookie

COOKIE = "door"
NEARBY = 3
_FORGED = N_("This form did not come from this page; please scan the code again")
_EXPIRED = N_("This page had been open for a long time; please tap once more")


@blueprint.get("/r/<code>")
@access(PUBLIC)
@limited
def door(code: str) -> ResponseReturnValue:
    """The page that the poster's code opens. Counts nothing and sets no cookie."""
    now, canonical = clock.now(), fold_code(code)
    site = None if canonical is None else queries.site_seen_at_door(canonical)
    if site is not None and site.code != code:
        return redirect(url_for("door.door", code=site.code), 301)
    state, status = _state(site, now)
    if site is None or state != "open":
        staff = _staff(site) if site else None
        return _page("unavailable", status, site=site, state=state, nearby=_nearby(site), staff=staff)
    return page_for_visit(site, doors.issue(_secret(), site, now), now) or _door_page(site, now)


@blueprint.post("/r/<code>")
@access(PUBLIC)
@limited
def tap(code: str) -> ResponseReturnValue:
    """The tap: logs the use, then shows its receipt (303), or answers 201 with its address to a script."""
    now = clock.now()
    canonical = fold_code(code)
    if canonical is None:
        return _unknown_code()
    state, at = doors.door_of(_secret(), canonical, request.form.get("token", ""), now)
    if at is None:
        return _unknown_code()
    form = forms.tap_from(request.form)
    if state is TokenState.FORGED:
        raise Forbidden(_FORGED)
    if state is TokenState.EXPIRED:
        return _expired_tap(at.code, form, now)
    visitor = _visitor()
    try:
        usage_id = services.log_use(at, form, visitor, current_app.extensions["keystore"], now)
    except KeyReused as error:
        if web.is_api_request():
            raise
        return _page("unavailable", 422, site=_site(code), state="recorded", usage_id=error.usage_id, nearby=[])
    except NoSuchDoor:  # the code has gone since, or is on another door
        return _expired_tap(at.code, form, now)
    if limiter_is_away():
        unguarded.note(at.site_id, now)
    target = url_for("door.receipt", code=at.code, usage_id=usage_id)
    answer = make_response((jsonify(receipt_url=target), 201) if web.is_api_request() else redirect(target, 303))
    answer.headers["Cache-Control"] = "no-store"
    _set_cookie(answer, at.code, visitor.token, now)
    return answer


@blueprint.get("/r/<code>/u/<uuid:usage_id>")
@access(PUBLIC)
@limited
def receipt(code: str, usage_id: UUID) -> ResponseReturnValue:
    """Thanks, and five steps to rate by. Whoever has its address may rate: only the phone that tapped has it."""
    site, use = _use(code, usage_id)
    return _receipt_page(site, use, clock.now())


@blueprint.get("/r/<code>/u/<uuid:usage_id>/rating")
@blueprint.get("/r/<code>/u/<uuid:usage_id>/presence")
@access(PUBLIC)
def back(code: str, usage_id: UUID) -> ResponseReturnValue:
    """To the receipt: a form that came back with a hint has this address, to reload or to read in another language."""
    return redirect(url_for("door.receipt", code=code, usage_id=usage_id))


@blueprint.post("/r/<code>/u/<uuid:usage_id>/rating")
@access(PUBLIC)
@limited
def rating(code: str, usage_id: UUID) -> ResponseReturnValue:
    """Rate the use, or change the rating for 24 hours; back to the receipt (303), or 200 to a script."""
    now = clock.now()
    site, use = _use(code, usage_id)
    expired = _receipt_form(site, use, now)
    if expired is not None:
        return expired
    step, said = forms.rating_from(request.form)
    services.rate(site, use, step, said, now)
    if web.is_api_request():
        return jsonify(step=step)
    place = "more" if said else None
    return redirect(url_for("door.receipt", code=site.code, usage_id=usage_id, _anchor=place), 303)


@blueprint.post("/r/<code>/u/<uuid:usage_id>/presence")
@access(PUBLIC)
@limited
def presence(code: str, usage_id: UUID) -> ResponseReturnValue:
    """Add the room's word, or the number on its tablet; back to the receipt (303), or 200 to a script."""
    now = clock.now()
    site, use = _use(code, usage_id)
    expired = _receipt_form(site, use, now)
    if expired is not None:
        return expired
    said = request.form.get("said", "")
    try:
        method = prove(site, use, said, now)
    except (Invalid, Conflict) as error:
        if web.is_api_request():
            raise
        return _receipt_page(site, use, now, status_of(error), problem=gettext(error.message), said=said[:LONGEST_SAID])
    if web.is_api_request():
        return jsonify(method=method)
    return redirect(url_for("door.receipt", code=site.code, usage_id=usage_id, _anchor="inside"), 303)


def _receipt_form(site: SiteAtDoor, use: Use, now: datetime) -> ResponseReturnValue | None:
    """The answer to a form of the receipt that is too old; None when it may be read. Raises `Forbidden`."""
    state = tokens.check(_secret(), _subject(site, use), request.form.get("token", ""), now)
    if state is TokenState.FORGED:
        raise Forbidden(_FORGED)
    if state is TokenState.EXPIRED:
        fresh = tokens.issue(_secret(), _subject(site, use), now)
        return _expired(fresh, lambda: _receipt_page(site, use, now, 403))
    return None


@blueprint.get("/privacy")
@access(PUBLIC)
def privacy() -> ResponseReturnValue:
    """What is stored about a use, on one screen; from a door (``?code=``) with the way back to it, and the way out.

    Who comes from a receipt (also ``?use=``) has registered: her way back is the receipt; there is nothing to leave.
    """
    code, usage_id = fold_code(request.args.get("code", "")), request.args.get("use", type=UUID)
    return _page("privacy", 200, cache="no-cache", code=code, usage_id=usage_id if code else None)


def _site(code: str) -> SiteAtDoor | None:
    canonical = fold_code(code)
    return None if canonical is None else queries.site_at_door(canonical)


def _state(site: SiteAtDoor | None, now: datetime) -> tuple[str, int]:
    if site is None:
        return "unknown", 404
    if site.is_closed_at(now):
        return ("preparing", 200) if site.status == "preparing" else ("closed", 410)
    if site.is_suspended_at(now):
        return "suspended", 200
    return ("revoked", 410) if site.is_revoked_at(now) else ("open", 200)


def _unknown_code() -> ResponseReturnValue:
    if web.is_api_request():
        raise NotFound(NO_SUCH_CODE)
    return _page("unavailable", 404, site=None, state="unknown", nearby=_nearby(None))


def _use(code: str, usage_id: UUID) -> tuple[SiteAtDoor, Use]:
    site = _site(code)
    use = None if site is None else queries.use_by_id(site.site_id, usage_id)
    if site is None or use is None:
        raise NotFound(N_("There is no such receipt; records are erased some weeks after their month has closed"))
    return site, use


def _secret() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.secret_key


def _subject(site: SiteAtDoor, use: Use) -> str:
    return f"{site.code}/{use.id}"


def _visitor() -> Visitor:
    sent = request.cookies.get(COOKIE, "")
    is_new = not pseudonyms.is_token(sent)
    token = pseudonyms.new_token() if is_new else sent
    return Visitor(token, web.client_address(), request.headers.get("User-Agent", ""), is_new)


def _set_cookie(answer: Response, code: str, token: str, now: datetime) -> None:
    """First-party, for this poster only, gone at the end of the month in Asia/Shanghai."""
    settings: Settings = current_app.extensions["settings"]
    answer.set_cookie(
        COOKIE, token, path=f"/r/{code}", expires=Month.of(now).end_at, httponly=True, samesite="Lax",
        secure=settings.is_secure,
    )  # fmt: skip


def _expired(token: str, page: Callable[[], Response]) -> ResponseReturnValue:
    """Nothing is lost: the page comes again with a fresh token, a script finds one in a header."""
    if not web.is_api_request():
        return page()
    answer = jsonify(web.error_body(403, "token_expired", gettext(_EXPIRED)))
    answer.status_code = 403
    answer.headers["X-Form-Token"] = token
    return answer


def _expired_tap(code: str, form: Tap, now: datetime) -> ResponseReturnValue:
    site = _site(code)
    if site is None:
        return _unknown_code()
    fresh = doors.issue(_secret(), site, now)
    return _expired(fresh, lambda: _door_page(site, now, 403, key=form.client_key, purpose=form.purpose))


def _nearby(site: SiteAtDoor | None) -> list[dict[str, Any]]:
    """The nearest other rooms, when the finder is there to say."""
    find = current_app.extensions.get("nearby_sites")
    return find(site.site_id if site else None, NEARBY) if find else []


def _door_page(
    site: SiteAtDoor, now: datetime, status: int = 200, key: UUID | None = None, purpose: str | None = None
) -> Response:
    token = doors.issue(_secret(), site, now)
    return _page(
        "door", status, site=site, token=token, key=key or uuid4(), chosen=purpose, purposes=services.PURPOSES,
        note=gettext(_EXPIRED) if key else None, scan_only=site.is_scan_only_at(now),
        staff=_staff(site),
    )  # fmt: skip


def _staff(site: SiteAtDoor) -> Markup | None:
    """What a colleague finds above the button; asked only where a session came along, which no visitor has."""
    find = current_app.extensions.get("door_staff")
    if find is None or is_visitor():
        return None
    shown: Markup | None = find(site.site_id, site.code, current_user) if current_user.is_authenticated else None
    return shown


def _receipt_page(site: SiteAtDoor, use: Use, now: datetime, status: int = 200, **values: Any) -> Response:
    """The receipt of a use; ``values`` go to its template."""
    given = queries.rating_of(use)
    return _page(
        "receipt", status, site=site, use=use, rating=given, can_rate=services.can_rate(use, given, now),
        token=tokens.issue(_secret(), _subject(site, use), now), tags=services.TAGS, limit=services.COMMENT_LIMIT,
        note=gettext(_EXPIRED) if status == 403 else None, asked=asked(site, use, now), **values,
    )  # fmt: skip


def _page(name: str, status: int, cache: str = "no-store", **values: Any) -> Response:
    answer = make_response(render_template(f"usage/{name}.html", **values), status)
    answer.headers["Cache-Control"] = cache
    return answer
