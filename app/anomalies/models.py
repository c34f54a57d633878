"""What the search for inflated numbers keeps: daily signals without pseudonyms, and what reviewers said about flags."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import BigId, Json, Model


class DaySignal(Model):
    """One site and local date in numbers: what the detectors need once records and pseudonyms are erased.

    `values` is `app.anomalies.signals.Signals.to_json()`; it is written while the day's pseudonyms are alive and never
    names or links anybody.
    """

    __tablename__ = "day_signal"

    site_id: Mapped[int] = mapped_column(primary_key=True)
    on: Mapped[date] = mapped_column("signal_on", primary_key=True)
    values: Mapped[dict[str, Any]] = mapped_column("signal_values", Json)


class Flags:
    """What stands out at a site in the months `first_month` to `last_month`, both included.

    `found` are `app.anomalies.detectors.Flag` as JSON, the strongest first; `strength` is that of the first, 0 without.
    """

    first_month: Mapped[str] = mapped_column(String(7))
    last_month: Mapped[str] = mapped_column(String(7))
    is_flagged: Mapped[bool]
    strength: Mapped[float]
    found: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    found_at: Mapped[datetime]


class SiteFlags(Flags, Model):
    """The flags of a site in the last twelve whole months. `waiting`: those that no reviewer has looked at lately."""

    __tablename__ = "site_flags"

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), primary_key=True)
    waiting: Mapped[int]


class CaseFlags(Flags, Model):
    """The flags of a site at the moment of an application for the title, as they stay for its reviewers."""

    __tablename__ = "case_flags"

    case_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    site_id: Mapped[int]


class FlagReview(Model):
    """What a reviewer found out about the flags of a site: a note of a named person, never a verdict by the machine."""

    __tablename__ = "flag_review"
    __table_args__ = (Index("ix_flag_review_site_id_detector", "site_id", "detector"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    detector: Mapped[str] = mapped_column(String(40))
    first_month: Mapped[str] = mapped_column(String(7))
    last_month: Mapped[str] = mapped_column(String(7))
    finding: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(600), default="")
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    reviewed_at: Mapped[datetime]
