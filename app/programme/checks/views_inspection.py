"""One inspection on a phone: where, what to look at, the sheet, photos, the result."""

from pathlib import Path
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from app.accounts.models import User
from app.attachments.services import IMAGES, store
from app.attachments.serving import send
from app.clock import now
from app.db import db
from app.errors import N_, Conflict, Invalid, NotFound, status_of
from app.months import local_date
from app.programme import recounts
from app.programme.checks import forms, queries, rectification, services
from app.programme.checks.draw import reasons_for
from app.programme.checks.models import Inspection, InspectionPhoto
from app.programme.checks.queries import SHEET_USE
from app.programme.checks.views import actor, blueprint, default_rulebook
from app.programme.scoring.models import FilledSheet
from app.programme.scoring.services import start_sheet
from app.programme.transitions import REVIEWERS
from app.programme.wording import language
from app.sites.models import Site
from app.web import EVERYONE, UNIONS, access

MOST_PHOTOS = 20


@blueprint.get("/inspections/<int:inspection_id>")
@access(*EVERYONE)
def inspection(inspection_id: int) -> ResponseReturnValue:
    """The page of one inspection."""
    return _page(queries.get_inspection(actor(), inspection_id))


@blueprint.post("/inspections/<int:inspection_id>/assign")
@access(*UNIONS)
def assign(inspection_id: int) -> ResponseReturnValue:
    """Choose who inspects."""
    found, values = queries.get_inspection(actor(), inspection_id), forms.entered("inspector_id")
    try:
        chosen = forms.person(values["inspector_id"]) or 0
        services.assign(actor(), found, chosen)
    except (Invalid, Conflict) as error:
        return _page(found, status_of(error), entered=values, errors=forms.faults(error))
    return _back(found, gettext("The inspector has been chosen"))


@blueprint.post("/inspections/<int:inspection_id>/cancel")
@access(*UNIONS)
def cancel(inspection_id: int) -> ResponseReturnValue:
    """Call the inspection off, with the reason."""
    found, values = queries.get_inspection(actor(), inspection_id), forms.entered("reason")
    try:
        services.cancel(actor(), found, values["reason"], now())
    except (Invalid, Conflict) as error:
        return _page(found, status_of(error), entered=values, errors=forms.faults(error))
    return _back(found, gettext("The inspection has been called off"))


@blueprint.post("/inspections/<int:inspection_id>/scan")
@access(*EVERYONE)
def scan(inspection_id: int) -> ResponseReturnValue:
    """The inspector has read the code at the door: noted here, and no use of the room."""
    found = queries.get_inspection(actor(), inspection_id)
    try:
        services.scan(actor(), found, request.form.get("code", ""), now())
    except (Invalid, Conflict) as error:
        return _page(found, status_of(error), errors=forms.faults(error))
    return _back(found, gettext("Noted: you are at the door. This is not counted as a use"))


@blueprint.post("/inspections/<int:inspection_id>/sheet")
@access(*EVERYONE)
def sheet(inspection_id: int) -> ResponseReturnValue:
    """Begin the score sheet of this inspection, or go on with it."""
    user, found = actor(), queries.get_inspection(actor(), inspection_id)
    try:
        services.take(user, found)
    except Conflict as error:
        return _page(found, status_of(error), errors=forms.faults(error))
    started = next((one for one in _sheets(found) if one.submitted_at is None and one.filled_by_id == user.id), None)
    if started is None:
        site, at = db.session.get_one(Site, found.site_id), now()
        rulebook = rectification.rulebook_of(site, at, default_rulebook())
        started = start_sheet(user, site, SHEET_USE[found.kind], rulebook=rulebook, now=at, inspection_id=found.id)
    return redirect(f"/manage/sheets/{started.id}")


@blueprint.post("/inspections/<int:inspection_id>/photos")
@access(*EVERYONE)
def add_photo(inspection_id: int) -> ResponseReturnValue:
    """Add a photo."""
    user, found, at = actor(), queries.get_inspection(actor(), inspection_id), now()
    try:
        services.require_inspector(user, found)
        _require_room(found)
        kept = store(user, request.files.get("photo"), folder=_folder(), now=at, allowed=IMAGES)
    except (Invalid, Conflict) as error:
        errors = forms.faults(error)
        return _page(found, status_of(error), errors={"photo": next(iter(errors.values()))})
    db.session.add(InspectionPhoto(attachment_id=kept.id, inspection_id=found.id, added_at=at))
    return _back(found, gettext("The photo has been added"), "photos")


