"""What the access tests need of score sheets: one that was handed in, with a photo."""

from dataclasses import dataclass
from uuid import uuid4

from app.accounts.models import User
from app.attachments.models import Attachment
from app.attachments.services import path_of
from app.db import db, unit_of_work
from app.programme import decisions
from app.programme.scoring.models import FilledSheet, SheetPhoto
from app.rulebooks import load
from app.sites.models import Site
from tests.factories import Factories


@dataclass(frozen=True)
class SheetPlace:
    """A sheet of a site and its photo."""

    sheet: FilledSheet
    photo: SheetPhoto


def sheet_place(factories: Factories, site: Site, person: User) -> SheetPlace:
    """A self-check that `person` has handed in without a single answer, and a photo."""
    now, book = factories.clock(), load("qingdao-2023")
    file = Attachment(
        file_name=f"{uuid4().hex}.jpg", title="1.jpg", media_type="image/jpeg", size_bytes=4, digest=b"0" * 32,
        is_restricted=False, uploaded_at=now, uploaded_by_id=person.id, erased_at=None,
    )  # fmt: skip
    path = path_of(factories.app.extensions["settings"].data_dir, file.file_name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\xff\xd8\xff\xd9")
    sheet = FilledSheet(
        client_key=uuid4(), site_id=site.id, use="self_check", rulebook_id=book.id, rulebook_digest=book.digest,
        sheet=next(iter(book.score_sheets)), case_id=None, inspection_id=None, filled_on=now.date(),
        filled_by_id=person.id, created_at=now, updated_at=now, submitted_at=now, total=0, is_passed=False, note="",
    )  # fmt: skip
    with factories.app.app_context(), unit_of_work():
        decisions.remember(book, now)
        db.session.add_all([file, sheet])
        db.session.flush()
        photo = SheetPhoto(
            attachment_id=file.id, filled_sheet_id=sheet.id, item="sofa", client_key=uuid4(), removed_at=None
        )
        db.session.add(photo)
    return SheetPlace(sheet, photo)
