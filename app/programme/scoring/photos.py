"""Photos beside the answers of a sheet. Nothing here commits or asks for the time."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app.accounts.models import User
from app.attachments import services as attachments
from app.attachments.models import Attachment
from app.db import db
from app.errors import N_, Conflict, Invalid
from app.programme.scoring.models import FilledSheet, SheetPhoto
from app.programme.scoring.queries import photos_of, score_sheet_of, sheets_in_scope
from app.programme.scoring.services import lock_draft
from app.web import DISTRICT_UNION, MUNICIPAL_UNION

MOST_PER_ITEM = 6
MOST_PER_SHEET = 80


def add_photo(
    actor: User, sheet: FilledSheet, item: str, upload: FileStorage | None, key: UUID, *, folder: Path, now: datetime
) -> SheetPhoto:
    """Keep a photo beside an item; the one that came under the same client key before, if this is a second time.

    Raises Conflict when the sheet was handed in or has its full number, Forbidden when it is somebody else's, Invalid
    naming ``photo`` for what is no photo, ``item`` for an item that the sheet has not.
    """
    lock_draft(actor, sheet)
    known = db.session.scalar(select(SheetPhoto).filter_by(client_key=key))
    if known is not None:
        if known.filled_sheet_id != sheet.id:
            raise Conflict(N_("This photo belongs to another sheet"))
        return known
    if item not in {one.id for one in score_sheet_of(sheet).items}:
        message = N_("The sheet has no such item")
        raise Invalid(message, {"item": message})
    there = [photo.item for photo, _ in photos_of(sheet)]
    if there.count(item) >= MOST_PER_ITEM or len(there) >= MOST_PER_SHEET:
        raise Conflict(N_("An item has at most %(most)s photos; remove one first"), most=MOST_PER_ITEM)
    stored = attachments.store(actor, upload, folder=folder, now=now, allowed=attachments.IMAGES)
    photo = SheetPhoto(
        attachment_id=stored.id, filled_sheet_id=sheet.id, item=item, client_key=key, removed_at=None
    )
    db.session.add(photo)
    sheet.updated_at = now
    db.session.flush()
    return photo


def remove_photo(actor: User, sheet: FilledSheet, key: UUID, *, folder: Path, now: datetime) -> None:
    """Take a photo off a draft and erase its file; twice does no harm. Raises Conflict, Forbidden."""
    lock_draft(actor, sheet)
    photo = db.session.scalar(select(SheetPhoto).filter_by(client_key=key, filled_sheet_id=sheet.id))
    if photo is None or photo.removed_at is not None:
        return
    attachments.erase(db.session.get_one(Attachment, photo.attachment_id), folder, now)
    photo.removed_at = sheet.updated_at = now
    db.session.flush()


def is_reviewer(user: User, attachment: Attachment) -> bool:
    """Whether the file is a photo of a sheet that this person reviews."""
    if user.role not in (DISTRICT_UNION, MUNICIPAL_UNION):
        return False
    sheets = sheets_in_scope(user).join(SheetPhoto, SheetPhoto.filled_sheet_id == FilledSheet.id)
    return db.session.scalar(sheets.where(SheetPhoto.attachment_id == attachment.id).limit(1)) is not None
