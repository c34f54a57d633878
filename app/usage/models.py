"""What happens at the door. Every key and constraint includes `site_id` (decision 8c)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Json, Model


class UsageRecord(Model):
    """One tap at a door (使用登记). `reason` is a `counting.Reason`, null exactly for counted uses.

    `used_at` is server time, or the phone's own time of a queued tap up to 72 h back; `month` is its month ``YYYY-MM``.
    `p_site`, `p_day` are pseudonyms (design section 5); `p_day` is erased with its key. `repeats_id` is the counted use
    that a `too_soon` tap repeats.
    """

    __tablename__ = "usage_record"
    __table_args__ = (
        UniqueConstraint("site_id", "client_key"),
        Index("ix_usage_record_site_id_month", "site_id", "month"),
        Index("ix_usage_record_site_id_p_site_used_at", "site_id", "p_site", "used_at"),
    )

    site_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    client_key: Mapped[UUID]
    body_digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    door_code_id: Mapped[int]
    used_at: Mapped[datetime]
    received_at: Mapped[datetime]
    month: Mapped[str] = mapped_column(String(7))
    p_site: Mapped[bytes] = mapped_column(LargeBinary(16))
    p_day: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    day_key: Mapped[str | None] = mapped_column(String(10))
    purpose: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(16))
    repeats_id: Mapped[UUID | None]
    rule_version: Mapped[int] = mapped_column(SmallInteger)


class Rating(Model):
    """One rating of one use (评价), `step` 1 (非常不满意) to 5 (非常满意). `is_counted` follows the use's."""

    __tablename__ = "rating"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "usage_id"], ["usage_record.site_id", "usage_record.id"]),
        CheckConstraint("step BETWEEN 1 AND 5", name="step"),
    )

    site_id: Mapped[int] = mapped_column(primary_key=True)
    usage_id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7))
    step: Mapped[int] = mapped_column(SmallInteger)
    tags: Mapped[list[str]] = mapped_column(Json, default=list)
    comment: Mapped[str] = mapped_column(String(400), default="")
    is_counted: Mapped[bool]
    rated_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class SiteMonth(Model):
    """The tally of one site and month (decision 4): written in the event's transaction, recomputable from the events.

    `recorded` = `counted` + all reasons; `rating_1` … `rating_5` are ratings of counted uses by step.
    """

    __tablename__ = "site_month"

    site_id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    recorded: Mapped[int] = mapped_column(default=0)
    counted: Mapped[int] = mapped_column(default=0)
    code_revoked: Mapped[int] = mapped_column(default=0)
    site_closed: Mapped[int] = mapped_column(default=0)
    site_suspended: Mapped[int] = mapped_column(default=0)
    too_soon: Mapped[int] = mapped_column(default=0)
    daily_limit: Mapped[int] = mapped_column(default=0)
    rating_1: Mapped[int] = mapped_column(default=0)
    rating_2: Mapped[int] = mapped_column(default=0)
    rating_3: Mapped[int] = mapped_column(default=0)
    rating_4: Mapped[int] = mapped_column(default=0)
    rating_5: Mapped[int] = mapped_column(default=0)
