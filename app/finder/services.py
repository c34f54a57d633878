"""Keeps the directory fresh: a new snapshot is made beside the old one, which answers until the new one is ready."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.collector import collector_at_rest
from app.config import Settings
from app.db import db
from app.errors import N_, Unavailable
from app.finder import queries
from app.finder.directory import Directory
from app.finder.entries import Version
from app.finder.table import Table
from app.sites.datums import Datum, as_shown

LOG = logging.getLogger(__name__)
CHECK_EVERY_S = 1.0
# A small network's new snapshot is ready within this time, so a person sees her change at once.
PATIENCE_S = 0.3
# When so many sites have changed, making a snapshot from nothing takes no longer.
FEW = 1_000
WORTH_BEGINNING_ANEW = 20


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
        self._is_doubtful = False

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
            self._directory = self._build()
        except SQLAlchemyError as error:
            # The message of a driver may hold values; its class says enough.
            LOG.warning("The directory stays as it is: %s", type(error).__name__)

    def _build(self) -> Directory:
        """The present snapshot when nothing has changed, one with what has changed, or one made from nothing."""
        before = None if self._is_doubtful else self._directory
        # After an outage another server may answer, whose numbers stand for other changes.
        self._is_doubtful = True
        with self._reader() as connection, collector_at_rest():
            # The version first: what changes in between is read once more the next time.
            version = queries.directory_version(connection)
            made = before and self._changed(connection, before, version)
            if made is None:
                table = Table()
                for columns in queries.directory_columns(connection, self._tile_datum):
                    table.extend(columns)
                made = Directory.of(table, version)
        self._is_doubtful = False
        return made

    def _changed(self, connection: Connection, before: Directory, version: Version) -> Directory | None:
        """The snapshot brought up to the version; None when it is better made from nothing."""
        if version == before.version:
            return before
        if version.wholes != before.version.wholes or version.number < before.version.number:
            return None
        most = max(len(before.table) // WORTH_BEGINNING_ANEW, FEW)
        changed = queries.changed_since(connection, before.version.number, most)
        if len(changed) == most:
            return None
        return before.with_changes(changed, queries.directory_entries(connection, self._tile_datum, changed), version)

    @property
    def _tile_datum(self) -> Datum:
        settings: Settings = self._app.extensions["settings"]
        return Datum(settings.tile_datum)

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
