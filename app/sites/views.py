"""Pages about sites for the people who run them: the list, one site, adding, changing, history, suspending.

Other features add parts to a site's page through `app.extensions["site_panels"]`: a list of callables
``(site, user) -> Markup``, shown in order above the poster; and to the list of sites through
`app.extensions["site_badges"]`: callables ``(sites, user) -> {site id: Markup}``, each asked once a page.
"""

from datetime import date, datetime
from itertools import chain
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import selectinload

from app import clock
from app.accounts.models import TradeUnion, User
from app.accounts.queries import is_union_account
from app.db import db
from app.errors import N_, Conflict, DomainError, Invalid, status_of
from app.months import local_date
from app.sites import services
from app.sites.door_code_services import live_codes, printable_code
from app.sites.facilities import Facility, facilities
from app.sites.hours import Hours
from app.sites.importing.worklist import pin_worklist
from app.sites.models import Site, SiteChange, SuspensionMode
from app.sites.particulars import particulars, premises
from app.sites.queries import get_site, sites_in_scope
from app.web import ROLES, access

blueprint = Blueprint("sites", __name__, url_prefix="/manage")
PAGE_SIZE = 50


def actor() -> User:
    """Who is asking."""
    user: User = current_user._get_current_object()
    return user


@blueprint.get("/sites")
@access(*ROLES)
def sites() -> ResponseReturnValue:
    """The sites one manages, or those of one's unions."""
    user, page, now = actor(), _page(), clock.now()
    found = sites_in_scope(user).options(selectinload(Site.suspensions), selectinload(Site.door_codes))
    wanted = " ".join(request.args.get("q", "").split())[:100]
    if wanted:
        matches = (column.icontains(wanted, autoescape=True) for column in (Site.name, Site.address))
        found = found.where(or_(*matches))
    todo = request.args.get("todo")
    if todo == "pin":
        found = pin_worklist(found)
    rows = db.session.scalars(found.limit(PAGE_SIZE + 1).offset((page - 1) * PAGE_SIZE)).all()
    shown = rows[:PAGE_SIZE]
    return render_template(
        "sites/list.html", sites=shown, page=page, has_more=len(rows) > PAGE_SIZE, wanted=wanted, now=now,
        todo=todo, without_pin=_count(pin_worklist(sites_in_scope(user))),
        badges=_badges(list(shown), user), has_code={s.id: printable_code(s, now) is not None for s in shown},
        may_add=is_union_account(user),
    )  # fmt: skip


def _count(sites: Select[Site]) -> int:
    return db.session.scalar(select(func.count()).select_from(sites.order_by(None).subquery())) or 0


@blueprint.get("/sites/<int:site_id>")
@access(*ROLES)
def site(site_id: int) -> ResponseReturnValue:
    """Everything about one site, and what can be done with it."""
    return site_page(get_site(actor(), site_id))


def site_page(site: Site, status: int = 200, **extra: Any) -> ResponseReturnValue:
    """The page of `site`; `extra` holds what was entered and what is wrong with it."""
    user, now = actor(), clock.now()
    panels = [panel(site, user) for panel in current_app.extensions["site_panels"]]
    page = render_template(
        "sites/site.html", site=site, now=now, today=local_date(now), panels=panels, hours=hours_of(site),
        coming=services.coming_suspensions(site, now), live=live_codes(site, now), printable=printable_code(site, now),
        facilities=_held(site), premises=premises(), particulars=particulars(), may_register=is_union_account(user),
        may_confirm_suspension=user.role in services.CONFIRMING, **extra,
    )  # fmt: skip
    return page, status


