"""Filled sheets: which a person may see, their answers, photos and sums."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from sqlalchemy import Select, select

from app.accounts.models import User
from app.attachments.models import Attachment
from app.db import db
from app.errors import N_, NotFound
from app.programme import decisions
from app.programme.scoring.models import FilledSheet, SheetAnswer, SheetPhoto
from app.programme.scoring.rights import is_visible
from app.rulebooks.scoring import Answer, SheetTotal, total
from app.rulebooks.sheets import ScoreSheet


def sheets_in_scope(user: User) -> Select[FilledSheet]:
    """The sheets that a person may see, the latest first: her own drafts, and what has been handed in."""
    return select(FilledSheet).where(is_visible(user)).order_by(FilledSheet.id.desc())


def get_sheet(user: User, sheet_id: int) -> FilledSheet:
    """The sheet `sheet_id`. Raises NotFound when there is none that the person may see."""
    sheet = db.session.scalar(sheets_in_scope(user).where(FilledSheet.id == sheet_id))
    if sheet is None:
        raise NotFound(N_("There is no such score sheet"))
    return sheet


def latest(
    site_id: int, use: str, case_id: int | None = None, inspection_id: int | None = None
) -> FilledSheet | None:
    """The sheet of a site that was handed in last for a use; with a case or an inspection, of that one only."""
    sheets = select(FilledSheet).where(
        FilledSheet.site_id == site_id, FilledSheet.use == use, FilledSheet.submitted_at.is_not(None)
    )
    if case_id is not None:
        sheets = sheets.where(FilledSheet.case_id == case_id)
    if inspection_id is not None:
        sheets = sheets.where(FilledSheet.inspection_id == inspection_id)
    return db.session.scalar(sheets.order_by(FilledSheet.submitted_at.desc(), FilledSheet.id.desc()).limit(1))


def sheets_of(user: User, site_id: int) -> Sequence[tuple[FilledSheet, User]]:
    """The sheets of a site that a person may see, with who filled them in; drafts first, then the latest."""
    rows = (
        select(FilledSheet, User)
        .join(User, User.id == FilledSheet.filled_by_id)
        .where(FilledSheet.site_id == site_id, is_visible(user))
        .order_by(FilledSheet.submitted_at.is_(None).desc(), FilledSheet.submitted_at.desc(), FilledSheet.id.desc())
    )
    return [(sheet, author) for sheet, author in db.session.execute(rows)]


def score_sheet_of(sheet: FilledSheet) -> ScoreSheet:
    """The sheet of the rulebook that was filled in: of the text kept when it was begun. Raises NotFound."""
    return decisions.rulebook_of(sheet.rulebook_digest).score_sheets[sheet.sheet]


def answers_of(sheet: FilledSheet) -> dict[str, SheetAnswer]:
    """The answers by item."""
    rows = db.session.scalars(select(SheetAnswer).where(SheetAnswer.filled_sheet_id == sheet.id))
    return {row.item: row for row in rows}


def photos_of(sheet: FilledSheet) -> list[tuple[SheetPhoto, Attachment]]:
    """The photos that have not been removed, in the order in which they came."""
    rows = (
        select(SheetPhoto, Attachment)
        .join(Attachment, Attachment.id == SheetPhoto.attachment_id)
        .where(SheetPhoto.filled_sheet_id == sheet.id, SheetPhoto.removed_at.is_(None))
        .order_by(SheetPhoto.attachment_id)
    )
    return [(photo, attachment) for photo, attachment in db.session.execute(rows)]


def get_photo(sheet: FilledSheet, key: object) -> tuple[SheetPhoto, Attachment]:
    """The photo of a sheet with that client key. Raises NotFound."""
    for photo, attachment in photos_of(sheet):
        if photo.client_key == key:
            return photo, attachment
    raise NotFound(N_("There is no such photo"))


def total_of(sheet: FilledSheet, answers: Mapping[str, SheetAnswer] | None = None) -> SheetTotal:
    """What the answers add up to under the rulebook's text that was kept, on the day it was filled in."""
    rows = answers_of(sheet) if answers is None else answers
    return total(score_sheet_of(sheet), {name: _plain(row) for name, row in rows.items()}, sheet.filled_on)


def _plain(row: SheetAnswer) -> Answer:
    return row.is_ticked if row.points is None else Fraction(row.points)
