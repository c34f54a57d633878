"""Statements of the door: compiled once, run by the driver itself, several in one round trip on PostgreSQL.

SQLAlchemy writes the SQL and knows how values are stored; what it does around each execution costs several times what
the driver's own costs (docs/decisions/0028-scan-path.md). The transaction stays that of the request's session.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Dialect, Engine, Executable, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

from app.db import db
from app.usage.piped import Row, Server, Statement

Values = Mapping[str, Any]
_NUMBERS = count(1)
_STATE = "door"
"""Where a connection's `_State` is in its ``info``."""
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
        in_order = compiled.positiontup
        self.sql, self.names = _numbered(str(compiled)) if in_order is None else (str(compiled), in_order)
        self.piped = Statement(b"door_%d" % next(_NUMBERS), self.sql.encode())
        self.known = {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required}
        self.binds = [(name, _to_database(bind.type, dialect)) for bind, name in compiled.bind_names.items()]
        columns = getattr(statement, "exported_columns", ())
        results = [_from_database(column.type, dialect) for column in columns]
        self.results = [(place, process) for place, process in enumerate(results) if process]

    def values(self, given: Values) -> list[Any]:
        """What goes to the driver, in the order of `names`. Raises KeyError for a value that is missing."""
        values = {}
        for name, process in self.binds:
            value = given[name] if name in given else self.known[name]
            values[name] = value if process is None else process(value)
        return [values[name] for name in self.names]

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


class _State:
    """What is known of one connection to PostgreSQL: its server, and changes that wait for the commit."""

    def __init__(self) -> None:
        self.server = Server()
        self.waiting: list[Call] = []


def init_engine(engine: Engine) -> None:
    """Let `run_with_commit` work on the connections of `engine`."""
    if engine.dialect.name != "postgresql":
        return

    @event.listens_for(engine, "commit")
    def on_commit(connection: Connection) -> None:
        state = connection.info.get(_STATE)
        if state is not None and state.waiting:
            _commit(connection, state)

    @event.listens_for(engine, "rollback")
    @event.listens_for(engine, "rollback_savepoint")
    def on_rollback(connection: Connection, *_: object) -> None:
        if not connection.invalidated and _STATE in connection.info:
            connection.info[_STATE].waiting.clear()

    @event.listens_for(engine, "reset")
    def on_reset(driver: Any, record: Any, _how: object) -> None:
        if _STATE in record.info and driver.info.transaction_status:
            record.info[_STATE].waiting.clear()


def _commit(connection: Connection, state: _State) -> None:
    """Commit together with what waits; the driver, which is asked for it next, finds nothing left to do.

    After a commit that fails nobody asks for a rollback: the transaction has to be over by then.
    """
    driver: Any = connection.connection.driver_connection
    try:
        _piped(connection, state, (), commits=True)
    except SQLAlchemyError:
        state.waiting.clear()
        with suppress(psycopg.Error):
            driver.rollback()
        raise


def run(*calls: Call) -> list[list[Row]]:
    """Run statements one after the other in the session's transaction; return the rows of each, none for a change.

    Each sees what the ones before it have done and waited for. Raises what SQLAlchemy would raise.
    """
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        return _piped(connection, _state_of(connection), calls)
    driver: Any = connection.connection.driver_connection
    try:
        found = []
        for statement, given in calls:
            compiled = statement.on(connection.dialect)
            values = _heard(connection, compiled, given)
            found.append([compiled.row(row) for row in driver.execute(compiled.sql, values)])
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, driver, error) from error
    return found


def read(call: Call) -> list[Row]:
    """Run one statement that only reads outside of the session and of any transaction: it is the only trip.

    Raises what SQLAlchemy would raise.
    """
    statement, given = call
    with db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        compiled = statement.on(connection.dialect)
        values = _heard(connection, compiled, given)
        try:
            if connection.dialect.name == "postgresql":
                rows = _state_of(connection).server.ask(driver, compiled.piped, values)
            else:
                rows = driver.execute(compiled.sql, values).fetchall()
        except connection.dialect.loaded_dbapi.Error as error:
            connection.info.pop(_STATE, None)
            raise _told(connection, driver, error) from error
    return [compiled.row(row) for row in rows]


def run_with_commit(*calls: Call) -> None:
    """Run changes not later than at the commit: on PostgreSQL together with it, so that nobody waits for one more trip.

    Until then only `run` sees them. What they raise, the commit raises, and nothing is committed.
    """
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        _state_of(connection).waiting += calls
    else:
        run(*calls)


def _state_of(connection: Connection) -> _State:
    state: _State = connection.info.setdefault(_STATE, None) or _State()
    connection.info[_STATE] = state
    return state


def _piped(connection: Connection, state: _State, calls: Sequence[Call], *, commits: bool = False) -> list[list[Row]]:
    all_calls = [*state.waiting, *calls]
    state.waiting.clear()
    compiled = [statement.on(connection.dialect) for statement, _ in all_calls]
    sent = [
        (one.piped, _heard(connection, one, values)) for one, (_, values) in zip(compiled, all_calls, strict=True)
    ]
    driver: Any = connection.connection.driver_connection
    try:
        found = state.server.exchange(driver, sent, commits=commits)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, driver, error) from error
    rows = [[one.row(row) for row in some] for one, some in zip(compiled, found, strict=True)]
    return rows[len(rows) - len(calls) :]


def _heard(connection: Connection, statement: _Compiled, given: Values) -> list[Any]:
    """The values for the driver, after those who listen for statements have been told."""
    values = statement.values(given)
    for listener in connection.engine.dispatch.before_cursor_execute:
        listener(connection, None, statement.sql, values, None, False)
    return values


def _numbered(sql: str) -> tuple[str, list[str]]:
    """A statement with ``$1`` … instead of psycopg's ``%(name)s``, and these names."""
    names: list[str] = []

    def place(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    return re.sub(r"%\((\w+)\)s|%%", place, sql), names


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
