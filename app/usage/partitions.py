"""The months of the event tables on PostgreSQL, each a partition: made ahead, dropped when retention is over.

Whatever comes for a month without a partition lies in DEFAULT until `ensure` has made one and moved it there. Readers
and scans are never kept waiting for longer than `WAIT_MS`: who cannot have a lock by then lets go and tries again.
On SQLite there are no partitions, and every function here does nothing.
"""

import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import cast

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, Table, column, select, table, text, union
from sqlalchemy.exc import OperationalError

from app.db import db
from app.errors import N_, Invalid, Unavailable
from app.months import CLOSES_AFTER, Month, month_range
from app.usage.models import Presence, Rating, SupersededLeaf, UsageRecord

TABLES = tuple(cast("Table", model.__table__) for model in (UsageRecord, Rating, Presence, SupersededLeaf))
"""In the order in which people at a door come to them: who takes them in another can meet a tap halfway."""
AHEAD = 3
"""Months made ahead: a job that nobody has started for a quarter of a year is noticed before DEFAULT fills."""
WAIT_MS = 250
"""Less than PostgreSQL's `deadlock_timeout`, so that it is always this module that gives way."""
TRIES, PAUSE_S = 12, 1.0
_MAKER = 0x78_69_61_6F_77_76
"""The advisory lock's number: one process makes partitions at a time."""
_BUSY = N_("The months of the event tables are in use, by a backup perhaps; the next run tries again")
_KNOWN = text(
    "SELECT parent.relname, replace(right(child.relname, 7), '_', '-') FROM pg_inherits "
    "JOIN pg_class parent ON parent.oid = inhparent JOIN pg_class child ON child.oid = inhrelid "
    r"WHERE child.relname ~ '_\d{4}_\d{2}$' AND parent.relkind = 'p' AND pg_table_is_visible(parent.oid)"
)


def ahead(now: datetime) -> list[Month]:
    """Make the partitions of every month that takes taps at ``now``, of `AHEAD` more, and of what lies in DEFAULT.

    Returns the months for which one was missing. To be called outside a transaction. Raises `Unavailable` when a lock
    could not be had; what was made until then stays.
    """
    if not is_partitioned(db.engine):
        return []
    with db.engine.connect() as connection:
        stray = in_default(connection)
    return ensure(db.engine, [*stray, *month_range(Month.of(now - CLOSES_AFTER), Month.of(now) + AHEAD)])


def ensure(engine: Engine, months: Iterable[Month]) -> list[Month]:
    """Make the partitions of ``months`` that are not there, and return the months for which one was missing.

    Each table and month is a transaction of its own that also moves the month's rows out of DEFAULT. Several processes
    may call it at once. Raises `Unavailable` when a lock could not be had.
    """
    if not is_partitioned(engine):
        return []
    with engine.connect() as connection:
        known = _known(connection)
    missing = [(month, one) for month in sorted(set(months)) for one in TABLES if (one.name, month) not in known]
    for month, parent in missing:
        with engine.begin() as connection:
            _make(connection, parent, month)
    return sorted({month for month, _ in missing})


def _known(connection: Connection) -> set[tuple[str, Month]]:
    return {(name, Month.parse(month)) for name, month in connection.execute(_KNOWN)}


def _make(connection: Connection, parent: Table, month: Month) -> None:
    """Move the month's rows out of DEFAULT while nobody reads or writes the table.

    ATTACH alone would let taps go on, but one that had chosen DEFAULT and waited for its lock found afterwards that its
    month no longer belongs there, and PostgreSQL ended it. Who waits at the parent chooses after that. Both locks come
    first and are the strongest: a weaker one, made stronger by ATTACH, met taps halfway.
    """
    name, default = name_of(parent, month), f"{parent}_default"
    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MAKER})
    if (parent.name, month) in _known(connection):
        return
    _when_free(
        connection,
        f"CREATE TABLE {name} (LIKE {parent} INCLUDING ALL)",
        f"LOCK TABLE ONLY {parent}, {default} IN ACCESS EXCLUSIVE MODE",
        f"INSERT INTO {name} SELECT * FROM {default} WHERE month = '{month}'",  # noqa: S608  our own names
        f"DELETE FROM {default} WHERE month = '{month}'",  # noqa: S608
        f"ALTER TABLE {parent} ATTACH PARTITION {name} FOR VALUES FROM ('{month}') TO ('{month + 1}')",
    )


def drop(connection: Connection, month: Month) -> None:
    """Drop the partitions of a month with all that is in them, as part of the caller's transaction.

    It ends soon after, please: until then the tables are closed. Raises `Unavailable` when they are not free for that.
    """
    _when_free(connection, f"DROP TABLE {', '.join(name_of(one, month) for one in TABLES)}")


def _when_free(connection: Connection, *statements: str) -> None:
    """Run ``statements`` as a whole, again and again until each has had its locks within `WAIT_MS`."""
    for left in reversed(range(TRIES)):
        try:
            with connection.begin_nested():
                connection.execute(text(f"SET LOCAL lock_timeout = {WAIT_MS}"))
                for statement in statements:
                    connection.execute(text(statement))
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable):
                raise
            if not left:
                raise Unavailable(_BUSY) from error
            time.sleep(PAUSE_S)
        else:
            return


def hold(connection: Connection) -> None:
    """Keep every partition where it is until the transaction ends. Before the first look of one that sees one state.

    A row that moves between partitions, and a partition that is dropped, would otherwise be missing in that state.
    """
    if is_partitioned(connection.engine):
        connection.execute(text(f"LOCK TABLE {', '.join(one.name for one in TABLES)} IN ACCESS SHARE MODE"))


def months(connection: Connection) -> list[Month]:
    """The months of which every event table has a partition, in order: none of their rows is in DEFAULT."""
    if not is_partitioned(connection.engine):
        return []
    known = _known(connection)
    return sorted({month for _, month in known if all((one.name, month) in known for one in TABLES)})


def in_default(connection: Connection) -> list[Month]:
    """The months with rows in DEFAULT, in order: their partitions were not made in time."""
    return _found(connection, "_default") if is_partitioned(connection.engine) else []


def present(connection: Connection) -> list[Month]:
    """The months with any event, in order, on either kind of database."""
    return _found(connection)


def _found(connection: Connection, suffix: str = "") -> list[Month]:
    each = union(*(select(table(f"{one.name}{suffix}", column("month")).c.month) for one in TABLES))
    found = []
    for month in connection.scalars(each):
        with suppress(Invalid):  # such a row stays in DEFAULT; `flask ledger verify` names it
            found.append(Month.parse(month))
    return sorted(found)


def name_of(parent: Table, month: Month) -> str:
    """The name of a table's partition: ``usage_record_2026_11``."""
    return f"{parent.name}_{month.year:04d}_{month.month:02d}"


def is_partitioned(engine: Engine) -> bool:
    """Whether this kind of database keeps events in partitions."""
    return engine.dialect.name == "postgresql"
