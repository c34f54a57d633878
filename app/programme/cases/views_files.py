"""Handing in, opening and taking back files of a case; inviting assessors."""

from pathlib import Path

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app import clock
from app.attachments import serving
from app.db import db
from app.errors import Conflict, DomainError, Invalid, status_of
from app.programme.cases import files, inviting, queries
from app.programme.cases.models import Case
from app.programme.cases.views import actor, blueprint, case_page, said
from app.web import DISTRICT_UNION, EVERYONE, MUNICIPAL_UNION, access


def _folder() -> Path:
    return Path(current_app.extensions["settings"].data_dir)


def _refused(case_id: int, error: DomainError) -> ResponseReturnValue:
    db.session.rollback()
    return case_page(queries.get_case(actor(), case_id), said(error), status_of(error))


def _back(case: Case, anchor: str) -> ResponseReturnValue:
    return redirect(url_for("cases.case", case_id=case.id, _anchor=anchor))


@blueprint.post("/cases/<int:case_id>/files")
@access(*EVERYONE)
def add_files(case_id: int) -> ResponseReturnValue:
    """Hand in files of one kind."""
    case = queries.get_case(actor(), case_id)
    uploads = [upload for upload in request.files.getlist("file") if upload.filename]
    try:
        files.add(actor(), case, request.form.get("kind", ""), uploads, folder=_folder(), now=clock.now())
    except (Invalid, Conflict) as error:
        return _refused(case_id, error)
    flash(gettext("The file has been handed in"), "success")
    return _back(case, "files")


@blueprint.get("/cases/<int:case_id>/files/<int:attachment_id>")
@access(*EVERYONE)
def file(case_id: int, attachment_id: int) -> ResponseReturnValue:
    """One file of a case."""
    case = queries.get_case(actor(), case_id)
    _row, attachment = files.get_file(case, actor(), attachment_id)
    return serving.send(attachment, actor(), folder=_folder(), now=clock.now())


@blueprint.post("/cases/<int:case_id>/files/<int:attachment_id>/remove")
@access(*EVERYONE)
def remove_file(case_id: int, attachment_id: int) -> ResponseReturnValue:
    """Take back a file that was handed in by mistake."""
    case = queries.get_case(actor(), case_id)
    try:
        files.remove(actor(), case, attachment_id, clock.now())
    except Conflict as error:
        return _refused(case_id, error)
    flash(gettext("The file has been taken back"), "success")
    return _back(case, "files")


@blueprint.post("/cases/<int:case_id>/assessors")
@access(DISTRICT_UNION, MUNICIPAL_UNION)
def invite(case_id: int) -> ResponseReturnValue:
    """Invite an assessor to a case."""
    case, chosen = queries.get_case(actor(), case_id), request.form.get("user_id", "")
    try:
        user_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else None
        inviting.invite(actor(), case, user_id, clock.now())
    except (Invalid, Conflict) as error:
        return _refused(case_id, error)
    flash(gettext("The assessor has been invited"), "success")
    return _back(case, "assessors")


@blueprint.post("/cases/<int:case_id>/assessors/<int:user_id>/remove")
@access(DISTRICT_UNION, MUNICIPAL_UNION)
def uninvite(case_id: int, user_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    case = queries.get_case(actor(), case_id)
    inviting.uninvite(case, user_id)
    return _back(case, "assessors")
