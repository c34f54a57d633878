"""Calls for demonstration sites, panel scores, titles."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Json, Model


class DemonstrationCall(Model):
    """A union's call for a year (申报通知). Local dates, included; `quotas` maps ids of unions below to their numbers.

    `state` is ``open``, ``reviewing``, ``published`` or ``cancelled``.
    """

    __tablename__ = "demonstration_call"

    id: Mapped[int] = mapped_column(primary_key=True)
    trade_union_id: Mapped[int] = mapped_column(ForeignKey("trade_union.id"), index=True)
    rulebook_id: Mapped[str] = mapped_column(String(60))
    rulebook_digest: Mapped[str] = mapped_column(String(64))
    year: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    recommend_by: Mapped[date]
    places: Mapped[int | None]
    quotas: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    note: Mapped[str] = mapped_column(String(1000), default="")
    state: Mapped[str] = mapped_column(String(12), default="open")
    notice: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class PanelScore(Model):
    """What one member of the panel gives one application; a later one of hers takes its place."""

    __tablename__ = "panel_score"
    __table_args__ = (UniqueConstraint("case_id", "assessor_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("programme_case.id"), index=True)
    assessor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    number: Mapped[int]
    points: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    remark: Mapped[str] = mapped_column(String(600), default="")
    scored_at: Mapped[datetime]


class Title(Model):
    """A demonstration title of a site, from `granted_on` until it is revoked; local dates."""

    __tablename__ = "title"
    __table_args__ = (UniqueConstraint("case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("programme_case.id"))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("demonstration_call.id"), index=True)
    name: Mapped[str] = mapped_column(String(160))
    year: Mapped[int]
    granted_on: Mapped[date]
    recheck_by: Mapped[date | None]
    revoked_on: Mapped[date | None]
    revoked_reason: Mapped[str] = mapped_column(String(600), default="")
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
