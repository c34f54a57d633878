"""What the sheet's script asks for: the state of a sheet, single answers, photos, and the service worker."""

from uuid import UUID

from flask import current_app, jsonify, make_response, redirect, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import BadRequest

from app import clock
from app.attachments.serving import send
from app.errors import Invalid
from app.programme.scoring import photos, queries
from app.programme.scoring import services as scoring
from app.programme.scoring.answers import fault_of
from app.programme.scoring.forms import changes_of_json, read_key
from app.programme.scoring.presenting import state as state_of
from app.programme.scoring.views import actor, blueprint, said, settings
from app.web import EVERYONE, PUBLIC, access, is_api_request

SCOPE = "/manage/sheets/"


@blueprint.get("/sheets/<int:sheet_id>/state")
@access(*EVERYONE)
def state(sheet_id: int) -> ResponseReturnValue:
    """The sheet as stored, and a fresh form token for a page that was opened long ago."""
    found = queries.get_sheet(actor(), sheet_id)
    return jsonify({**state_of(found), "user": actor().id, "csrf_token": generate_csrf()})


@blueprint.post("/sheets/<int:sheet_id>/answers")
@access(*EVERYONE)
def answers(sheet_id: int) -> ResponseReturnValue:
    """Take single answers; those that cannot be taken are told apart, the others are saved."""
    found = queries.get_sheet(actor(), sheet_id)
    scoring.lock_draft(actor(), found)
    try:
        changes = changes_of_json(request.get_json(silent=True))
    except BadRequest as error:  # a body in no encoding
        raise Invalid("This request cannot be understood") from error
    score_sheet = queries.score_sheet_of(found)
    faults = {change.key: fault for change in changes if (fault := fault_of(score_sheet, change))}
    good = [change for change in changes if change.key not in faults]
    overtaken = scoring.save_answers(actor(), found, good, clock.now())
    refused = {key: said(Invalid(fault)) for key, fault in faults.items()}
    return jsonify({**state_of(found), "overtaken": overtaken, "refused": refused})


@blueprint.post("/sheets/<int:sheet_id>/photos")
@access(*EVERYONE)
def add_photo(sheet_id: int) -> ResponseReturnValue:
    """Take one photo under its client key."""
    found = queries.get_sheet(actor(), sheet_id)
    scoring.lock_draft(actor(), found)
    key, item = read_key(request.form.get("key", "")), request.form.get("item", "")
    photos.add_photo(
        actor(), found, item, request.files.get("photo"), key, folder=settings().data_dir, now=clock.now()
    )
    return jsonify(state_of(found)), 201


@blueprint.post("/sheets/<int:sheet_id>/photos/<uuid:photo_key>/remove")
@access(*EVERYONE)
def remove_photo(sheet_id: int, photo_key: UUID) -> ResponseReturnValue:
    """Take a photo off a draft."""
    found = queries.get_sheet(actor(), sheet_id)
    photos.remove_photo(actor(), found, photo_key, folder=settings().data_dir, now=clock.now())
    if is_api_request():
        return jsonify(state_of(found))
    return redirect(url_for("scoring.sheet", sheet_id=sheet_id))


@blueprint.get("/sheets/<int:sheet_id>/photos/<uuid:photo_key>")
@access(*EVERYONE)
def photo(sheet_id: int, photo_key: UUID) -> ResponseReturnValue:
    """A photo of a sheet that the person may see."""
    _, attachment = queries.get_photo(queries.get_sheet(actor(), sheet_id), photo_key)
    return send(attachment, actor(), folder=settings().data_dir, now=clock.now())


@blueprint.get("/sheets/worker.js")
@access(PUBLIC)
def worker() -> ResponseReturnValue:
    """The service worker. It stands here because a worker rules over what lies beside it, and over no other page."""
    answer = make_response(send_from_directory(str(current_app.static_folder), "js/scoring-worker.js"))
    answer.headers["Content-Type"] = "text/javascript; charset=utf-8"
    answer.headers["Service-Worker-Allowed"] = SCOPE
    answer.headers["Cache-Control"] = "no-cache"
    return answer
