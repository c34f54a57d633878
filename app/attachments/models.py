"""Files people have handed in, and who looked at the restricted ones."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import BigId, Model


class Attachment(Model):
    """One file in the data folder. `title` is the name it was handed in under, `digest` the SHA-256 of what is stored.

    Images are stored re-encoded, without their metadata. `is_restricted` files (health certificates) are shown to
    reviewers only, and each look at one leaves an `AttachmentView`. `erased_at`: the file is gone, the row tells of it.
    """

    __tablename__ = "attachment"
    __table_args__ = (CheckConstraint("size_bytes > 0", name="size"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(160))
    media_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    is_restricted: Mapped[bool] = mapped_column(default=False)
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    erased_at: Mapped[datetime | None]


class AttachmentView(Model):
    """One look of one person at a restricted file."""

    __tablename__ = "attachment_view"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    viewed_at: Mapped[datetime]
