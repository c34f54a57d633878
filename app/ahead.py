"""Reading ahead: while this process works on the rows it has, the database looks for the next ones."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from psycopg import Connection, Cursor, Pipeline
from sqlalchemy import Select

from app.db import db

T = TypeVar("T")
Reading = Generator[Select[Any], Sequence[Any], T]
"""Yields one statement, is sent its rows, and returns what they say."""


def at_once(reading: Reading[T]) -> T:
    """Ask the session now."""
    return _told(reading, db.session.execute(next(reading)).all())


@contextmanager
def ahead(batches: Iterable[Sequence[Reading[Any]]]) -> Iterator[Iterator[list[Any]]]:
    """What the readings of each batch return, while the database works on the batch after it, and on no other.

    On PostgreSQL a batch is one transaction (READ COMMITTED) on a connection of its own, and sees nothing that the
    session has not committed. Rows are those of the driver: statements may only take and give types that it knows by
    itself, not those of `app.db`. An error of a statement (`psycopg.Error`) is raised when its batch is due. SQLite is
    asked at once, through the session.
    """
    if db.engine.dialect.name != "postgresql":
        yield ([at_once(reading) for reading in batch] for batch in batches)
        return
    # In a thread, reading would wait for the interpreter's lock with each 16 KB that arrive.
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        driver: Any = connection.connection.driver_connection
        with driver.pipeline() as pipeline:
            yield _in_turn(driver, pipeline, iter(batches))


def _in_turn(driver: Connection, pipeline: Pipeline, batches: Iterator[Sequence[Reading[Any]]]) -> Iterator[list[Any]]:
    coming = _sent(driver, next(batches, None))
    while coming is not None:
        here = coming
        pipeline.sync()  # waits for all that was sent, and ends its transaction
        coming = _sent(driver, next(batches, None))
        yield [_told(reading, cursor.fetchall()) for reading, cursor in here]


def _sent(driver: Connection, batch: Sequence[Reading[Any]] | None) -> list[tuple[Reading[Any], Cursor[Any]]] | None:
    if batch is None:
        return None
    found = []
    for reading in batch:
        statement = next(reading).compile(db.engine, compile_kwargs={"render_postcompile": True})
        found.append((reading, driver.execute(str(statement).encode(), statement.params)))
    return found


def _told(reading: Reading[T], rows: Sequence[Any]) -> T:
    try:
        reading.send(rows)
    except StopIteration as end:
        told: T = end.value
        return told
    raise RuntimeError("a reading has one statement")
