"""The database: engine options, portable column types, and the one place that commits."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from inspect import iscoroutinefunction
from typing import Any

from flask import Flask, Response, current_app, g, has_request_context, request
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import JSON, BigInteger, Connection, DateTime, Dialect, Engine, Integer, MetaData, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from app.config import Settings

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
BigId = BigInteger().with_variant(Integer, "sqlite")
# A server or a machine that has vanished without a word is noticed within seconds, not after the network's own two
# hours, and keeps nobody else waiting for the lock that it held.
PATIENCE = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "options": "-c lock_timeout=15s -c idle_in_transaction_session_timeout=5min",
}
# The driver would prepare what comes often, and at times let the server forget all, the statements of doors as well.
OWN_STATEMENTS = {"prepare_threshold": None}
Json = JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant on both databases. A naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware in, UTC out; SQLite keeps it without the offset."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant has to be aware")
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always aware, always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Model(DeclarativeBase):
    """Base of all mapped classes."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012  SQLAlchemy's own way to declare it


class RoutedSession(Session):
    """Asks another engine than the default one while it is told to (`read_from`)."""

    def get_bind(self, *args: Any, **options: Any) -> Engine | Connection:
        """The engine of the next statement."""
        name = self.info.get("reads_from")
        return db.get_engine(name) if name else super().get_bind(*args, **options)


db = SQLAlchemy(session_options={"expire_on_commit": False, "class_": RoutedSession})


def init_app(app: Flask, settings: Settings) -> None:
    """Bind the database of `settings` to `app` and commit once per answered request."""
    # A failed statement is logged without its values: they may be about a person.
    options: dict[str, Any] = {"url": settings.database_url, "hide_parameters": True}
    if settings.database_url.startswith("sqlite"):
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        options["connect_args"] = {"timeout": 15}
    else:
        options |= {"pool_size": 5, "max_overflow": 5, "connect_args": PATIENCE | OWN_STATEMENTS}
    app.config["SQLALCHEMY_ENGINES"] = {"default": options}
    if settings.replica_url:
        app.config["SQLALCHEMY_ENGINES"]["replica"] = {
            "url": settings.replica_url, "hide_parameters": True, "pool_size": 5, "max_overflow": 5,
            "connect_args": PATIENCE | {"connect_timeout": 2},
        }  # fmt: skip
    db.init_app(app)
    # Nothing here is asynchronous, and the extension's asynchronous teardown starts an event loop for every request.
    app.teardown_appcontext_funcs = [f for f in app.teardown_appcontext_funcs if not iscoroutinefunction(f)]
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _prepare_sqlite(db.engine)
        else:
            _replace_ended(db.engine)
    app.after_request(_finish)


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: DBAPIConnection, _record: object) -> None:
        # SQLAlchemy begins transactions itself below; the driver's own implicit BEGIN comes too late for reads.
        connection.isolation_level = None
        # What retention deletes is overwritten in the file.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.cursor().execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        # A writer takes the lock at once: upgrading a read transaction fails as soon as two try it.
        reads = has_request_context() and request.method in ("GET", "HEAD", "OPTIONS")
        reads = reads or connection.get_execution_options().get("reads_only", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _replace_ended(engine: Engine) -> None:
    """Hand out no connection that the server has ended: it has said so, and nothing else is said on an idle one.

    That costs no round trip, as a ping would. A server that vanished without a word is what `PATIENCE` is for.
    """

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        if record.info.setdefault("was_used", False) and _has_word(connection.pgconn.socket):
            raise DisconnectionError
        record.info["was_used"] = True


def _has_word(socket: int) -> bool:
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))


def _finish(response: Response) -> Response:
    """A returned answer below 400 commits before it is sent; any other rolls back.

    When the commit fails, what the view has answered is not true: the answer to the error is sent instead.
    A request that has not asked for the session has nothing to end.
    """
    if "_sqlalchemy_sessions" not in g:
        return response
    if response.status_code >= 400:
        db.session.rollback()
        return response
    try:
        db.session.commit()
    except SQLAlchemyError as error:
        db.session.rollback()
        return current_app.make_response(current_app.handle_user_exception(error))
    return response


def read_from(name: str | None) -> None:
    """End this request's transaction; what its session reads from now on comes from that engine, the default if None.

    Whatever it has loaded stays loaded. Nothing may be waiting to be written.
    """
    db.session.commit()
    db.session.info["reads_from"] = name


@contextmanager
def unit_of_work() -> Iterator[None]:
    """For commands and jobs: commit at the end, roll back when something is raised."""
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
