"""Inspections, and the draws that chose them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Json, Model


class Draw(Model):
    """A draw of sites to be checked: first the candidates and where the seed will come from, then seed and result.

    `candidates` maps site ids to ``{"weight": lots, "why": [reason, …]}`` and never changes; with `seed` it gives
    `drawn` again (`app.programme.checks.draw`). While `drawn_at` is null, `seed` and `drawn` are empty.
    """

    __tablename__ = "draw"

    id: Mapped[int] = mapped_column(primary_key=True)
    trade_union_id: Mapped[int] = mapped_column(ForeignKey("trade_union.id"), index=True)
    year: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    size: Mapped[int]
    due_on: Mapped[date]
    seed_source: Mapped[str] = mapped_column(String(200))
    seed: Mapped[str] = mapped_column(String(80), default="")
    rule_version: Mapped[int]
    candidates: Mapped[dict[str, Any]] = mapped_column(Json)
    drawn: Mapped[list[int]] = mapped_column(Json, default=list)
    announced_at: Mapped[datetime]
    announced_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    drawn_at: Mapped[datetime | None]
    drawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class Inspection(Model):
    """One check of one site: `kind` ``full_self``, ``spot_check``, ``supervision``; `mode` ``on_site`` or ``video``.

    `scanned_at` is when the inspector read the code at the door: it shows that she was there and is no use. `result` is
    null until it is done, then ``passed``, ``rectify`` or ``failed``; `findings` is ``[{"item": code, "text": …}]``.
    `plan_reason` says why a site was chosen by hand. `recounted_uses` is how many uses the inspector counted with her
    own eyes, there or by video, in [`recounted_from_at`, `recounted_until_at`), `recounted_counted` how many the system
    had counted in that time when she wrote it down.
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
    plan_reason: Mapped[str] = mapped_column(String(300), default="")
    call_id: Mapped[int | None] = mapped_column(ForeignKey("demonstration_call.id"))
    inspector_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    mode: Mapped[str | None] = mapped_column(String(10))
    planned_at: Mapped[datetime]
    planned_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    scanned_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    result: Mapped[str | None] = mapped_column(String(10))
    findings: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)
    note: Mapped[str] = mapped_column(String(1000), default="")
    recounted_from_at: Mapped[datetime | None]
    recounted_until_at: Mapped[datetime | None]
    recounted_uses: Mapped[int | None]
    recounted_counted: Mapped[int | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    cancel_reason: Mapped[str] = mapped_column(String(300), default="")


class InspectionPhoto(Model):
    """A photo taken at an inspection, beside those of the sheet."""

    __tablename__ = "inspection_photo"

    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"), primary_key=True)
    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id"), index=True)
    added_at: Mapped[datetime]
