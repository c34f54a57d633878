"""Many rows into a table at once, past the ORM: COPY on PostgreSQL, one prepared statement on SQLite.

Values go through the columns' own types, as in any other statement. Nothing here tells the session: objects that it
holds know nothing of what is stored.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnDefault, Connection, Table, func, select, text
from sqlalchemy.exc import DBAPIError

from app.db import db

Values = Mapping[str, Any]


class _Bound(NamedTuple):
    """A column, its default, and how the driver gets its values if not as they are."""

    name: str
    default: Any
    bind: Callable[[Any], Any] | None


def new_ids(table: Table, number: int) -> Sequence[int]:
    """Ids for `number` new rows, in ascending order. SQLite's one writer holds the lock until it commits."""
    if not number:
        return ()
    if db.session.connection().dialect.name == "sqlite":
        last = db.session.scalar(select(func.max(table.c.id))) or 0
        return range(last + 1, last + number + 1)
    numbers = "SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :number)"
    return sorted(db.session.scalars(text(numbers), {"name": table.name, "number": number}).all())


def insert_many(table: Table, rows: Sequence[Values]) -> None:
    """Insert `rows`; a column that a row does not state gets its default. Raises DBAPIError as any statement does."""
    if not rows:
        return
    connection = db.session.connection()
    stated = {name for row in rows for name in row}
    columns = [_bound(column, connection) for column in table.c if column.name in stated or column.default is not None]
    names = ", ".join(column.name for column in columns)
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({places})"  # noqa: S608  names of our own columns
        connection.exec_driver_sql(statement, [tuple(row) for row in _driver_rows(columns, rows)])
    else:
        _copy(connection, f"COPY {table.name} ({names}) FROM STDIN", _driver_rows(columns, rows))


def _bound(column: Column[Any], connection: Connection) -> _Bound:
    bind = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    default: Any = column.default.arg if isinstance(column.default, ColumnDefault) else None
    return _Bound(column.name, default({}) if callable(default) else default, bind)


def _driver_rows(columns: Sequence[_Bound], rows: Iterable[Values]) -> Iterator[list[Any]]:
    defaults = [(column.name, column.default) for column in columns]
    binds = [(place, column.bind) for place, column in enumerate(columns) if column.bind]
    for row in rows:
        values = [row.get(name, default) for name, default in defaults]
        for place, bind in binds:
            values[place] = bind(values[place])
        yield values


def _copy(connection: Connection, statement: str, rows: Iterable[list[Any]]) -> None:
    error = connection.dialect.loaded_dbapi.Error
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except error as raised:
        raise DBAPIError.instance(statement, None, raised, error, dialect=connection.dialect) from raised
