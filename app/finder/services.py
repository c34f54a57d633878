"""Keeps the directory fresh: a new snapshot is made beside the old one, which answers until the new one is ready."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings
from app.db import db
from app.errors import N_, Unavailable
from app.finder import queries
from app.finder.directory import Directory
from app.finder.table import Table
from app.sites.datums import Datum, as_shown

LOG = logging.getLogger(__name__)
CHECK_EVERY_S = 1.0
# A small network's new snapshot is ready within this time, so a person sees her change at once.
PATIENCE_S = 0.3


class DirectoryKeeper:
    """Holds the present snapshot of one process.

    At most once in `check_every_s` seconds one thread looks at the version number in the database, and builds a new
    snapshot when it has moved. The request that started it waits `patience_s` at most. While the database is down
    the last snapshot keeps answering.
    """

    def __init__(self, app: Flask, check_every_s: float = CHECK_EVERY_S, patience_s: float = PATIENCE_S) -> None:
        self._app = app
        self.check_every_s = check_every_s
        self.patience_s = patience_s
        self._directory: Directory | None = None
        self._checked_at = float("-inf")
        self._refresh: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def age_s(self) -> float | None:
        """How long ago this process last compared the snapshot with the database, in seconds; None before the first."""
        return None if self._directory is None else time.monotonic() - self._checked_at

    def current(self) -> Directory:
        """The present snapshot. Raises Unavailable when there is none yet and the database does not answer."""
        if self._directory is None:
            return self._first()
        if time.monotonic() - self._checked_at >= self.check_every_s:
            self._start_refresh()
        return self._directory

    def _first(self) -> Directory:
        with self._lock:
            if self._directory is None:
                try:
                    self._directory = self._build()
                except SQLAlchemyError as error:
                    LOG.warning("The directory cannot be built: %s", type(error).__name__)
                    raise Unavailable(N_("The list of rooms is not ready yet; please try again in a moment")) from error
                self._checked_at = time.monotonic()
            return self._directory

    def _start_refresh(self) -> None:
        with self._lock:
            if self._refresh is not None and self._refresh.is_alive():
                return
            self._checked_at = time.monotonic()
            refresh = self._refresh = threading.Thread(target=self._run, name="directory", daemon=True)
            refresh.start()
        refresh.join(self.patience_s)

    def _run(self) -> None:
        try:
            with self._reader() as connection:
                version = queries.directory_version(connection)
            if self._directory is None or version != self._directory.version:
                self._directory = self._build()
        except SQLAlchemyError as error:
            # The message of a driver may hold values; its class says enough.
            LOG.warning("The directory stays as it is: %s", type(error).__name__)

    def _build(self) -> Directory:
        settings: Settings = self._app.extensions["settings"]
        with self._reader() as connection:
            # The version first: a change in between then only costs one more rebuild.
            version = queries.directory_version(connection)
            table = Table()
            for entry in queries.directory_entries(connection, Datum(settings.tile_datum)):
                table.append(entry)
        return Directory.of(table, version)

    @contextmanager
    def _reader(self) -> Iterator[Connection]:
        with self._app.app_context(), db.engine.connect() as connection:
            yield connection.execution_options(reads_only=True)


def current_directory() -> Directory:
    """The present snapshot of the published sites. Raises Unavailable as `DirectoryKeeper.current` does."""
    keeper: DirectoryKeeper = current_app.extensions["directory"]
    return keeper.current()


def origin_member(lon: float, lat: float) -> bytes:
    """For a map whose tiles are not WGS-84: the WGS-84 place in their datum, as a member of the collection."""
    settings: Settings = current_app.extensions["settings"]
    if settings.tile_datum == Datum.WGS84:
        return b""
    return b'"origin_on_map":[%.7f,%.7f],' % as_shown(lon, lat, Datum(settings.tile_datum))