@blueprint.get("/sites/<int:site_id>/history")
@access(*ROLES)
def history(site_id: int) -> ResponseReturnValue:
    """Who changed what, and when; the newest first."""
    found = get_site(actor(), site_id)
    page = _page()
    entries = (
        select(SiteChange, User)
        .outerjoin(User, User.id == SiteChange.user_id)
        .where(SiteChange.site_id == found.id)
        .order_by(SiteChange.at.desc(), SiteChange.id.desc())
        .limit(PAGE_SIZE + 1)
        .offset((page - 1) * PAGE_SIZE)
    )
    rows = db.session.execute(entries).all()
    moves = [change.fields["host_id"] for change, _user in rows if "host_id" in change.fields]
    names = select(TradeUnion.id, TradeUnion.name).where(TradeUnion.id.in_(chain.from_iterable(moves)))
    hosts = {union.id: union.name for union in db.session.execute(names)} if moves else {}
    return render_template(
        "sites/history.html", site=found, entries=rows[:PAGE_SIZE], page=page, has_more=len(rows) > PAGE_SIZE,
        hosts=hosts, known=facilities(), read_hours=_readable, read_instant=datetime.fromisoformat,
        premises=premises(), particulars=particulars(),
    )  # fmt: skip


@blueprint.post("/sites/<int:site_id>/verify")
@access(*ROLES)
def verify(site_id: int) -> ResponseReturnValue:
    """Looked at on the spot today."""
    found = get_site(actor(), site_id)
    services.verify_site(actor(), found, clock.now())
    flash(gettext("Noted: verified today"), "success")
    return redirect(url_for("sites.site", site_id=found.id))


@blueprint.post("/sites/<int:site_id>/suspend")
@access(*ROLES)
def suspend(site_id: int) -> ResponseReturnValue:
    """Suspend a site from a day on, until a day or until it is reopened."""
    found, form = get_site(actor(), site_id), request.form
    entered = {name: form.get(name, "").strip() for name in ("from_on", "to_on", "reason", "mode")}
    try:
        first = _day(entered["from_on"], "from_on")
        last = _day(entered["to_on"], "to_on") if entered["to_on"] else None
        services.suspend_site(
            actor(), found, from_on=first, to_on=last, reason=entered["reason"], now=clock.now(),
            mode=_mode(entered["mode"]),
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        return site_page(found, status_of(error), suspending=entered, problem=said(error), problems=faults(error))
    flash(gettext("The suspension has been noted"), "success")
    return redirect(url_for("sites.site", site_id=found.id))


@blueprint.post("/sites/<int:site_id>/reopen")
@access(*ROLES)
def reopen(site_id: int) -> ResponseReturnValue:
    """End the running suspension, or call off the next."""
    found = get_site(actor(), site_id)
    services.reopen_site(actor(), found, clock.now())
    flash(gettext("The site is open again"), "success")
    return redirect(url_for("sites.site", site_id=found.id))


def said(error: DomainError) -> str:
    """The error's sentence in the reader's language."""
    return str(gettext(error.message, **error.params))


def faults(error: DomainError) -> dict[str, str]:
    """What is wrong with which field, in the reader's language."""
    return {name: gettext(text, **error.params) for name, text in error.fields.items()}


def hours_of(site: Site) -> Hours:
    """The site's hours; unknown when what is stored cannot be read."""
    return _readable(site.hours)


def _readable(stored: dict[str, Any] | None) -> Hours:
    try:
        return Hours.from_json(stored)
    except ValueError as error:
        current_app.logger.warning("stored hours cannot be read: %s", error)
        return Hours.UNKNOWN


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(N_("Please give the day"), {name: N_("Please give the day, such as 2026-11-30")}) from error


def _mode(text: str) -> SuspensionMode:
    try:
        return SuspensionMode(text or SuspensionMode.CLOSED)
    except ValueError as error:
        message = N_("Either closed, or entered by scanning the code only")
        raise Invalid(message, {"mode": message}) from error


def _page() -> int:
    return min(max(1, request.args.get("page", 1, int)), 10_000)


def _badges(sites: list[Site], user: User) -> dict[int, list[Markup]]:
    collected: dict[int, list[Markup]] = {site.id: [] for site in sites}
    for badges in current_app.extensions["site_badges"]:
        for site_id, badge in badges(sites, user).items():
            collected[site_id].append(badge)
    return collected


def _held(site: Site) -> list[tuple[Facility, int | None]]:
    return [(facility, site.facilities[code]) for code, facility in facilities().items() if code in site.facilities]
