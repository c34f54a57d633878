"""What people state about a site because no machine can measure it, and decisions that can be made again."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Json, Model


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


class RulebookText(Model):
    """The text of a rulebook as it was when a decision or a case first used it: old ones are replayed under it."""

    __tablename__ = "rulebook_text"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    rulebook_id: Mapped[str] = mapped_column(String(60))
    content: Mapped[str] = mapped_column(Text)
    first_used_at: Mapped[datetime]


class Decision(Model):
    """A verdict that somebody acted upon, frozen: rulebook, date, facts and report (decision 5)."""

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("programme_case.id"), index=True)
    rulebook_id: Mapped[str] = mapped_column(String(60))
    rulebook_digest: Mapped[str] = mapped_column(ForeignKey("rulebook_text.digest"))
    on: Mapped[date] = mapped_column("judged_on")
    purpose: Mapped[str] = mapped_column(String(20), default="demonstration")
    verdict: Mapped[str] = mapped_column(String(10))
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    report: Mapped[dict[str, Any]] = mapped_column(Json)
    decided_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class YearTarget(Model):
    """How many sites of a kind a union sets out to open in a year, where it is not the rulebook that says so."""

    __tablename__ = "year_target"

    trade_union_id: Mapped[int] = mapped_column(ForeignKey("trade_union.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int]


class SiteVerdict(Model):
    """Where a site stood when all sites were judged last: for sorting and adding up, never for deciding.

    `verdict` is met, not_met, unknown or empty; `band` as in the union's table. `counted` uses in `months` make the
    mean; `mean` and `score` are -1 where there is none. A site that came since has no row.
    """

    __tablename__ = "site_verdict"
    __table_args__ = (
        Index("ix_site_verdict_mean_site_id", "mean", "site_id"),
        Index("ix_site_verdict_score_site_id", "score", "site_id"),
        Index("ix_site_verdict_verdict_site_id", "verdict", "site_id"),
    )

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), primary_key=True)
    judged_at: Mapped[datetime]
    rulebook_id: Mapped[str] = mapped_column(String(60))
    verdict: Mapped[str] = mapped_column(String(10))
    band: Mapped[str] = mapped_column(String(8))
    mean: Mapped[float]
    score: Mapped[float]
    counted: Mapped[int]
    months: Mapped[int]
    ratings: Mapped[int]
    points: Mapped[int]
    this_month: Mapped[int]
    last_month: Mapped[int]


class UnionVerdict(Model):
    """The sums over all sites of a union and of those below it when all sites were judged last (`judging.Sums`)."""

    __tablename__ = "union_verdict"

    trade_union_id: Mapped[int] = mapped_column(ForeignKey("trade_union.id", ondelete="CASCADE"), primary_key=True)
    judged_at: Mapped[datetime]
    sums: Mapped[dict[str, int]] = mapped_column(Json)