@blueprint.get("/inspections/<int:inspection_id>/photos/<int:number>")
@access(*EVERYONE)
def show_photo(inspection_id: int, number: int) -> ResponseReturnValue:
    """One photo of an inspection, counted from 1."""
    photos = queries.photos_of(queries.get_inspection(actor(), inspection_id).id)
    if number > len(photos):
        raise NotFound(N_("There is no such photo"))
    return send(photos[number - 1], actor(), folder=_folder(), now=now())


@blueprint.post("/inspections/<int:inspection_id>/finish")
@access(*EVERYONE)
def finish(inspection_id: int) -> ResponseReturnValue:
    """Record the result; what has to be put right becomes a rectification at once, if the inspector can ask for it."""
    user, found, at = actor(), queries.get_inspection(actor(), inspection_id), now()
    values, said = forms.entered("mode", "result", "note", *recounts.FIELDS), forms.findings()
    site = db.session.get_one(Site, found.site_id)
    try:
        services.finish(
            user, found, mode=values["mode"], result=values["result"], note=values["note"], findings=said,
            rulebook=rectification.rulebook_of(site, at, default_rulebook()), now=at,
            recount=recounts.read(values, at),
        )  # fmt: skip
        if found.result != services.PASSED and rectification.follows_at_once(user, found):
            rectification.demand_after(user, found, now=at, default=default_rulebook())
    except (Invalid, Conflict) as error:
        db.session.rollback()
        kept = queries.get_inspection(actor(), inspection_id)
        return _page(kept, status_of(error), entered=values, errors=forms.faults(error), findings=said)
    return _back(found, gettext("The result has been recorded"))


@blueprint.post("/inspections/<int:inspection_id>/rectification")
@access(*UNIONS)
def demand_rectification(inspection_id: int) -> ResponseReturnValue:
    """Ask the site to put right what an assessor or a site manager has found."""
    found = queries.get_inspection(actor(), inspection_id)
    try:
        rectification.demand_after(actor(), found, now=now(), default=default_rulebook())
    except (Invalid, Conflict) as error:
        return _page(found, status_of(error), errors=forms.faults(error))
    return _back(found, gettext("The site has been asked to put this right"))


def _require_room(found: Inspection) -> None:
    if len(queries.photos_of(found.id)) >= MOST_PHOTOS:
        raise Conflict(N_("There are 20 photos already; more do not fit"))


def _folder() -> Path:
    folder: Path = current_app.extensions["settings"].data_dir
    return folder


def _back(found: Inspection, message: str, anchor: str | None = None) -> ResponseReturnValue:
    flash(message, "success")
    return redirect(url_for(".inspection", inspection_id=found.id, _anchor=anchor))


def _sheets(found: Inspection) -> list[FilledSheet]:
    rows = select(FilledSheet).where(FilledSheet.inspection_id == found.id).order_by(FilledSheet.id)
    return list(db.session.scalars(rows))


def _page(found: Inspection, status: int = 200, **extra: Any) -> ResponseReturnValue:
    user, at = actor(), now()
    site = db.session.get_one(Site, found.site_id)
    rulebook = rectification.rulebook_of(site, at, default_rulebook())
    is_over = found.done_at is not None or found.cancelled_at is not None
    may_manage = services.may_manage(user, found) and not is_over
    can_assign = may_manage and found.kind != queries.FULL_SELF
    people = {one.id: one for one in db.session.scalars(select(User).where(User.id.in_(_people_of(found))))}
    page = render_template(
        "checks/inspection.html", inspection=found, site=site, today=local_date(at), people=people,
        is_over=is_over, may_inspect=services.may_inspect(user, found), may_manage=may_manage,
        choices=queries.inspectors_for(user, user.trade_union) if can_assign else [],
        sheet=rulebook.sheet_for(site.kind, SHEET_USE[found.kind], site.premises), sheets=_sheets(found),
        photos=queries.photos_of(found.id), earlier=queries.last_checks(site.id, found.done_at or at),
        rectifications=rectification.open_cases_of(site.id), rectification=rectification.case_of(found.id),
        can_demand=is_over and found.result in ("rectify", "failed") and rectification.follows_at_once(user, found),
        reasons=_reasons(site, found.year), lang=language(), **{"entered": {}, "errors": {}, "findings": [], **extra},
    )  # fmt: skip
    return page, status


def _people_of(found: Inspection) -> set[int]:
    return {one for one in (found.inspector_id, found.done_by_id, found.cancelled_by_id) if one is not None}


def _reasons(site: Site, year: int) -> tuple[str, ...]:
    visits = queries.visits_of([site.id], year)
    standings = queries.standings([queries.Planned.of(site)], visits, from_above=actor().role in REVIEWERS)
    return reasons_for(standings[site.id], year)
