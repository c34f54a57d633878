"""Handing files out. Who may see a file is for its owner to decide; here a look at a restricted one is written down."""

from datetime import datetime
from pathlib import Path

from flask import Response, send_file

from app.accounts.models import User
from app.attachments.models import Attachment, AttachmentView
from app.attachments.services import path_of
from app.db import db, unit_of_work
from app.errors import N_, Gone, NotFound

_SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"


def send(attachment: Attachment, viewer: User, *, folder: Path, now: datetime) -> Response:
    """The file as an answer that no browser runs, keeps or takes for something else; `folder` is the data folder.

    A picture, which this product has encoded itself, is shown in the page; anything else is saved. Each call about a
    restricted file leaves an `AttachmentView`. Raises Gone for an erased file, NotFound when the disk has lost it.
    """
    if attachment.erased_at is not None:
        raise Gone(N_("This file has been erased, as its time had come"))
    path = path_of(folder, attachment.file_name)
    if not path.is_file():
        raise NotFound(N_("There is no such file"))
    is_picture = attachment.media_type == "image/jpeg"
    answer = send_file(
        path, attachment.media_type, as_attachment=not is_picture, download_name=attachment.title,
        conditional=False, etag=False, max_age=None,
    )  # fmt: skip
    answer.headers["Content-Security-Policy"] = _SANDBOX
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    if attachment.is_restricted:
        _note(attachment, viewer, now)
    return answer


def _note(attachment: Attachment, viewer: User, now: datetime) -> None:
    """On the disk before the first byte leaves. Nothing else is pending while a page is being shown."""
    db.session.commit()  # ends the reading: SQLite cannot turn a read into a write once somebody else has written
    with unit_of_work():
        db.session.add(AttachmentView(attachment_id=attachment.id, user_id=viewer.id, viewed_at=now))
