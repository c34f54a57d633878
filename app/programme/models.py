"""What people state about a site because no machine can measure it."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Attestation(Model):
    """A named person states on a date that a condition of a rulebook holds, or not. The latest one is in force."""

    __tablename__ = "attestation"
    __table_args__ = (Index("ix_attestation_site_id_item", "site_id", "item"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"))
    item: Mapped[str] = mapped_column(String(60))
    holds: Mapped[bool]
    stated_on: Mapped[date]
    stated_at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    note: Mapped[str] = mapped_column(String(400), default="")
