"""Which sites have changed, so that the finder reads only those."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the number of the moves that name their sites, and the table in which they do."""
    op.add_column("directory_version", sa.Column("named", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "directory_change",
        sa.Column("site_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_directory_change")),
    )
    op.create_index(op.f("ix_directory_change_version"), "directory_change", ["version"])
