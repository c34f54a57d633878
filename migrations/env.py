"""Alembic's environment: one connection, one transaction, the models' metadata."""

import re
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import create_engine, text

import app.accounts.models
import app.anomalies.models
import app.attachments.models
import app.care.models
import app.documents.models
import app.maintenance.models
import app.programme.cases.models
import app.programme.checks.models
import app.programme.demonstration.models
import app.programme.models
import app.programme.scoring.models
import app.registers.models
import app.reports.models
import app.sites.models
import app.usage.figures.models
import app.usage.ledger.models
import app.usage.models  # noqa: F401  these imports fill the metadata
from app.db import Model, UtcDateTime
from app.distribution import SEQUENTIAL

PARTITION = re.compile(r"_(\d{4}_\d{2}|default)$")


def render_item(kind: str, obj: Any, _context: AutogenContext) -> str | Literal[False]:
    """Migrations stand for themselves: they name plain SQLAlchemy types, not the application's."""
    if kind == "type" and isinstance(obj, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """PostGIS's own table and the partitions by month are not the models' business."""
    return not (kind == "table" and name is not None and (name == "spatial_ref_sys" or PARTITION.search(name)))


engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Model.metadata,
        render_item=render_item,
        include_name=include_name,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text(SEQUENTIAL))
        context.run_migrations()
engine.dispose()
