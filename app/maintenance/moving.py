"""From the embedded SQLite file to PostgreSQL: every table, row by row, in one transaction of the target."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import zip_longest
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    NullPool,
    String,
    Table,
    collate,
    create_engine,
    delete,
    func,
    insert,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError

from app.db import Model
from app.errors import N_, Conflict, Invalid, Unavailable
from app.maintenance.backups import SEEDED, is_empty, revision_of
from app.migrate import migrate_to_head
from app.usage import partitions

CHUNK = 2000
_ONLY_TO_POSTGRESQL = N_("Only an SQLite database can be moved, and only to postgresql://user:password@host/name")
_NOT_EMPTY = N_("The database to move to is not empty")
_REVISIONS = N_("This database is not at the newest revision; run flask db upgrade first")
_DIFFERS = N_("A row of %(table)s is not the same on both sides; nothing was moved")
_UNFIT = N_("A row of %(table)s does not fit: %(says)s; nothing was moved")
_AWAY = N_("The database to move to cannot be used: %(says)s")


def move(source: Engine, given: str) -> dict[str, int]:
    """Copy everything from ``source`` to the empty PostgreSQL database at ``given``; return the rows of each table.

    Nobody can write to the source meanwhile. Afterwards every row is read back and compared; only then the target's
    one transaction is committed. Raises Invalid for other kinds of databases, Conflict for a target that is not empty
    and for a row that differs, Unavailable when the target cannot be used or refuses a row.
    """
    target = _target(source, given)
    url = target.url.render_as_string(hide_password=False)
    try:
        with _said(_AWAY):
            if not is_empty(target):
                raise Conflict(_NOT_EMPTY)
            migrate_to_head(url)
            with source.connect() as old:
                partitions.ensure(target, partitions.present(old))
        with source.connect() as old, old.begin(), target.connect() as new, new.begin():
            if revision_of(old) != revision_of(new):
                raise Conflict(_REVISIONS)
            return _copy_all(old, new)
    finally:
        target.dispose()


def _target(source: Engine, given: str) -> Engine:
    try:
        url = make_url(given)
    except ArgumentError as error:
        raise Invalid(_ONLY_TO_POSTGRESQL) from error
    name = url.drivername.partition("+")[0]
    if source.dialect.name != "sqlite" or name not in ("postgresql", "postgres"):
        raise Invalid(_ONLY_TO_POSTGRESQL)
    return create_engine(url.set(drivername="postgresql+psycopg"), poolclass=NullPool, hide_parameters=True)


@contextmanager
def _said(message: str, **params: str) -> Iterator[None]:
    """A database's complaint in one sentence, without the values it is about."""
    try:
        yield
    except DBAPIError as error:
        says = str(error.orig).strip().splitlines()[0]
        raise Unavailable(message, None, says=says, **params) from error


def _copy_all(old: Connection, new: Connection) -> dict[str, int]:
    tables = list(Model.metadata.sorted_tables)
    for name in SEEDED:
        new.execute(delete(Model.metadata.tables[name]))
    with _forward_references(new, tables):
        for table in tables:
            with _said(_UNFIT, table=table.name):
                _copy(old, new, table)
    rows = {table.name: _compared(old, new, table) for table in tables}
    for table in tables:
        _move_counter(new, table)
    return rows


@contextmanager
def _forward_references(new: Connection, tables: list[Table]) -> Iterator[None]:
    """Check foreign keys into the table itself, or into a later one, only when all rows are there."""
    places = {table.name: place for place, table in enumerate(tables)}
    found = [
        (table.name, key["name"])
        for table in tables
        for key in inspect(new).get_foreign_keys(table.name)
        if places[key["referred_table"]] >= places[table.name]
    ]
    for name, key in found:
        new.execute(text(f'ALTER TABLE "{name}" ALTER CONSTRAINT "{key}" DEFERRABLE INITIALLY DEFERRED'))
    yield
    new.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    for name, key in found:
        new.execute(text(f'ALTER TABLE "{name}" ALTER CONSTRAINT "{key}" NOT DEFERRABLE'))


def _copy(old: Connection, new: Connection, table: Table) -> None:
    for rows in _in_order(old, table).partitions(CHUNK):
        new.execute(insert(table), [row._asdict() for row in rows])


def _compared(old: Connection, new: Connection, table: Table) -> int:
    """The number of rows of a table, each the same on both sides by the models' own types."""
    number = 0
    with closing(_in_order(old, table)) as ours, closing(_in_order(new, table)) as copies:
        for mine, theirs in zip_longest(ours, copies):
            if mine is None or theirs is None or tuple(mine) != tuple(theirs):
                raise Conflict(_DIFFERS, table=table.name)
            number += 1
    return number


def _in_order(connection: Connection, table: Table) -> Any:
    """The rows by their key, in the order of its bytes, which is the same on both databases."""
    is_ours = connection.dialect.name == "sqlite"
    order = [
        collate(column, "C") if isinstance(column.type, String) and not is_ours else column
        for column in table.primary_key
    ]
    return connection.execute(select(table).order_by(*order), execution_options={"yield_per": CHUNK})


def _move_counter(new: Connection, table: Table) -> None:
    """The next row made gets a number of its own."""
    for column in table.primary_key:
        counter = new.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
        highest = new.scalar(select(func.max(column))) if counter else None
        if highest is not None:
            new.execute(select(func.setval(counter, highest)))
