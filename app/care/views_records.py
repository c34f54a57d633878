"""Pages about incidents, about what a nursery reports, and about the parts of a combined centre."""

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from app import clock
from app.accounts.models import User
from app.accounts.queries import is_union_account
from app.care import combined, incidents, nursery
from app.care.forms import IncidentForm, ReturnForm
from app.care.services import require_kind
from app.care.views import blueprint, put_on, require_valid
from app.care.words import class_types, incident_kinds
from app.db import db
from app.errors import Conflict, DomainError, Invalid, status_of
from app.months import local_date
from app.sites.models import Site, SiteKind
from app.sites.queries import get_site, sites_in_scope
from app.sites.views import actor, faults, said
from app.web import ROLES, UNIONS, access, select_locale


def _locale() -> str:
    return "en" if select_locale() == "en" else "zh"


@blueprint.route("/sites/<int:site_id>/incidents", methods=["GET", "POST"])
@access(*ROLES)
def site_incidents(site_id: int) -> ResponseReturnValue:
    """What has happened at a site, and the form to record it."""
    site, now = get_site(actor(), site_id), clock.now()
    form = IncidentForm(_locale(), data={"happened_on": local_date(now)})
    if request.method == "GET":
        return _incidents_page(site, form)
    try:
        require_valid(form)
        incidents.record_incident(actor(), site, **form.values(), now=now)
    except Invalid as error:
        return _incidents_page(site, form, error), status_of(error)
    except Conflict as error:
        flash(said(error), "info")
    else:
        flash(gettext("The incident has been recorded"), "success")
    return redirect(url_for(".site_incidents", site_id=site.id))


def _incidents_page(
    site: Site, form: IncidentForm, error: DomainError | None = None, retracting: dict[str, Any] | None = None
) -> str:
    return render_template(
        "care/incidents.html", site=site, form=form, problem=put_on(form, error) if error else None,
        rows=incidents.incidents_of(site.id), kinds=incident_kinds(), today=local_date(clock.now()),
        may_retract=actor().role in incidents.MAY_RETRACT, retracting=retracting or {},
    )  # fmt: skip


@blueprint.post("/incidents/<int:incident_id>/retract")
@access(*incidents.MAY_RETRACT)
def retract(incident_id: int) -> ResponseReturnValue:
    """Take back an incident that was recorded wrongly."""
    incident, site = incidents.get_incident(actor(), incident_id)
    reason = request.form.get("reason", "")
    try:
        incidents.retract_incident(actor(), site, incident, reason, clock.now())
    except (Invalid, Conflict) as error:
        form = IncidentForm(_locale(), formdata=None, data={"happened_on": local_date(clock.now())})
        wrong = {"id": incident.id, "reason": reason, "message": said(error)}
        return _incidents_page(site, form, retracting=wrong), status_of(error)
    flash(gettext("The incident has been taken back"), "success")
    return redirect(url_for(".site_incidents", site_id=site.id))


@blueprint.route("/sites/<int:site_id>/nursery", methods=["GET", "POST"])
@access(*ROLES)
def nursery_returns(site_id: int) -> ResponseReturnValue:
    """What a nursery reports, with its history, and the form for the next report."""
    site, now = get_site(actor(), site_id), clock.now()
    require_kind(site, SiteKind.NURSERY)
    returns = nursery.returns_of(site.id)
    form = ReturnForm.of(_locale(), returns[0] if returns else None, local_date(now))
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            require_valid(form)
            nursery.add_return(actor(), site, form.values(), now)
        except Invalid as error:
            problem = error
        except Conflict as error:
            flash(said(error), "info")
            return redirect(url_for(".nursery_returns", site_id=site.id))
        else:
            flash(gettext("The report has been filed"), "success")
            return redirect(url_for(".nursery_returns", site_id=site.id))
    rows = [(row, nursery.ReturnFigures.of(row)) for row in returns]
    page = render_template(
        "care/nursery.html", site=site, form=form, rows=rows, types=class_types(), today=local_date(now),
        problem=put_on(form, problem) if problem else None,
        is_old=nursery.is_old(returns[0] if returns else None, local_date(now)),
    )  # fmt: skip
    return page, status_of(problem) if problem else 200


@blueprint.get("/sites/<int:site_id>/parts")
@access(*ROLES)
def parts(site_id: int) -> ResponseReturnValue:
    """The parts of a combined centre with what is known about each."""
    centre = get_site(actor(), site_id)
    require_kind(centre, SiteKind.COMBINED)
    return _parts_page(centre)


@blueprint.post("/sites/<int:site_id>/parts")
@access(*UNIONS)
def choose_parts(site_id: int) -> ResponseReturnValue:
    """Let a centre consist of exactly the ticked sites."""
    centre = get_site(actor(), site_id)
    ticked = {int(text[:10]) for text in request.form.getlist("parts") if text.isascii() and text.isdigit()}
    try:
        combined.choose_parts(actor(), centre, ticked, clock.now())
    except Invalid as error:
        return _parts_page(centre, ticked, error)
    flash(gettext("The parts of this centre have been noted"), "success")
    return redirect(url_for(".parts", site_id=centre.id))


def _parts_page(centre: Site, ticked: set[int] | None = None, error: DomainError | None = None) -> ResponseReturnValue:
    user = actor()
    present = combined.parts_of(centre.id)
    may = is_union_account(user)
    visible = set(db.session.scalars(sites_in_scope(user).with_only_columns(Site.id).order_by(None)))
    choices = combined.candidates(user, centre) if may else []
    choices += [site for site in present if may and site.id not in {choice.id for choice in choices}]
    page = render_template(
        "care/parts.html", site=centre, parts=present, notes=part_notes(present, user), choices=choices, may=may,
        visible=visible, ticked={site.id for site in present} if ticked is None else ticked,
        enough=len(combined.kinds_of(present)) >= combined.KINDS_NEEDED,
        problem=said(error) if error else None, problems=faults(error) if error else {},
    )  # fmt: skip
    return page, status_of(error) if error else 200


def part_notes(parts: list[Site], user: User) -> dict[int, list[Markup]]:
    """What other features say about each part: its verdict, its sheets. Callables as for `site_badges`."""
    notes: dict[int, list[Markup]] = {site.id: [] for site in parts}
    sources = (*current_app.extensions.get("site_badges", ()), *current_app.extensions.get("part_notes", ()))
    for source in sources:
        for site_id, note in source(parts, user).items():
            notes[site_id].append(note)
    return notes


