"""The life of a site: files, registers, other kinds, reports, cases, titles, checks, documents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the tables, and let the choice of a rulebook have a date."""
    op.create_table(
        "rulebook_text",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("rulebook_id", sa.String(length=60), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_rulebook_text")),
    )
    op.create_table(
        "year_target",
        sa.Column("trade_union_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["trade_union_id"], ["trade_union.id"], name=op.f("fk_year_target_trade_union_id")),
        sa.PrimaryKeyConstraint("trade_union_id", "year", "kind", name=op.f("pk_year_target")),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("is_restricted", sa.Boolean(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_attachment_size")),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["user_account.id"], name=op.f("fk_attachment_uploaded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("file_name", name=op.f("uq_attachment_file_name")),
    )
    op.create_table(
        "care_term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("staff", sa.Integer(), nullable=True),
        sa.Column("volunteers", sa.Integer(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_care_term_order")),
        sa.ForeignKeyConstraint(["created_by_id"], ["user_account.id"], name=op.f("fk_care_term_created_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_care_term_site_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_term")),
    )
    with op.batch_alter_table("care_term", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_care_term_site_id"), ["site_id"], unique=False)

    op.create_table(
        "combined_part",
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["centre_id"], ["site.id"], name=op.f("fk_combined_part_centre_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["part_id"], ["site.id"], name=op.f("fk_combined_part_part_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("part_id", name=op.f("pk_combined_part")),
    )
    with op.batch_alter_table("combined_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_combined_part_centre_id"), ["centre_id"], unique=False)

    op.create_table(
        "demonstration_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trade_union_id", sa.Integer(), nullable=False),
        sa.Column("rulebook_id", sa.String(length=60), nullable=False),
        sa.Column("rulebook_digest", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("recommend_by", sa.Date(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("quotas", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("notice", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user_account.id"], name=op.f("fk_demonstration_call_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["trade_union_id"], ["trade_union.id"], name=op.f("fk_demonstration_call_trade_union_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demonstration_call")),
    )
    with op.batch_alter_table("demonstration_call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_demonstration_call_trade_union_id"), ["trade_union_id"], unique=False)

    op.create_table(
        "draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trade_union_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("seed_source", sa.String(length=200), nullable=False),
        sa.Column("seed", sa.String(length=80), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column(
            "candidates", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("drawn", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced_by_id", sa.Integer(), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drawn_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["announced_by_id"], ["user_account.id"], name=op.f("fk_draw_announced_by_id")),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["user_account.id"], name=op.f("fk_draw_drawn_by_id")),
        sa.ForeignKeyConstraint(["trade_union_id"], ["trade_union.id"], name=op.f("fk_draw_trade_union_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw")),
    )
    with op.batch_alter_table("draw", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draw_trade_union_id"), ["trade_union_id"], unique=False)

    op.create_table(
        "fixed_asset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("facility", sa.String(length=40), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("value_yuan", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("acquired_on", sa.Date(), nullable=True),
        sa.Column("disposed_on", sa.Date(), nullable=True),
        sa.Column("disposal", sa.String(length=300), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by_id", sa.Integer(), nullable=True),
        sa.Column("void_reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user_account.id"], name=op.f("fk_fixed_asset_recorded_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_fixed_asset_site_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["voided_by_id"], ["user_account.id"], name=op.f("fk_fixed_asset_voided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fixed_asset")),
    )
    with op.batch_alter_table("fixed_asset", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fixed_asset_site_id"), ["site_id"], unique=False)

    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("description", sa.String(length=600), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("retracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retracted_by_id", sa.Integer(), nullable=True),
        sa.Column("retract_reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user_account.id"], name=op.f("fk_incident_recorded_by_id")),
        sa.ForeignKeyConstraint(["retracted_by_id"], ["user_account.id"], name=op.f("fk_incident_retracted_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_incident_site_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index("ix_incident_site_id_happened_on", ["site_id", "happened_on"], unique=False)

    op.create_table(
        "notice_sent",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_notice_sent_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_notice_sent")),
    )
    op.create_table(
        "nursery_return",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("enrolled", sa.Integer(), nullable=False),
        sa.Column("own_employees_children", sa.Integer(), nullable=False),
        sa.Column(
            "class_types", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("price_yuan", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("local_average_yuan", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("indoor_area_m2", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("outdoor_area_m2", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("has_health_title", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user_account.id"], name=op.f("fk_nursery_return_recorded_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_nursery_return_site_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nursery_return")),
    )
    with op.batch_alter_table("nursery_return", schema=None) as batch_op:
        batch_op.create_index("ix_nursery_return_site_id_as_of", ["site_id", "as_of"], unique=False)

    op.create_table(
        "public_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sender", sa.LargeBinary(length=16), nullable=True),
        sa.Column("sender_day", sa.String(length=10), nullable=True),
        sa.Column("is_independent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["handled_by_id"], ["user_account.id"], name=op.f("fk_public_report_handled_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_public_report_site_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_report")),
    )
    with op.batch_alter_table("public_report", schema=None) as batch_op:
        batch_op.create_index("ix_public_report_site_id_state", ["site_id", "state"], unique=False)

    op.create_table(
        "rulebook_choice",
        sa.Column("trade_union_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("rulebook_id", sa.String(length=60), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chosen_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["chosen_by_id"], ["user_account.id"], name=op.f("fk_rulebook_choice_chosen_by_id")),
        sa.ForeignKeyConstraint(
            ["trade_union_id"], ["trade_union.id"], name=op.f("fk_rulebook_choice_trade_union_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("trade_union_id", "from_on", name=op.f("pk_rulebook_choice")),
    )
    op.create_table(
        "supply_level",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=30), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_supply_level_site_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("site_id", "item", name=op.f("pk_supply_level")),
    )
    op.create_table(
        "supply_movement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=30), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=160), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by_id", sa.Integer(), nullable=True),
        sa.Column("void_reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_supply_movement_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_supply_movement_site_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["voided_by_id"], ["user_account.id"], name=op.f("fk_supply_movement_voided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_movement")),
    )
    with op.batch_alter_table("supply_movement", schema=None) as batch_op:
        batch_op.create_index("ix_supply_movement_site_id_item", ["site_id", "item"], unique=False)

    op.create_table(
        "activity",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("participants", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by_id", sa.Integer(), nullable=True),
        sa.Column("void_reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_activity_order")),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_activity_attachment_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user_account.id"], name=op.f("fk_activity_recorded_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_activity_site_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["voided_by_id"], ["user_account.id"], name=op.f("fk_activity_voided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.create_index("ix_activity_site_id_starts_at", ["site_id", "starts_at"], unique=False)

    op.create_table(
        "attachment_view",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("viewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_attachment_view_attachment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_attachment_view_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment_view")),
    )
    with op.batch_alter_table("attachment_view", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_view_attachment_id"), ["attachment_id"], unique=False)

    op.create_table(
        "care_child",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=12), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("enrolled_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("is_insured", sa.Boolean(), nullable=False),
        sa.Column("has_agreement", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["term_id"], ["care_term.id"], name=op.f("fk_care_child_term_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_child")),
        sa.UniqueConstraint("code", name=op.f("uq_care_child_code")),
        sa.UniqueConstraint("term_id", "label", name=op.f("uq_care_child_term_id_label")),
    )
    op.create_table(
        "care_day",
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("ran_on", sa.Date(), nullable=False),
        sa.Column("safety_checked", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["term_id"], ["care_term.id"], name=op.f("fk_care_day_term_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("term_id", "ran_on", name=op.f("pk_care_day")),
    )
    op.create_table(
        "inspection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("trade_union_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=True),
        sa.Column("plan_reason", sa.String(length=300), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("inspector_id", sa.Integer(), nullable=True),
        sa.Column("mode", sa.String(length=10), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_by_id", sa.Integer(), nullable=True),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(length=10), nullable=True),
        sa.Column(
            "findings", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by_id", sa.Integer(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["demonstration_call.id"], name=op.f("fk_inspection_call_id")),
        sa.ForeignKeyConstraint(
            ["cancelled_by_id"], ["user_account.id"], name=op.f("fk_inspection_cancelled_by_id")
        ),
        sa.ForeignKeyConstraint(["done_by_id"], ["user_account.id"], name=op.f("fk_inspection_done_by_id")),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_inspection_draw_id")),
        sa.ForeignKeyConstraint(["inspector_id"], ["user_account.id"], name=op.f("fk_inspection_inspector_id")),
        sa.ForeignKeyConstraint(["planned_by_id"], ["user_account.id"], name=op.f("fk_inspection_planned_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_inspection_site_id")),
        sa.ForeignKeyConstraint(["trade_union_id"], ["trade_union.id"], name=op.f("fk_inspection_trade_union_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
    )
    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inspection_inspector_id"), ["inspector_id"], unique=False)
        batch_op.create_index("ix_inspection_site_id_year", ["site_id", "year"], unique=False)
        batch_op.create_index(batch_op.f("ix_inspection_trade_union_id"), ["trade_union_id"], unique=False)

    op.create_table(
        "inspection_photo",
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_inspection_photo_attachment_id")
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_inspection_photo_inspection_id")
        ),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_inspection_photo")),
    )
    with op.batch_alter_table("inspection_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inspection_photo_inspection_id"), ["inspection_id"], unique=False)

    op.create_table(
        "keeper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("certificate_until", sa.Date(), nullable=True),
        sa.Column("certificate_id", sa.Integer(), nullable=True),
        sa.Column("since_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by_id", sa.Integer(), nullable=True),
        sa.Column("void_reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["attachment.id"], name=op.f("fk_keeper_certificate_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user_account.id"], name=op.f("fk_keeper_recorded_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_keeper_site_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["voided_by_id"], ["user_account.id"], name=op.f("fk_keeper_voided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keeper")),
    )
    with op.batch_alter_table("keeper", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_keeper_site_id"), ["site_id"], unique=False)

    op.create_table(
        "register_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("register", sa.String(length=20), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("done_by", sa.String(length=80), nullable=False),
        sa.Column(
            "findings", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by_id", sa.Integer(), nullable=True),
        sa.Column("void_reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_register_entry_attachment_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user_account.id"], name=op.f("fk_register_entry_recorded_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_register_entry_site_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["voided_by_id"], ["user_account.id"], name=op.f("fk_register_entry_voided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_entry")),
    )
    with op.batch_alter_table("register_entry", schema=None) as batch_op:
        batch_op.create_index("ix_register_entry_site_id_on", ["site_id", "done_on"], unique=False)

    op.create_table(
        "subsidy_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount_yuan", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=160), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by_id", sa.Integer(), nullable=True),
        sa.Column("void_reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_subsidy_entry_attachment_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user_account.id"], name=op.f("fk_subsidy_entry_recorded_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_subsidy_entry_site_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["voided_by_id"], ["user_account.id"], name=op.f("fk_subsidy_entry_voided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_entry")),
    )
    with op.batch_alter_table("subsidy_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subsidy_entry_site_id"), ["site_id"], unique=False)

    op.create_table(
        "care_attendance",
        sa.Column(
            "child_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("attended_on", sa.Date(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["child_id"], ["care_child.id"], name=op.f("fk_care_attendance_child_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_care_attendance_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("child_id", "attended_on", name=op.f("pk_care_attendance")),
    )
    op.create_table(
        "programme_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("rulebook_id", sa.String(length=60), nullable=False),
        sa.Column("rulebook_digest", sa.String(length=64), nullable=False),
        sa.Column(
            "details", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("inspection_id", sa.Integer(), nullable=True),
        sa.Column("origin_id", sa.Integer(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["demonstration_call.id"], name=op.f("fk_programme_case_call_id")),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name=op.f("fk_programme_case_inspection_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["user_account.id"], name=op.f("fk_programme_case_opened_by_id")),
        sa.ForeignKeyConstraint(["origin_id"], ["programme_case.id"], name=op.f("fk_programme_case_origin_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_programme_case_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_case")),
        sa.UniqueConstraint("number", name=op.f("uq_programme_case_number")),
    )
    with op.batch_alter_table("programme_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_programme_case_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_programme_case_inspection_id"), ["inspection_id"], unique=False)
        batch_op.create_index("ix_programme_case_kind_state", ["kind", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_programme_case_origin_id"), ["origin_id"], unique=False)
        batch_op.create_index("ix_programme_case_site_id_kind", ["site_id", "kind"], unique=False)

    op.create_table(
        "case_assessor",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["programme_case.id"], name=op.f("fk_case_assessor_case_id")),
        sa.ForeignKeyConstraint(["invited_by_id"], ["user_account.id"], name=op.f("fk_case_assessor_invited_by_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_case_assessor_user_id")),
        sa.PrimaryKeyConstraint("case_id", "user_id", name=op.f("pk_case_assessor")),
    )
    with op.batch_alter_table("case_assessor", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_assessor_user_id"), ["user_id"], unique=False)

    op.create_table(
        "case_attachment",
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_case_attachment_attachment_id")),
        sa.ForeignKeyConstraint(["case_id"], ["programme_case.id"], name=op.f("fk_case_attachment_case_id")),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_case_attachment")),
    )
    with op.batch_alter_table("case_attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_attachment_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=False),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("rulebook_digest", sa.String(length=64), nullable=False),
        sa.Column(
            "reasons", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column(
            "details", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["user_account.id"], name=op.f("fk_case_event_actor_id")),
        sa.ForeignKeyConstraint(["case_id"], ["programme_case.id"], name=op.f("fk_case_event_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_case_event_case_id_number")),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("rulebook_id", sa.String(length=60), nullable=False),
        sa.Column("rulebook_digest", sa.String(length=64), nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("facts", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("report", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["programme_case.id"], name=op.f("fk_decision_case_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user_account.id"], name=op.f("fk_decision_decided_by_id")),
        sa.ForeignKeyConstraint(
            ["rulebook_digest"], ["rulebook_text.digest"], name=op.f("fk_decision_rulebook_digest")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_decision_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_site_id"), ["site_id"], unique=False)

    op.create_table(
        "filled_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("use", sa.String(length=12), nullable=False),
        sa.Column("rulebook_id", sa.String(length=60), nullable=False),
        sa.Column("rulebook_digest", sa.String(length=64), nullable=False),
        sa.Column("sheet", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("inspection_id", sa.Integer(), nullable=True),
        sa.Column("filled_on", sa.Date(), nullable=False),
        sa.Column("filled_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("total", sa.Numeric(precision=7, scale=2), nullable=True),
        sa.Column("is_passed", sa.Boolean(), nullable=True),
        sa.Column("note", sa.String(length=600), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["programme_case.id"], name=op.f("fk_filled_sheet_case_id")),
        sa.ForeignKeyConstraint(["filled_by_id"], ["user_account.id"], name=op.f("fk_filled_sheet_filled_by_id")),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name=op.f("fk_filled_sheet_inspection_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_filled_sheet_site_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filled_sheet")),
        sa.UniqueConstraint("client_key", name=op.f("uq_filled_sheet_client_key")),
    )
    with op.batch_alter_table("filled_sheet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_filled_sheet_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_filled_sheet_inspection_id"), ["inspection_id"], unique=False)
        batch_op.create_index("ix_filled_sheet_site_id_use", ["site_id", "use"], unique=False)

    op.create_table(
        "issued_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("form", sa.String(length=60), nullable=False),
        sa.Column("rulebook_id", sa.String(length=60), nullable=False),
        sa.Column("rulebook_digest", sa.String(length=64), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("trade_union_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "content", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["programme_case.id"], name=op.f("fk_issued_document_case_id")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["user_account.id"], name=op.f("fk_issued_document_issued_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_issued_document_site_id")),
        sa.ForeignKeyConstraint(["trade_union_id"], ["trade_union.id"], name=op.f("fk_issued_document_trade_union_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_document")),
        sa.UniqueConstraint("code", name=op.f("uq_issued_document_code")),
    )
    with op.batch_alter_table("issued_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_issued_document_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_issued_document_site_id"), ["site_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_issued_document_trade_union_id"), ["trade_union_id"], unique=False)

    op.create_table(
        "panel_score",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("assessor_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("points", sa.Numeric(precision=6, scale=2), nullable=False),
        sa.Column("remark", sa.String(length=600), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assessor_id"], ["user_account.id"], name=op.f("fk_panel_score_assessor_id")),
        sa.ForeignKeyConstraint(["case_id"], ["programme_case.id"], name=op.f("fk_panel_score_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_score")),
        sa.UniqueConstraint("case_id", "assessor_id", "number", name=op.f("uq_panel_score_case_id_assessor_id_number")),
    )
    with op.batch_alter_table("panel_score", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_panel_score_case_id"), ["case_id"], unique=False)

    op.create_table(
        "title",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("recheck_by", sa.Date(), nullable=True),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("revoked_reason", sa.String(length=600), nullable=False),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["demonstration_call.id"], name=op.f("fk_title_call_id")),
        sa.ForeignKeyConstraint(["case_id"], ["programme_case.id"], name=op.f("fk_title_case_id")),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["user_account.id"], name=op.f("fk_title_revoked_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_title_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_title")),
        sa.UniqueConstraint("case_id", name=op.f("uq_title_case_id")),
    )
    with op.batch_alter_table("title", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_title_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_title_site_id"), ["site_id"], unique=False)

    op.create_table(
        "sheet_answer",
        sa.Column("filled_sheet_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("points", sa.Numeric(precision=6, scale=2), nullable=True),
        sa.Column("is_ticked", sa.Boolean(), nullable=True),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("keys", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["filled_sheet_id"], ["filled_sheet.id"], name=op.f("fk_sheet_answer_filled_sheet_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("filled_sheet_id", "item", name=op.f("pk_sheet_answer")),
    )
    op.create_table(
        "sheet_photo",
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("filled_sheet_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_sheet_photo_attachment_id")),
        sa.ForeignKeyConstraint(
            ["filled_sheet_id"], ["filled_sheet.id"], name=op.f("fk_sheet_photo_filled_sheet_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_sheet_photo")),
        sa.UniqueConstraint("client_key", name=op.f("uq_sheet_photo_client_key")),
    )
    with op.batch_alter_table("sheet_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sheet_photo_filled_sheet_id"), ["filled_sheet_id"], unique=False)

    json = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    op.add_column("site", sa.Column("premises", sa.String(length=30), nullable=True))
    op.add_column("site", sa.Column("particulars", json, nullable=False, server_default="{}"))
    op.add_column("site", sa.Column("receipt_number", sa.String(length=60), nullable=False, server_default=""))
    op.add_column("site", sa.Column("plaque_number", sa.String(length=60), nullable=False, server_default=""))
    op.add_column("site", sa.Column("plaque_issued_on", sa.Date(), nullable=True))
    op.add_column("site", sa.Column("being_checked_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("suspension", sa.Column("is_official", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("suspension", sa.Column("mode", sa.String(length=10), nullable=False, server_default="closed"))

    op.execute(
        "INSERT INTO rulebook_choice (trade_union_id, from_on, rulebook_id) "
        "SELECT id, '2000-01-01', rulebook_id FROM trade_union WHERE rulebook_id IS NOT NULL"
    )
    op.add_column("trade_union", sa.Column("head_name", sa.String(length=80), nullable=False, server_default=""))
    op.add_column("trade_union", sa.Column("head_phone", sa.String(length=40), nullable=False, server_default=""))
    op.add_column("trade_union", sa.Column("women_workers", sa.Integer(), nullable=True))
    op.drop_column("trade_union", "rulebook_id")

    role = sa.table("role", sa.column("name", sa.String))
    op.bulk_insert(role, [{"name": "assessor"}])
