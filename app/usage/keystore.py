"""Random keys of the pseudonyms, kept outside the database and its backups, and destroyed on time.

A key is made at random when it is first asked for and cannot be made again. One machine keeps them in a file that only
its owner can read; several nodes share a Redis that must not write to disk (docs/counting.md).
"""

import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar, cast

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.errors import N_, Unavailable
from app.usage.keymemory import KeyMemory

Result = TypeVar("Result")
_KEY_BYTES = 32
ASK_AGAIN_AFTER_S = 2.0
_AWAY = "The store of the keys (KEYSTORE_URL) cannot be reached; keys that are over are destroyed once it can be again"
_UNAVAILABLE = N_("The use could not be logged just now; please try again in a moment")


class KeyStore(Protocol):
    """Both stores. All instants are aware; a name belongs to one period and is never asked for after its expiry."""

    def key(self, name: str, *, now: datetime, expires_at: datetime) -> bytes:
        """Return the key called ``name`` (32 bytes), made now if nobody has; the same one to every caller.

        Raises ValueError when it would already have expired, `Unavailable` when there is no way to keep it.
        """

    def destroy_expired(self, now: datetime) -> list[str]:
        """Destroy every key whose time is over and return their names, sorted. Raises `Unavailable`."""


def open_keystore(url: str) -> KeyStore:
    """Return the store at ``file:///path``, or ``redis://``, ``rediss://``, ``unix://`` as redis-py reads them."""
    if url.startswith("file:///"):
        return FileKeyStore(Path(url.removeprefix("file://")))
    # One more try for a connection that has gone stale; the library's own waits would keep a visitor waiting.
    once_more = Retry(NoBackoff(), 1)
    return RedisKeyStore(redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2, retry=once_more))


def _check(name: str, now: datetime, expires_at: datetime) -> None:
    if expires_at <= now:
        raise ValueError(f"the key {name} would have expired at {expires_at.isoformat()}")


class FileKeyStore:
    """Keys in an SQLite file of mode 0600 that overwrites what it deletes.

    The rollback journal stays in memory, because a journal on disk would keep copies of destroyed keys. A crash in the
    middle of a write may therefore spoil the file; it is then begun anew. What that costs is small: a visitor gets a
    new pseudonym, nothing recorded is lost.

    Each thread keeps the file open, and nobody remembers a key: what another process makes or destroys holds at once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mine = threading.local()

    def key(self, name: str, *, now: datetime, expires_at: datetime) -> bytes:
        """See `KeyStore.key`."""
        _check(name, now, expires_at)
        return self._healed(lambda connection: self._key(connection, name, expires_at), _UNAVAILABLE)

    def destroy_expired(self, now: datetime) -> list[str]:
        """See `KeyStore.destroy_expired`."""
        return self._healed(lambda connection: self._destroy(connection, now), _AWAY)

    @staticmethod
    def _key(connection: sqlite3.Connection, name: str, expires_at: datetime) -> bytes:
        select = "SELECT value FROM key WHERE name = ?"
        row = connection.execute(select, (name,)).fetchone()
        if row is None:
            insert = "INSERT INTO key (name, value, expires_s) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
            connection.execute(insert, (name, secrets.token_bytes(_KEY_BYTES), expires_at.timestamp()))
            row = connection.execute(select, (name,)).fetchone()
        return cast("bytes", row[0])

    @staticmethod
    def _destroy(connection: sqlite3.Connection, now: datetime) -> list[str]:
        expired = connection.execute("SELECT name FROM key WHERE expires_s <= ?", (now.timestamp(),)).fetchall()
        if expired:
            connection.execute("DELETE FROM key WHERE expires_s <= ?", (now.timestamp(),))
        return sorted(name for (name,) in expired)

    def _healed(self, act: Callable[[sqlite3.Connection], Result], message: str) -> Result:
        try:
            return act(self._connection())
        except (sqlite3.OperationalError, OSError) as error:
            raise Unavailable(message) from error
        except sqlite3.DatabaseError:
            self._path.unlink(missing_ok=True)
            return act(self._connection())

    def _connection(self) -> sqlite3.Connection:
        """This thread's own; another one when another file is in the place, or this process was forked meanwhile."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            found = self._path.stat()
        place = (os.getpid(), found.st_dev, found.st_ino)
        if getattr(self._mine, "place", None) != place:
            self._mine.connection = self._opened()
            self._mine.place = place
        return cast("sqlite3.Connection", self._mine.connection)

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=10, isolation_level=None, check_same_thread=False, factory=_ClosedWithItsThread
        )
        connection.execute("PRAGMA secure_delete = ON").fetchone()
        connection.execute("PRAGMA journal_mode = MEMORY").fetchone()
        connection.execute("CREATE TABLE IF NOT EXISTS key (name TEXT PRIMARY KEY, value BLOB, expires_s REAL)")
        return connection


class _ClosedWithItsThread(sqlite3.Connection):
    def __del__(self) -> None:
        self.close()


class RedisKeyStore:
    """Keys in Redis, which lets each expire by itself; a sorted set remembers when, so that the names are told too.

    Each process remembers the keys it has used, in memory and until they expire. While Redis is away it goes on with
    them, or with one of its own making, and offers them when Redis is back: a Redis that was started anew, and so has
    lost everything, gets its keys back from the first process that asks.
    """

    _EXPIRY = "xiaowu:key-expiry"

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._memory = KeyMemory()
        self._ask_again_at = 0.0

    def key(self, name: str, *, now: datetime, expires_at: datetime) -> bytes:
        """See `KeyStore.key`. While Redis is away two processes may differ; the same process always gives the same."""
        _check(name, now, expires_at)
        offered = self._memory.get(name) or secrets.token_bytes(_KEY_BYTES)
        value = self._shared(name, offered, now, expires_at)
        if value is None:
            return self._memory.get_or_put(name, offered, now, expires_at)
        self._memory.put(name, value, now, expires_at)
        return value

    def _shared(self, name: str, offered: bytes, now: datetime, expires_at: datetime) -> bytes | None:
        """The key as all processes know it; None while Redis is away, which is found out every few seconds only."""
        if time.monotonic() < self._ask_again_at:
            return None
        life_ms = max(1, int((expires_at - now).total_seconds() * 1000))
        pipeline = self._client.pipeline(transaction=True)
        pipeline.set(self._at(name), offered, nx=True, px=life_ms)
        pipeline.zadd(self._EXPIRY, {name: expires_at.timestamp()}, nx=True)
        pipeline.get(self._at(name))
        try:
            value = pipeline.execute()[-1]
        except redis.RedisError:
            self._ask_again_at = time.monotonic() + ASK_AGAIN_AFTER_S
            return None
        return cast("bytes | None", value)

    def destroy_expired(self, now: datetime) -> list[str]:
        """See `KeyStore.destroy_expired`. What this process remembers goes too, whether Redis answers or not."""
        self._memory.forget_expired(now)
        try:
            found = cast("list[bytes]", self._client.zrangebyscore(self._EXPIRY, "-inf", now.timestamp()))
            names = sorted(name.decode() for name in found)
            if names:
                self._client.delete(*map(self._at, names))
                self._client.zrem(self._EXPIRY, *names)
        except redis.RedisError as error:
            raise Unavailable(_AWAY) from error
        return names

    @staticmethod
    def _at(name: str) -> str:
        return f"xiaowu:key:{name}"
