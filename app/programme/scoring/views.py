"""Pages of score sheets: those of a site, filling one in, reading one that was handed in."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app import clock
from app.accounts.models import User
from app.config import Settings
from app.db import db, unit_of_work
from app.errors import N_, DomainError, Invalid, NotFound
from app.months import local_date
from app.programme import decisions, services
from app.programme.scoring import photos, queries, rights
from app.programme.scoring import services as scoring
from app.programme.scoring.answers import Change
from app.programme.scoring.forms import changes_of_form, photos_of_form, read_key
from app.programme.scoring.models import FilledSheet
from app.programme.scoring.presenting import plain, show
from app.programme.wording import language
from app.rulebooks import Rulebook
from app.sites.models import Site
from app.sites.queries import get_site
from app.web import EVERYONE, ROLES, access

blueprint = Blueprint("scoring", __name__, url_prefix="/manage")


def actor() -> User:
    """Who is asking."""
    user: User = current_user._get_current_object()
    return user


def settings() -> Settings:
    """The settings the application runs with."""
    current: Settings = current_app.extensions["settings"]
    return current


def said(error: DomainError, text: str | None = None) -> str:
    """The error's sentence, or another message of it, in the reader's language."""
    return str(gettext(text or error.message, **error.params))


def usable(user: User, site: Site) -> list[str]:
    """The uses for which this person may begin a sheet of a site without a case or an inspection."""
    rulebook = services.rulebook_of(site, local_date(clock.now()))
    occasion = rights.Occasion(site.id)
    return [
        use
        for use in (rights.SELF_CHECK, rights.ACCEPTANCE)
        if rulebook.sheet_for(site.kind, use, site.premises) and rights.is_filler(user, site, use, occasion)
    ]


@blueprint.get("/sites/<int:site_id>/sheets")
@access(*ROLES)
def sheets(site_id: int) -> ResponseReturnValue:
    """The sheets of a site, and beginning a new one."""
    return _sheets_page(get_site(actor(), site_id))


def _sheets_page(site: Site, problem: str = "") -> str:
    rows = queries.sheets_of(actor(), site.id)
    return render_template(
        "scoring/list.html", site=site, rows=rows, uses=usable(actor(), site), plain=plain, problem=problem,
        form_key=uuid4(),
    )  # fmt: skip


@blueprint.post("/sites/<int:site_id>/sheets")
@access(*EVERYONE)
def start(site_id: int) -> ResponseReturnValue:
    """Begin a sheet, or go on with the one begun."""
    case_id, inspection_id = _number("case_id"), _number("inspection_id")
    occasion = rights.occasion_of(actor(), site_id, case_id, inspection_id)
    site, now = db.session.get_one(Site, site_id), clock.now()
    key = request.form.get("form_key", "")
    try:
        sheet = scoring.start_sheet(
            actor(), site, request.form.get("use", ""), rulebook=_rulebook(site, occasion), now=now,
            case_id=case_id, inspection_id=inspection_id, client_key=read_key(key) if key else None,
        )  # fmt: skip
    except Invalid as error:
        if occasion.is_invited or occasion.is_inspector or case_id:
            raise
        return _sheets_page(site, said(error)), 422
    return redirect(url_for("scoring.sheet", sheet_id=sheet.id))


def _rulebook(site: Site, occasion: rights.Occasion) -> Rulebook:
    if occasion.rulebook_digest:
        return decisions.rulebook_of(occasion.rulebook_digest)
    return services.rulebook_of(site, local_date(clock.now()))


def _number(name: str) -> int | None:
    """An id of the form, null when it has none; what is no id is nobody's."""
    text = request.form.get(name, "")
    if text and not (text.isascii() and text.isdigit() and 0 < int(text[:12]) < 2**31):
        raise NotFound(N_("There is no such site"))
    return int(text) if text else None


@blueprint.get("/sheets/<int:sheet_id>")
@access(*EVERYONE)
def sheet(sheet_id: int) -> ResponseReturnValue:
    """A draft of one's own to fill in, or a sheet that was handed in to read."""
    return sheet_page(queries.get_sheet(actor(), sheet_id))


def sheet_page(
    found: FilledSheet, problem: str = "", *, typed: Mapping[str, Change] | None = None,
    faults: Mapping[str, str] | None = None,
) -> str:  # fmt: skip
    """The page of a sheet; `problem`, `typed` and `faults` are what could not be taken."""
    site = db.session.get_one(Site, found.site_id)
    common: dict[str, Any] = {
        "sheet": found, "site": site, "shown": show(found, typed, faults), "lang": language(), "plain": plain,
        "author": db.session.get_one(User, found.filled_by_id), "sees_site": actor().role in ROLES,
        "rulebook": decisions.rulebook_of(found.rulebook_digest),
    }  # fmt: skip
    if found.submitted_at is not None:
        return render_template("scoring/sheet.html", **common, problem=problem)
    return render_template("scoring/fill.html", **common, problem=problem, form_key=uuid4())


@blueprint.post("/sheets/<int:sheet_id>")
@access(*EVERYONE)
def save(sheet_id: int) -> ResponseReturnValue:
    """Save what a form says, with its photos; with ``do=submit`` hand the sheet in as well."""
    found, now = queries.get_sheet(actor(), sheet_id), clock.now()
    score_sheet = queries.score_sheet_of(found)
    changes = changes_of_form(score_sheet, request.form)
    try:
        with unit_of_work():  # what was filled in stays, also when the sheet cannot be handed in yet
            overtaken = scoring.save_answers(actor(), found, changes, now)
            for item, key, upload in photos_of_form(score_sheet, request):
                photos.add_photo(actor(), found, item, upload, key, folder=settings().data_dir, now=now)
        if request.form.get("do") == "submit":
            scoring.submit(actor(), found, now, request.form.get("note"))
    except Invalid as error:
        found = queries.get_sheet(actor(), sheet_id)
        faults = {name.removeprefix("p-"): said(error, text) for name, text in error.fields.items()}
        typed = {change.item: change for change in changes}
        return sheet_page(found, said(error), typed=typed, faults=faults), 422
    if overtaken:
        flash(gettext("Another device had changed some of these answers; what came last holds"), "warn")
    flash(gettext("The sheet has been handed in") if found.submitted_at else gettext("Saved"), "success")
    return redirect(url_for("scoring.sheet", sheet_id=found.id))
