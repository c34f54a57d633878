"""One round trip to PostgreSQL for several statements, each prepared once on a connection, through libpq's pipeline.

psycopg's cursors can do the same for three times the processor time (docs/decisions/0028-scan-path.md).
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple, cast

import psycopg
from psycopg import errors, generators, pq
from psycopg.adapt import PyFormat, Transformer

Row = tuple[Any, ...]


class Statement(NamedTuple):
    """``sql`` has its values as ``$1``, ``$2`` …; no other statement of this process has its name."""

    name: bytes
    sql: bytes


class Server:
    """What one connection's server has been told to remember."""

    def __init__(self) -> None:
        self._known: set[bytes] = set()

    def exchange(
        self, driver: psycopg.Connection[Any], calls: Sequence[tuple[Statement, Sequence[Any]]], *, commits: bool
    ) -> list[list[Row]]:
        """Run statements one after the other, begin a transaction for them if there is none; return the rows of each.

        When one fails, those after it are not run, and neither is the commit; its psycopg.Error is raised.
        """
        pgconn, transformer = driver.pgconn, Transformer.from_context(driver)
        commands: deque[Callable[[], None]] = deque()
        if pgconn.transaction_status == pq.TransactionStatus.IDLE and not driver.autocommit:
            commands.append(partial(pgconn.send_query_params, b"BEGIN", None))
        places = []
        for statement, values in calls:
            if statement.name not in self._known:
                # It may be known all the same; to close one that is not is no error.
                commands.append(partial(pgconn.send_close_prepared, statement.name))
                commands.append(partial(pgconn.send_prepare, statement.name, statement.sql))
            given = transformer.dump_sequence(values, [PyFormat.TEXT] * len(values))
            places.append(len(commands))
            commands.append(partial(pgconn.send_query_prepared, statement.name, given))
        if commits:
            commands.append(partial(pgconn.send_query_params, b"COMMIT", None))
        with self._as_known():
            results = _exchanged(driver, commands)
        self._known |= {statement.name for statement, _ in calls}
        if commits and results[-2].command_status != b"COMMIT":
            raise errors.InFailedSqlTransaction("the transaction could not be committed")
        return [_rows(transformer, results[place]) for place in places]

    def ask(self, driver: psycopg.Connection[Any], statement: Statement, values: Sequence[Any]) -> list[Row]:
        """Run one statement that only reads, outside of any transaction: nothing else is sent. Return its rows.

        Raises its psycopg.Error.
        """
        pgconn, transformer = driver.pgconn, Transformer.from_context(driver)
        if statement.name not in self._known:
            pgconn.close_prepared(statement.name)
            _good(pgconn.prepare(statement.name, statement.sql))
            self._known.add(statement.name)
        given: Any = transformer.dump_sequence(values, [PyFormat.TEXT] * len(values))
        with self._as_known():
            return _rows(transformer, _good(pgconn.exec_prepared(statement.name, given)))

    @contextmanager
    def _as_known(self) -> Iterator[None]:
        """When somebody has let the server forget a statement, all are prepared anew the next time."""
        try:
            yield
        except errors.InvalidSqlStatementName as error:
            self._known.clear()
            raise psycopg.OperationalError("a statement has been forgotten") from error


def _exchanged(driver: psycopg.Connection[Any], commands: deque[Callable[[], None]]) -> list[pq.abc.PGresult]:
    """Send commands and wait for the result of each. Raises the first that is an error."""
    pgconn, number = driver.pgconn, len(commands)
    commands.append(pgconn.pipeline_sync)
    pgconn.enter_pipeline_mode()
    try:
        results = driver.wait(_all_results(pgconn, commands))
        pgconn.exit_pipeline_mode()
    except BaseException:
        driver.close()  # answers are still on their way: nobody else may get them
        raise
    for result in results:
        _good(result)
    if len(results) <= number:
        raise psycopg.OperationalError("the connection has ended in the middle of its answers")
    return results


def _all_results(pgconn: Any, commands: deque[Callable[[], None]]) -> Generator[Any, Any, list[pq.abc.PGresult]]:
    number = len(commands)
    found = yield from generators.pipeline_communicate(pgconn, cast("Any", commands))
    while len(found) < number and pgconn.status != pq.ConnStatus.BAD:
        found.append((yield from generators.fetch_many(pgconn)))
    return [result for results in found for result in results]


def _good(result: pq.abc.PGresult) -> pq.abc.PGresult:
    """The result unless it is an error, which is raised."""
    if result.status == pq.ExecStatus.FATAL_ERROR:
        raise errors.error_from_result(result)
    return result


def _rows(transformer: Any, result: pq.abc.PGresult) -> list[Row]:
    transformer.set_pgresult(result)
    rows: list[Row] = transformer.load_rows(0, result.ntuples, tuple)
    return rows
