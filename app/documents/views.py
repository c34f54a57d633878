"""Pages: issuing documents, fetching them, and checking a printed one by its code."""

import io

from flask import Blueprint, current_app, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.clock import now
from app.documents import files, queries, services
from app.documents.models import IssuedDocument
from app.downloads import attached
from app.errors import N_, Invalid
from app.months import local_date
from app.programme.cases import queries as cases
from app.programme.demonstration import queries as calls
from app.programme.services import rulebook_of
from app.sites.door_codes import grouped
from app.sites.queries import get_site
from app.web import EVERYONE, ROLES, access

blueprint = Blueprint("documents", __name__)


@blueprint.post("/manage/cases/<int:case_id>/documents")
@access(*EVERYONE)
def issue_for_case(case_id: int) -> ResponseReturnValue:
    """Issue a form or sheet of a case, and go to its file."""
    case = cases.get_case(current_user, case_id)
    rulebook, site = cases.rulebook_of(case), cases.site_of(case)
    offer = services.chosen(queries.offers_of_case(case, rulebook, site), request.form.get("document", ""))
    return to_file(services.issue_offer(offer, rulebook, case, user=current_user, now=now()))


@blueprint.post("/manage/sites/<int:site_id>/documents")
@access(*ROLES)
def issue_for_site(site_id: int) -> ResponseReturnValue:
    """Issue a sheet that was filled in about a site, and go to its file."""
    site = get_site(current_user, site_id)
    rulebook = rulebook_of(site, local_date(now()))
    offer = services.chosen(queries.offers_of_site(site, rulebook), request.form.get("document", ""))
    return to_file(services.issue_offer(offer, rulebook, None, user=current_user, now=now()))


@blueprint.post("/manage/calls/<int:call_id>/documents")
@access(*EVERYONE)
def issue_notice(call_id: int) -> ResponseReturnValue:
    """Issue the publication notice of a demonstration year, and go to its file."""
    call = calls.get_call(current_user, call_id)
    return to_file(services.issue_notice(call, calls.rulebook_of(call), user=current_user, now=now()))


@blueprint.get("/documents/<document_code>.<any(docx, pdf, xlsx):extension>")
@access(*EVERYONE)
def download(document_code: str, extension: str) -> ResponseReturnValue:
    """An issued document as a file: what was issued, however things stand now."""
    document = queries.get_issued(current_user, document_code)
    media_type, made = files.make(document, extension, current_app.extensions["settings"])
    answer = send_file(io.BytesIO(made), media_type)
    return attached(answer, files.file_name(document, extension), f"document-{document.code}")


@blueprint.get("/documents/check")
@access(*EVERYONE)
def check() -> ResponseReturnValue:
    """What was issued under a check code: which form, about what, when, with which content; nothing about people."""
    typed = request.args.get("code", "").strip()
    document = queries.by_code(typed) if typed else None
    shown = None
    if document is not None:
        site, union = queries.named(document)
        issued_on = local_date(document.issued_at)
        code = grouped(document.code)
        shown = {"document": document, "code": code, "site": site, "union": union, "issued_on": issued_on}
    page = render_template("documents/check.html", typed=typed[:60], shown=shown)
    return page, 404 if typed and document is None else 200


def to_file(document: IssuedDocument) -> ResponseReturnValue:
    """Go to the file of a document in the ``format`` asked for. Raises Invalid naming ``format``."""
    extension = request.form.get("format", "pdf")
    if extension not in files.formats(document):
        message = N_("This document does not come in that format")
        raise Invalid(message, {"format": message})
    return redirect(url_for("documents.download", document_code=document.code, extension=extension), 303)
