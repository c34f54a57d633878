"""A year of uses on PostgreSQL, made up by the database itself: twenty million rows are too many to send."""

from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import create_engine

from app.months import Month, month_range
from app.usage import partitions
from tools.progress import Bar

MONTHS = 12
STATEMENT = Path(__file__).with_suffix(".sql")


def write(url: str, uses: int, now: datetime) -> None:
    """About `uses` uses of the `MONTHS` months that end with the present one, none later than `now`."""
    months = month_range(Month.of(now) + (1 - MONTHS), Month.of(now))
    partitions.ensure(create_engine(url.replace("postgresql://", "postgresql+psycopg://")), [*months, months[-1] + 1])
    statement = sql.SQL(STATEMENT.read_text())
    bar = Bar(f"Writing {uses:,} uses", MONTHS)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT setseed(0.5)")
        for month in months:
            values = {"month": str(month), "start": month.start_at, "stop": min(month.end_at, now)}
            values["uses"] = uses // MONTHS
            connection.execute(statement.format(**{name: sql.Literal(value) for name, value in values.items()}))
            bar.advance()
        connection.execute("VACUUM ANALYZE")
    bar.finish()
