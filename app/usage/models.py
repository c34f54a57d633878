"""What happens at the door. Every key and constraint includes `site_id` (decision 8c).

PostgreSQL keeps the events in partitions by month (`partitions`), which is why the month is in their keys. No foreign
key leads from one of these tables to another: detaching a month would have to look through every partition of it.

Every event of a site and month takes the next `sequence` of that site and month, from 1 without gaps, and carries the
salted `digest` of what it says (`leaves`): the ledger seals these, without ever touching an event again.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Json, Model

BY_MONTH = {"postgresql_partition_by": "RANGE (month)"}


class Leaf:
    """What makes a row an entry of the ledger."""

    month: Mapped[str] = mapped_column(String(7))
    sequence: Mapped[int]
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))


class UsageRecord(Leaf, Model):
    """One tap at a door (使用登记). `reason` is a `counting.Reason`, null exactly for counted uses.

    `used_at` is server time, or the phone's own time of a queued tap up to 72 h back; `month` is its month ``YYYY-MM``.
    `p_site`, `p_day` are pseudonyms (design section 5); `p_day` is erased with its key. `repeats_id` is the counted use
    that a `too_soon` tap repeats.
    """

    __tablename__ = "usage_record"
    __table_args__ = (
        Index("ix_usage_record_site_id_month_sequence", "site_id", "month", "sequence"),
        Index("ix_usage_record_site_id_p_site_used_at", "site_id", "p_site", "used_at"),
        BY_MONTH,
    )

    site_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    client_key: Mapped[UUID]
    body_digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    door_code_id: Mapped[int]
    used_at: Mapped[datetime]
    received_at: Mapped[datetime]
    p_site: Mapped[bytes] = mapped_column(LargeBinary(16))
    p_day: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    day_key: Mapped[str | None] = mapped_column(String(10))
    purpose: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(16))
    repeats_id: Mapped[UUID | None]
    rule_version: Mapped[int] = mapped_column(SmallInteger)


class TapKey(Model):
    """The key that a page's tap was sent with: a second tap with it finds the first one's use, in whatever month."""

    __tablename__ = "tap_key"
    __table_args__ = (Index("ix_tap_key_site_id_month", "site_id", "month"),)

    site_id: Mapped[int] = mapped_column(primary_key=True)
    client_key: Mapped[UUID] = mapped_column(primary_key=True)
    usage_id: Mapped[UUID]
    month: Mapped[str] = mapped_column(String(7))
    body_digest: Mapped[bytes] = mapped_column(LargeBinary(16))


class Rating(Leaf, Model):
    """One rating of one use (评价), `step` 1 (非常不满意) to 5 (非常满意). `is_counted` follows the use's."""

    __tablename__ = "rating"
    __table_args__ = (
        Index("ix_rating_site_id_month_sequence", "site_id", "month", "sequence"),
        CheckConstraint("step BETWEEN 1 AND 5", name="step"),
        BY_MONTH,
    )

    site_id: Mapped[int] = mapped_column(primary_key=True)
    usage_id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    step: Mapped[int] = mapped_column(SmallInteger)
    tags: Mapped[list[str]] = mapped_column(Json, default=list)
    comment: Mapped[str] = mapped_column(String(400), default="")
    is_counted: Mapped[bool]
    rated_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Presence(Leaf, Model):
    """Proof that who logged the use was on site: the room's word of the month, or the rotating code of its tablet.

    `method` is ``word`` or ``code``; one for each use. `is_counted` follows the use's.
    """

    __tablename__ = "presence"
    __table_args__ = (
        CheckConstraint("method IN ('word', 'code')", name="method"),
        BY_MONTH,
    )

    site_id: Mapped[int] = mapped_column(primary_key=True)
    usage_id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    method: Mapped[str] = mapped_column(String(4))
    is_counted: Mapped[bool]
    proven_at: Mapped[datetime]


class Adjustment(Leaf, Model):
    """A named person excludes uses of one site and month, or restores them, with a reason. The originals stay.

    `uses` are ids of records, none once these are erased. `hours` maps the start of an hour (UTC, ISO 8601) to a number
    of uses, in both cases: what is excluded in an hour stays known after erasure. `steps` is what that does to the
    month's counters (`counted`, `rating_1` … `rating_5`, `on_site`): negative for an exclusion. `signature` is the HMAC
    of the leaf under the ledger's key.
    """

    __tablename__ = "adjustment"
    __table_args__ = (
        Index("ix_adjustment_site_id_month", "site_id", "month"),
        CheckConstraint("act IN ('exclude', 'restore')", name="act"),
    )

    site_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    act: Mapped[str] = mapped_column(String(8))
    actor_id: Mapped[int]
    actor_name: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(600))
    evidence: Mapped[str] = mapped_column(String(600), default="")
    attachment_id: Mapped[int | None]
    uses: Mapped[list[str]] = mapped_column(Json, default=list)
    hours: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    steps: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    made_at: Mapped[datetime]
    signature: Mapped[bytes] = mapped_column(LargeBinary(32))


class Erasure(Leaf, Model):
    """After retention the records of a site and month are gone; `HourBucket` says what is left. One for each month.

    `records` is how many leaves are gone (uses, ratings, their superseded leaves, proofs of presence), so that no other
    can go with them; `buckets` the digest of the hours as they were written, in order (`leaves.hours_digest`).
    """

    __tablename__ = "erasure"

    site_id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    records: Mapped[int]
    buckets: Mapped[bytes] = mapped_column(LargeBinary(32))
    erased_at: Mapped[datetime]


class HourBucket(Model):
    """Uses of one site in the hour that begins at `hour_at` (UTC), without pseudonyms: what retention leaves."""

    __tablename__ = "hour_bucket"
    __table_args__ = (Index("ix_hour_bucket_site_id_month", "site_id", "month"),)

    site_id: Mapped[int] = mapped_column(primary_key=True)
    hour_at: Mapped[datetime] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7))
    recorded: Mapped[int] = mapped_column(default=0)
    counted: Mapped[int] = mapped_column(default=0)
    code_revoked: Mapped[int] = mapped_column(default=0)
    site_closed: Mapped[int] = mapped_column(default=0)
    site_suspended: Mapped[int] = mapped_column(default=0)
    too_soon: Mapped[int] = mapped_column(default=0)
    daily_limit: Mapped[int] = mapped_column(default=0)


class SupersededLeaf(Model):
    """What stays of a rating that was changed: its place in the ledger and its digest, not what it said."""

    __tablename__ = "superseded_leaf"
    __table_args__ = (BY_MONTH,)

    site_id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))


class UnguardedHour(Model):
    """Taps that one site took in the hour from `hour_at` (UTC) while the shared store of the limits was away.

    Each process limited by itself then, so that more could come than the published limits let in: reviewers see it.
    """

    __tablename__ = "unguarded_hour"

    site_id: Mapped[int] = mapped_column(primary_key=True)
    hour_at: Mapped[datetime] = mapped_column(primary_key=True)
    taps: Mapped[int]


class SiteMonth(Model):
    """The tally of one site and month (decision 4): written in the event's transaction, recomputable from the events.

    `recorded` = `counted` + all reasons; `rating_1` … `rating_5` are ratings of counted uses by step; `on_site` are
    counted uses with a `Presence`. `events` is the last sequence given out, `sealed` the last one sealed.
    """

    __tablename__ = "site_month"
    __table_args__ = (Index("ix_site_month_month_site_id", "month", "site_id"),)

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
    on_site: Mapped[int] = mapped_column(default=0)
    events: Mapped[int] = mapped_column(default=0)
    sealed: Mapped[int] = mapped_column(default=0)
