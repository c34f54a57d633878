"""Filled score sheets (自查表, 验收表)."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Json, Model


class FilledSheet(Model):
    """One score sheet of a rulebook, filled in for a site. `client_key` makes sending it twice harmless.

    `use` is ``self_check``, ``acceptance``, ``inspection`` or ``review``. While `submitted_at` is null it is a draft
    that its author may change; afterwards nobody may. `total` and `is_passed` are null for tick lists without total.
    """

    __tablename__ = "filled_sheet"
    __table_args__ = (Index("ix_filled_sheet_site_id_use", "site_id", "use"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_key: Mapped[UUID] = mapped_column(unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"))
    use: Mapped[str] = mapped_column(String(12))
    rulebook_id: Mapped[str] = mapped_column(String(60))
    rulebook_digest: Mapped[str] = mapped_column(String(64))
    sheet: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("programme_case.id"), index=True)
    inspection_id: Mapped[int | None] = mapped_column(ForeignKey("inspection.id"), index=True)
    filled_on: Mapped[date]
    filled_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    total: Mapped[Decimal | None] = mapped_column(Numeric(7, 2))
    is_passed: Mapped[bool | None]
    note: Mapped[str] = mapped_column(String(600), default="")


class SheetAnswer(Model):
    """The answer to one item: `points`, or `is_ticked` on a tick list; both null while nobody has answered.

    `version` counts its changes, `keys` are the client keys of the latest of them, the newest last: a change that comes
    a second time changes nothing, even when another device has written in between.
    """

    __tablename__ = "sheet_answer"

    filled_sheet_id: Mapped[int] = mapped_column(ForeignKey("filled_sheet.id", ondelete="CASCADE"), primary_key=True)
    item: Mapped[str] = mapped_column(String(60), primary_key=True)
    points: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    is_ticked: Mapped[bool | None]
    note: Mapped[str] = mapped_column(String(400), default="")
    version: Mapped[int] = mapped_column(default=1)
    keys: Mapped[list[str]] = mapped_column(Json, default=list)


class SheetPhoto(Model):
    """A photo that shows what an answer says. `client_key` makes sending it twice harmless.

    `removed_at`: it was taken off the draft again and its file erased; the row stays, so that it cannot come back.
    """

    __tablename__ = "sheet_photo"

    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"), primary_key=True)
    filled_sheet_id: Mapped[int] = mapped_column(ForeignKey("filled_sheet.id", ondelete="CASCADE"), index=True)
    item: Mapped[str] = mapped_column(String(60))
    client_key: Mapped[UUID] = mapped_column(unique=True)
    removed_at: Mapped[datetime | None]
