"""Inspections, and the draws that chose them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Json, Model


class Draw(Model):
    """A published draw of sites to be checked. `seed` and `candidates` (site id → weight) give `drawn` again."""

    __tablename__ = "draw"

    id: Mapped[int] = mapped_column(primary_key=True)
    trade_union_id: Mapped[int] = mapped_column(ForeignKey("trade_union.id"), index=True)
    year: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    seed: Mapped[str] = mapped_column(String(80))
    rule_version: Mapped[int]
    candidates: Mapped[dict[str, Any]] = mapped_column(Json)
    drawn: Mapped[list[int]] = mapped_column(Json)
    drawn_at: Mapped[datetime]
    drawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class Inspection(Model):
    """One check of one site: `kind` ``full_self``, ``spot_check``, ``supervision``; `mode` ``on_site`` or ``video``.

    `scanned_at` is when the inspector read the code at the door: it shows that she was there and is no use. `result` is
    null until it is done, then ``passed``, ``rectify`` or ``failed``.
    """

    __tablename__ = "inspection"
    __table_args__ = (Index("ix_inspection_site_id_year", "site_id", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    trade_union_id: Mapped[int] = mapped_column(ForeignKey("trade_union.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    year: Mapped[int]
    due_on: Mapped[date]
    draw_id: Mapped[int | None] = mapped_column(ForeignKey("draw.id"))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("demonstration_call.id"))
    inspector_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    mode: Mapped[str | None] = mapped_column(String(10))
    planned_at: Mapped[datetime]
    planned_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    scanned_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    result: Mapped[str | None] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(1000), default="")
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(String(300), default="")
