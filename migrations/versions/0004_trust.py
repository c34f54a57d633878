"""Numbers that can be trusted: the ledger, adjustments, presence, hours, released figures, signals."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.usage import leaves

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables, and give every event there is its place in the ledger."""
    json = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    op.create_table(
        "adjustment",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(length=8), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=600), nullable=False),
        sa.Column("evidence", sa.String(length=600), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=True),
        sa.Column("uses", json, nullable=False),
        sa.Column("hours", json, nullable=False),
        sa.Column("steps", json, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("act IN ('exclude', 'restore')", name=op.f("ck_adjustment_act")),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_adjustment")),
    )
    op.create_index("ix_adjustment_site_id_month", "adjustment", ["site_id", "month"], unique=False)

    op.create_table(
        "checkpoint_figure",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("published", json, nullable=False),
        sa.Column("exact", json, nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "month", name=op.f("pk_checkpoint_figure")),
    )
    op.create_index("ix_checkpoint_figure_month_position", "checkpoint_figure", ["month", "position"], unique=True)

    op.create_table(
        "day_signal",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("signal_on", sa.Date(), nullable=False),
        sa.Column("signal_values", json, nullable=False),
        sa.PrimaryKeyConstraint("site_id", "signal_on", name=op.f("pk_day_signal")),
    )
    op.create_table(
        "erasure",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("buckets", sa.LargeBinary(length=32), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "month", name=op.f("pk_erasure")),
    )
    op.create_table(
        "hour_bucket",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("hour_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("recorded", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("code_revoked", sa.Integer(), nullable=False),
        sa.Column("site_closed", sa.Integer(), nullable=False),
        sa.Column("site_suspended", sa.Integer(), nullable=False),
        sa.Column("too_soon", sa.Integer(), nullable=False),
        sa.Column("daily_limit", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "hour_at", name=op.f("pk_hour_bucket")),
    )
    op.create_index("ix_hour_bucket_site_id_month", "hour_bucket", ["site_id", "month"], unique=False)

    op.create_table(
        "release",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_release")),
    )
    op.create_table(
        "released_site",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=True),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("site_id", "month", name=op.f("pk_released_site")),
    )
    op.create_table(
        "released_union",
        sa.Column("trade_union_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("sites", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=True),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("trade_union_id", "month", name=op.f("pk_released_union")),
    )
    op.create_index("ix_released_union_month", "released_union", ["month"], unique=False)

    op.create_table(
        "seal",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("algorithm", sa.String(length=10), nullable=False),
        sa.Column("batches", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("seal_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seal")),
    )
    op.create_table(
        "sealed_batch",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("first_sequence", sa.Integer(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("seal_number", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("counters", json, nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "month", "first_sequence", name=op.f("pk_sealed_batch")),
    )
    op.create_index("ix_sealed_batch_seal_number", "sealed_batch", ["seal_number"], unique=False)

    op.create_table(
        "superseded_leaf",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "month", "sequence", name=op.f("pk_superseded_leaf")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("algorithm", sa.String(length=10), nullable=False),
        sa.Column("seal_number", sa.Integer(), nullable=False),
        sa.Column("seal_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sites", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["seal_number"], ["seal.number"], name=op.f("fk_checkpoint_seal_number")),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "presence",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("usage_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(length=4), nullable=False),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("method IN ('word', 'code')", name=op.f("ck_presence_method")),
        sa.ForeignKeyConstraint(
            ["site_id", "usage_id"],
            ["usage_record.site_id", "usage_record.id"],
            name=op.f("fk_presence_site_id_usage_id"),
        ),
        sa.PrimaryKeyConstraint("site_id", "usage_id", name=op.f("pk_presence")),
    )
    op.create_table(
        "flag_review",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("detector", sa.String(length=40), nullable=False),
        sa.Column("first_month", sa.String(length=7), nullable=False),
        sa.Column("last_month", sa.String(length=7), nullable=False),
        sa.Column("finding", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=600), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["reviewer_id"], ["user_account.id"], name=op.f("fk_flag_review_reviewer_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_flag_review_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag_review")),
    )
    op.create_index("ix_flag_review_site_id_detector", "flag_review", ["site_id", "detector"], unique=False)
    for name in ("site_flags", "case_flags"):
        keys = {
            "site_flags": (
                sa.Column("waiting", sa.Integer(), nullable=False),
                sa.PrimaryKeyConstraint("site_id", name="pk_site_flags"),
                sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_site_flags_site_id", ondelete="CASCADE"),
            ),
            "case_flags": (
                sa.Column("case_id", sa.Integer(), autoincrement=False, nullable=False),
                sa.PrimaryKeyConstraint("case_id", name="pk_case_flags"),
            ),
        }
        op.create_table(
            name,
            sa.Column("site_id", sa.Integer(), nullable=False),
            sa.Column("first_month", sa.String(length=7), nullable=False),
            sa.Column("last_month", sa.String(length=7), nullable=False),
            sa.Column("is_flagged", sa.Boolean(), nullable=False),
            sa.Column("strength", sa.Double(), nullable=False),
            sa.Column("found", json, nullable=False),
            sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
            *keys[name],
        )

    op.create_table(
        "log_in_session",
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_log_in_session_user_id_user_account", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_log_in_session"),
    )
    op.create_index("ix_log_in_session_user_id", "log_in_session", ["user_id"])
    op.create_table(
        "account_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_account_event_user_id_user_account", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name="fk_account_event_by_id_user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_account_event"),
    )
    op.create_index("ix_account_event_user_id_at", "account_event", ["user_id", "at"])
    op.create_table(
        "unguarded_hour",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("hour_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taps", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "hour_at", name=op.f("pk_unguarded_hour")),
    )
    for name in ("recounted_from_at", "recounted_until_at"):
        op.add_column("inspection", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name in ("recounted_uses", "recounted_counted"):
        op.add_column("inspection", sa.Column(name, sa.Integer(), nullable=True))
    op.add_column("site", sa.Column("has_word", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("site", sa.Column("tablet_key", sa.String(length=40), nullable=True))
    op.create_index("ix_site_tablet_key", "site", ["tablet_key"], unique=True)
    for name in ("on_site", "events", "sealed"):
        op.add_column("site_month", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    for table in ("usage_record", "rating"):
        op.add_column(table, sa.Column("sequence", sa.Integer(), nullable=False, server_default="0"))
        op.add_column(table, sa.Column("salt", sa.LargeBinary(length=16), nullable=False, server_default=""))
        op.add_column(table, sa.Column("digest", sa.LargeBinary(length=32), nullable=False, server_default=""))
    op.drop_index("ix_usage_record_site_id_month", "usage_record")
    _enter_events()
    for table in ("usage_record", "rating"):
        op.create_index(f"ix_{table}_site_id_month_sequence", table, ["site_id", "month", "sequence"])


def _tables() -> dict[str, tuple[sa.TableClause, str]]:
    """The tables of events by kind, as they are at this revision, with the column that orders their rows."""
    instants = {name: sa.DateTime(timezone=True) for name in ("used_at", "received_at", "rated_at", "changed_at")}
    uuids = {name: sa.Uuid() for name in ("id", "client_key", "repeats_id", "usage_id")}
    blobs = {name: sa.LargeBinary() for name in ("body_digest", "p_site", "salt", "digest")}
    types: dict[str, Any] = {**instants, **uuids, **blobs, "tags": sa.JSON(), "is_counted": sa.Boolean()}

    def table(kind: str, name: str) -> sa.TableClause:
        columns = (*leaves.FIELDS[kind], "salt", "digest")
        return sa.table(name, *(sa.column(column, types.get(column)) for column in columns))

    return {"use": (table("use", "usage_record"), "received_at"), "rating": (table("rating", "rating"), "rated_at")}


def _enter_events() -> None:
    """Number the events of each site and month, uses first, and stamp them with their digests."""
    connection = op.get_bind()
    numbers: defaultdict[tuple[int, str], int] = defaultdict(int)
    for kind, (table, at) in _tables().items():
        key = table.c["id" if kind == "use" else "usage_id"]
        for row in connection.execute(sa.select(table).order_by(table.c.site_id, table.c[at], key)).mappings().all():
            month = (row["site_id"], row["month"])
            numbers[month] += 1
            aware = {name: _aware(value) for name, value in row.items()}
            entered = leaves.stamped(kind, aware | {"sequence": numbers[month]}, "sha256")
            values = {name: entered[name] for name in ("sequence", "salt", "digest")}
            mine = (table.c.site_id == row["site_id"], key == row[key.name])
            connection.execute(sa.update(table).where(*mine).values(values))
    tallies = sa.table("site_month", sa.column("site_id"), sa.column("month"), sa.column("events"))
    for (site_id, text), number in numbers.items():
        mine = (tallies.c.site_id == site_id, tallies.c.month == text)
        connection.execute(sa.update(tallies).where(*mine).values(events=number))


def _aware(value: Any) -> Any:
    """SQLite gives instants without their offset: they are UTC."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
