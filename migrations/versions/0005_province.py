"""Ready for a province: events in partitions by month, the keys of taps in a table of their own."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

EVENTS = ("usage_record", "rating", "presence", "superseded_leaf")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    """Rebuild the tables of events with the month in their keys; PostgreSQL keeps each month in a partition."""
    for name in EVENTS:
        op.execute(f"CREATE TABLE moved_{name} AS SELECT * FROM {name}")  # noqa: S608  our own names
    for name in reversed(EVENTS):
        op.drop_table(name)
    _make_tables()
    if op.get_bind().dialect.name == "postgresql":
        _make_partitions()
    op.execute(
        "INSERT INTO tap_key (site_id, client_key, usage_id, month, body_digest) "
        "SELECT site_id, client_key, id, month, body_digest FROM moved_usage_record"
    )
    for name in EVENTS:
        columns = ", ".join(column["name"] for column in sa.inspect(op.get_bind()).get_columns(name))
        op.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM moved_{name}")  # noqa: S608
        op.drop_table(f"moved_{name}")
    # No longer unique: Citus keeps no unique index without `site_id`.
    op.drop_index("ix_checkpoint_figure_month_position", "checkpoint_figure")
    op.create_index("ix_checkpoint_figure_month_position", "checkpoint_figure", ["month", "position"])


def _make_tables() -> None:
    _partitioned(
        "usage_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=False),
        sa.Column("body_digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("door_code_id", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("p_site", sa.LargeBinary(length=16), nullable=False),
        sa.Column("p_day", sa.LargeBinary(length=16), nullable=True),
        sa.Column("day_key", sa.String(length=10), nullable=True),
        sa.Column("purpose", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("repeats_id", sa.Uuid(), nullable=True),
        sa.Column("rule_version", sa.SmallInteger(), nullable=False),
        *_leaf(),
        sa.PrimaryKeyConstraint("site_id", "id", "month", name="pk_usage_record"),
    )
    op.create_index("ix_usage_record_site_id_month_sequence", "usage_record", ["site_id", "month", "sequence"])
    op.create_index("ix_usage_record_site_id_p_site_used_at", "usage_record", ["site_id", "p_site", "used_at"])
    _partitioned(
        "rating",
        sa.Column("usage_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("comment", sa.String(length=400), nullable=False),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        *_leaf(),
        sa.CheckConstraint("step BETWEEN 1 AND 5", name="ck_rating_step"),
        sa.PrimaryKeyConstraint("site_id", "usage_id", "month", name="pk_rating"),
    )
    op.create_index("ix_rating_site_id_month_sequence", "rating", ["site_id", "month", "sequence"])
    _partitioned(
        "presence",
        sa.Column("usage_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(length=4), nullable=False),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=False),
        *_leaf(),
        sa.CheckConstraint("method IN ('word', 'code')", name="ck_presence_method"),
        sa.PrimaryKeyConstraint("site_id", "usage_id", "month", name="pk_presence"),
    )
    _partitioned(
        "superseded_leaf",
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "month", "sequence", name="pk_superseded_leaf"),
    )
    op.create_table(
        "tap_key",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=False),
        sa.Column("usage_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("body_digest", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "client_key", name="pk_tap_key"),
    )
    op.create_index("ix_tap_key_site_id_month", "tap_key", ["site_id", "month"])
    op.create_index("ix_site_month_month_site_id", "site_month", ["month", "site_id"])
    op.create_table(
        "maintenance_step",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_maintenance_step"),
    )
    _make_verdicts()


def _make_verdicts() -> None:
    numbers = ("counted", "months", "ratings", "points", "this_month", "last_month")
    op.create_table(
        "site_verdict",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rulebook_id", sa.String(length=60), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("band", sa.String(length=8), nullable=False),
        sa.Column("mean", sa.Double(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in numbers),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_site_verdict_site_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("site_id", name="pk_site_verdict"),
    )
    for name in ("mean", "score", "verdict"):
        op.create_index(f"ix_site_verdict_{name}_site_id", "site_verdict", [name, "site_id"])
    op.create_index("ix_site_name_id", "site", ["name", "id"])
    op.create_table(
        "union_verdict",
        sa.Column("trade_union_id", sa.Integer(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sums", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["trade_union_id"], ["trade_union.id"], name="fk_union_verdict_trade_union_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("trade_union_id", name="pk_union_verdict"),
    )


def _partitioned(name: str, *columns: sa.Column[object] | sa.Constraint) -> None:
    place = (
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
    )
    op.create_table(name, *place, *columns, postgresql_partition_by="RANGE (month)")


def _leaf() -> Iterator[sa.Column[object]]:
    yield sa.Column("sequence", sa.Integer(), nullable=False)
    yield sa.Column("salt", sa.LargeBinary(length=16), nullable=False)
    yield sa.Column("digest", sa.LargeBinary(length=32), nullable=False)


def _make_partitions() -> None:
    """One partition for each month there is, and one for whatever has none yet: no tap is ever refused for that."""
    found = " UNION ".join(f"SELECT month FROM moved_{name}" for name in EVENTS)  # noqa: S608
    months = [row.month for row in op.get_bind().execute(sa.text(f"{found} ORDER BY 1"))]
    for name in EVENTS:
        op.execute(f"CREATE TABLE {name}_default PARTITION OF {name} DEFAULT")
        for month in months:
            year, number = int(month[:4]), int(month[5:])
            end = f"{year + number // 12}-{number % 12 + 1:02d}"
            op.execute(
                f"CREATE TABLE {name}_{month.replace('-', '_')} PARTITION OF {name} "
                f"FOR VALUES FROM ('{month}') TO ('{end}')"
            )
