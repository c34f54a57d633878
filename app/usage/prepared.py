"""Statements of the door: compiled once, run on the driver's own cursor, several in one round trip on PostgreSQL.

SQLAlchemy writes the SQL and knows how values are stored; what it does around each execution costs several times what
the driver's own costs (docs/decisions/0028-scan-path.md). The transaction stays that of the request's session.
"""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

from app.db import db

Row = tuple[Any, ...]
Values = Mapping[str, Any]
_Processor = Callable[[Any], Any]


class Prepared:
    """A statement that is compiled when it is first run. ``statement`` may be made for the dialect's name."""

    def __init__(self, statement: Executable | Callable[[str], Executable]) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def on(self, dialect: Dialect) -> "_Compiled":
        """The statement as that database understands it."""
        found = self._compiled.get(dialect.name)
        if found is None:
            statement = self._statement(dialect.name) if callable(self._statement) else self._statement
            found = self._compiled[dialect.name] = _Compiled(statement, dialect)
        return found


Call = tuple[Prepared, Values]


class _Compiled:
    """SQL, and what its values and its rows have to go through."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled = cast("SQLCompiler", cast("ClauseElement", statement).compile(dialect=dialect))
        self.sql = str(compiled)
        self.names = compiled.positiontup
        self.known = {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required}
        self.binds = [(name, _to_database(bind.type, dialect)) for bind, name in compiled.bind_names.items()]
        columns = getattr(statement, "exported_columns", ())
        results = [_from_database(column.type, dialect) for column in columns]
        self.has_rows = bool(results)
        self.results = [(place, process) for place, process in enumerate(results) if process]

    def values(self, given: Values) -> dict[str, Any] | list[Any]:
        """What goes to the driver. Raises KeyError for a value that is missing."""
        values = {}
        for name, process in self.binds:
            value = given[name] if name in given else self.known[name]
            values[name] = value if process is None else process(value)
        return values if self.names is None else [values[name] for name in self.names]

    def row(self, row: Row) -> Row:
        """A row as SQLAlchemy would give it."""
        if not self.results:
            return row
        values = list(row)
        for place, process in self.results:
            values[place] = process(values[place])
        return tuple(values)


def _to_database(of: TypeEngine[Any], dialect: Dialect) -> _Processor | None:
    return of.dialect_impl(dialect).bind_processor(dialect)


def _from_database(of: TypeEngine[Any], dialect: Dialect) -> _Processor | None:
    return of.dialect_impl(dialect).result_processor(dialect, None)


def run(*calls: Call) -> list[list[Row]]:
    """Run statements one after the other in the session's transaction; return the rows of each, none for a change.

    Each sees what the ones before it have done and waited for. Raises what SQLAlchemy would raise.
    """
    connection = db.session.connection()
    compiled = [(statement.on(connection.dialect), values) for statement, values in calls]
    driver: Any = connection.connection.driver_connection
    is_piped = len(calls) > 1 and connection.dialect.name == "postgresql"
    try:
        with driver.pipeline() if is_piped else nullcontext():
            cursors = [_execute(connection, driver, statement, values) for statement, values in compiled]
        return [
            [statement.row(row) for row in cursor.fetchall()] if statement.has_rows else []
            for (statement, _), cursor in zip(compiled, cursors, strict=True)
        ]
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, driver, error) from error


def _execute(connection: Connection, driver: Any, statement: _Compiled, values: Values) -> Any:
    given = statement.values(values)
    for listener in connection.engine.dispatch.before_cursor_execute:
        listener(connection, None, statement.sql, given, None, False)
    return driver.execute(statement.sql, given)


def _told(connection: Connection, driver: Any, error: Exception) -> BaseException:
    """The driver's error as SQLAlchemy's, without values; a connection that is lost is not used again."""
    dialect = connection.dialect
    is_lost = dialect.is_disconnect(cast("Any", error), driver, None)
    if is_lost:
        connection.invalidate(error)
    return cast(
        "BaseException",
        DBAPIError.instance(
            None, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=is_lost,
            dialect=dialect,
        ),
    )  # fmt: skip
