"""Which documents were issued, so that a printed one can be checked."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import BigId, Json, Model


class IssuedDocument(Model):
    """One document as it was given out. `code` stands in its footer; `digest` is the SHA-256 of `content`, its text
    as data. The same content issued again keeps its code."""

    __tablename__ = "issued_document"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    form: Mapped[str] = mapped_column(String(60))
    rulebook_id: Mapped[str] = mapped_column(String(60), default="")
    rulebook_digest: Mapped[str] = mapped_column(String(64), default="")
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    trade_union_id: Mapped[int | None] = mapped_column(ForeignKey("trade_union.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("programme_case.id"), index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    content: Mapped[dict[str, object]] = mapped_column(Json)
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
