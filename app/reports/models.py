"""Reports from the public. Nothing says who sent one; `sender` only tells two of them apart, and is erased."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.db import Model
from app.sites.models import Site


class PublicReport(Model):
    """One report. `kind` is ``locked``, ``misused``, ``out_of_supplies``, ``gone``, ``wrong_place`` or ``other``.

    `sender` is a keyed pseudonym of the day (as `p_day`) by which two reports are known to be independent, null once
    erased. `state` is ``open``, ``confirmed``, ``resolved`` or ``dismissed``.
    """

    __tablename__ = "public_report"
    __table_args__ = (Index("ix_public_report_site_id_state", "site_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(300), default="")
    reported_at: Mapped[datetime]
    sender: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    sender_day: Mapped[str | None] = mapped_column(String(10))
    is_independent: Mapped[bool] = mapped_column(default=True)
    state: Mapped[str] = mapped_column(String(12), default="open")
    due_on: Mapped[date]
    handled_at: Mapped[datetime | None]
    handled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    answer: Mapped[str] = mapped_column(String(400), default="")

    site: Mapped[Site] = relationship()
    handled_by: Mapped[User | None] = relationship()
