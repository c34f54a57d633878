"""Pages: the titles that stand, for everybody; and keeping them, for unions (qingdao-2023 art. 18-22)."""

from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app.clock import now
from app.db import db
from app.errors import Conflict, DomainError, status_of
from app.months import local_date
from app.programme.cases.models import Case
from app.programme.cases.queries import events_of
from app.programme.cases.services import MOVED, act
from app.programme.demonstration import forms, publishing, queries
from app.programme.demonstration.models import Title
from app.programme.demonstration.views import CALLING, blueprint, chosen_site, said
from app.sites.models import Site, SiteStatus
from app.sites.queries import sites_in_scope
from app.web import PUBLIC, ROLES, access

public = Blueprint("titles", __name__)


@public.get("/titles")
@access(PUBLIC)
def index() -> ResponseReturnValue:
    """The sites that hold the title, by year."""
    found = queries.published_titles(local_date(now()))
    years = [(year, list(rows)) for year, rows in groupby(found, key=lambda pair: pair[0].year)]
    return render_template("demonstration/public.html", years=years)


@blueprint.get("/titles")
@access(*ROLES)
def titles() -> ResponseReturnValue:
    """The titles of the person's sites, and which are due to be looked at again."""
    return _titles_page()


def _titles_page(error: DomainError | None = None) -> str:
    site_id = forms.number(request.values, "site_id") if current_user.role in CALLING else 0
    asked = sites_in_scope(current_user).where(Site.id == site_id)
    return render_template(
        "demonstration/titles.html",
        titles=queries.titles_in_scope(current_user),
        site=db.session.scalar(asked),
        today=local_date(now()),
        problem=gettext(error.message, **error.params) if error else "",
        errors=said(error),
        entered=request.form if error else {},
    )


@blueprint.post("/titles")
@access(*CALLING)
def record_title() -> ResponseReturnValue:
    """Record a title that was granted outside this system."""
    values = request.form
    try:
        site = chosen_site()
        granted_on, year = forms.required_date(values, "granted_on"), forms.year(values)
        publishing.record_earlier(
            current_user, site, name=values.get("name", ""), year=year, granted_on=granted_on, now=now()
        )
    except DomainError as error:
        return _titles_page(error), status_of(error)
    flash(gettext("Recorded"), "success")
    return redirect(url_for(".titles"))


@blueprint.get("/titles/<int:title_id>")
@access(*ROLES)
def title(title_id: int) -> ResponseReturnValue:
    """One title: how it came about, when it is looked at again, whether it has been revoked."""
    return _title_page(queries.get_title(current_user, title_id))


def _title_page(found: Title, error: DomainError | None = None) -> str:
    site = db.session.get_one(Site, found.site_id)
    return render_template(
        "demonstration/title.html",
        title=found,
        site=site,
        case=_case_of(found),
        events=[(event, who) for event, who in events_of(found.case_id or 0) if event.act in ("publish", "recheck")],
        may_recheck=current_user.role in CALLING and found.case_id is not None and site.status != SiteStatus.CLOSED,
        may_revoke=publishing.may_revoke(current_user, found),
        today=local_date(now()),
        problem=gettext(error.message, **error.params) if error else "",
        errors=said(error),
        entered=request.form if error else {},
    )


def _case_of(found: Title) -> Case | None:
    return db.session.get(Case, found.case_id) if found.case_id is not None else None


@blueprint.post("/titles/<int:title_id>/recheck")
@access(*CALLING)
def recheck(title_id: int) -> ResponseReturnValue:
    """Record that the site was looked at again and keeps the title."""
    return _done(title_id, "recheck")


@blueprint.post("/titles/<int:title_id>/revoke")
@access(*CALLING)
def revoke(title_id: int) -> ResponseReturnValue:
    """Revoke a title, with the reason."""
    return _done(title_id, "revoke")


def _done(title_id: int, wanted: str) -> ResponseReturnValue:
    found = queries.get_title(current_user, title_id)
    case, note = _case_of(found), request.form.get("note", "")
    try:
        with db.session.begin_nested():
            if wanted == "recheck" and request.form.get("seen_recheck", "") != str(found.recheck_by or ""):
                raise Conflict(MOVED)
            if case is not None:
                seen = request.form.get("seen_state", "")
                act(current_user, case, wanted, seen_state=seen, now=now(), note=note)
            elif wanted == "revoke":
                publishing.revoke_earlier(current_user, found, note, now())
    except DomainError as error:
        return _title_page(found, error), status_of(error)
    flash(gettext("Recorded"), "success")
    return redirect(url_for(".title", title_id=found.id))
