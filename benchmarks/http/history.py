"""A year of uses on PostgreSQL, made up by the database itself: twenty million rows are too many to send."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql
from sqlalchemy import Table, create_engine

from app.months import Month, month_range
from app.usage import partitions
from app.usage.models import UsageRecord
from tools.progress import Bar

MONTHS, AT_ONCE = 12, 2
STATEMENTS = Path(__file__).with_suffix(".sql").read_text().rstrip().rstrip(";").split(";\n")
KEYS = """INSERT INTO tap_key (site_id, client_key, usage_id, month, body_digest)
    SELECT site_id, client_key, id, month, body_digest FROM usage_record"""
TOLD = """INSERT INTO checkpoint (month, made_at, algorithm, seal_number, seal_hash, sites, root, signature)
    SELECT unnest(%s::text[]), %s, 'sha256', 1, '', 0, '', ''"""
SEAL = """INSERT INTO seal (number, previous_hash, sealed_at, algorithm, batches, events, root, seal_hash, key_id,
    signature) VALUES (1, '', now(), 'sha256', 0, 0, '', '', '', '')"""
_INDEXES = """SELECT conname, pg_get_constraintdef(pg_constraint.oid),
        replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON '), relname
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid LEFT JOIN pg_constraint ON conindid = indexrelid
    WHERE indrelid = %s::regclass"""


def write(url: str, uses: int, now: datetime) -> None:
    """About `uses` uses of the `MONTHS` months that end with the present one, none later than `now`.

    The database has sites, and no uses and no partitions of these months yet.
    """
    months = month_range(Month.of(now) + (1 - MONTHS), Month.of(now))
    bar = Bar(f"Writing {uses:,} uses", MONTHS + 1)
    with psycopg.connect(url) as connection, without_indexes(connection, "site_month"):
        connection.commit()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in pool.map(lambda month: _write_month(url, month, uses // MONTHS, now), months):
                bar.advance()
    with psycopg.connect(url) as connection, without_indexes(connection, "tap_key"):
        connection.execute("TRUNCATE tap_key")
        connection.execute(KEYS)
    partitions.ensure(create_engine(url.replace("postgresql://", "postgresql+psycopg://")), [*months, months[-1] + 1])
    with psycopg.connect(url, autocommit=True) as connection:
        # As if every month that is over had its checkpoint: else the service makes them while it is measured.
        connection.execute(SEAL)
        connection.execute(TOLD, [[str(month) for month in months if month.is_closed(now)], now])
        connection.execute("VACUUM ANALYZE")
    bar.finish()


def _write_month(url: str, month: Month, uses: int, now: datetime) -> None:
    values: dict[str, Any] = {"month": str(month), "next": str(month + 1), "uses": uses}
    values |= {"start": month.start_at, "stop": min(month.end_at, now)}
    partition = partitions.name_of(cast("Table", UsageRecord.__table__), month)
    named = {name: sql.Literal(value) for name, value in values.items()} | {"partition": sql.Identifier(partition)}
    with psycopg.connect(url) as connection:
        for statement in STATEMENTS:
            connection.execute(sql.SQL(cast("LiteralString", statement)).format(**named))


@contextmanager
def without_indexes(connection: psycopg.Connection[Any], table: str) -> Iterator[None]:
    """Take a table's indexes and keys away for a block and make the same ones again after it."""
    indexes = connection.execute(_INDEXES, [table]).fetchall()
    for constraint, _, _, index in indexes:
        _run(connection, f"ALTER TABLE {table} DROP CONSTRAINT {constraint}" if constraint else f"DROP INDEX {index}")
    yield
    for constraint, key, index, _ in indexes:
        _run(connection, f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {key}" if constraint else index)


def _run(connection: psycopg.Connection[Any], statement: str) -> None:
    connection.execute(cast("LiteralString", statement))  # names and definitions are the database's own
