"""The same promises of both key stores: a file, and a real Redis."""

import socket
import sqlite3
import stat
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis

from app.errors import Unavailable
from app.usage import keystore
from app.usage.keymemory import KeyMemory
from app.usage.keystore import KeyStore, RedisKeyStore, open_keystore

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=36)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    words = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(words, cwd=tmp_path_factory.mktemp("redis"), stdout=subprocess.DEVNULL) as server:
        with closing(redis.Redis(port=port)) as client:
            for _ in range(400):
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
        server.terminate()


@pytest.fixture(params=["file", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "file":
        return f"file://{tmp_path}/new/keys.sqlite3"
    address: str = request.getfixturevalue("redis_url")
    with closing(redis.Redis.from_url(address)) as client:
        client.flushall()
    return address


@pytest.fixture
def store(url: str) -> Iterator[KeyStore]:
    opened = open_keystore(url)
    yield opened
    if isinstance(opened, RedisKeyStore):
        opened._client.close()


def test_a_key_is_random_and_stays_the_same(store: KeyStore) -> None:
    key = store.key("day:a", now=NOW, expires_at=LATER)
    assert len(key) == 32
    assert store.key("day:a", now=NOW + timedelta(hours=1), expires_at=LATER) == key
    assert store.key("day:b", now=NOW, expires_at=LATER) != key


def test_two_processes_get_the_same_key(store: KeyStore, url: str) -> None:
    def ask(number: int) -> bytes:
        opened = open_keystore(url)
        key = opened.key(f"day:{number % 2}", now=NOW, expires_at=LATER)
        if isinstance(opened, RedisKeyStore):
            opened._client.close()
        return key

    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(ask, range(64)))
    assert len(keys) == 2
    assert store.key("day:0", now=NOW, expires_at=LATER) in keys


def test_expired_keys_are_destroyed_and_named_once(store: KeyStore) -> None:
    key = store.key("day:a", now=NOW, expires_at=LATER)
    store.key("site:1:2026-11", now=NOW, expires_at=LATER + timedelta(days=9))
    assert store.destroy_expired(LATER - timedelta(seconds=1)) == []
    assert store.destroy_expired(LATER) == ["day:a"]
    assert store.destroy_expired(LATER) == []
    assert store.key("day:a", now=LATER, expires_at=LATER + timedelta(hours=1)) != key


def test_a_key_that_another_process_destroyed_is_forgotten(store: KeyStore, url: str) -> None:
    key = store.key("day:a", now=NOW, expires_at=LATER)
    other = open_keystore(url)
    assert other.destroy_expired(LATER) == ["day:a"]
    assert store.destroy_expired(LATER) == []
    fresh = store.key("day:a", now=LATER, expires_at=LATER + timedelta(hours=1))
    assert fresh != key
    assert other.key("day:a", now=LATER, expires_at=LATER + timedelta(hours=1)) == fresh
    if isinstance(other, RedisKeyStore):
        other._client.close()


def test_what_is_remembered_of_the_file_holds_only_while_the_file_stays_as_it_was(tmp_path: Path) -> None:
    url = f"file://{tmp_path}/keys.sqlite3"
    store = open_keystore(url)
    key = store.key("day:a", now=NOW, expires_at=LATER)
    assert store.key("day:a", now=NOW, expires_at=LATER) == key, "read once more, because the file has changed"
    time.sleep(0.02)  # file systems tell times of change apart by a few milliseconds
    with closing(sqlite3.connect(tmp_path / "keys.sqlite3")) as file:
        file.execute("UPDATE key SET value = ?", (bytes(32),))
        file.commit()
    assert store.key("day:a", now=NOW, expires_at=LATER) == bytes(32)
    (tmp_path / "keys.sqlite3").unlink()
    assert store.key("day:a", now=NOW, expires_at=LATER) not in (key, bytes(32))


def test_no_key_is_made_that_would_have_expired(store: KeyStore) -> None:
    with pytest.raises(ValueError, match="day:a"):
        store.key("day:a", now=NOW, expires_at=NOW)


def test_the_file_is_the_owners_alone_and_forgets(tmp_path: Path) -> None:
    path = tmp_path / "keys.sqlite3"
    store = open_keystore(f"file://{path}")
    key = store.key("day:a", now=NOW, expires_at=LATER)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key in path.read_bytes()
    store.destroy_expired(LATER)
    assert key not in path.read_bytes()
    assert [found.name for found in tmp_path.iterdir()] == ["keys.sqlite3"]


def test_a_spoiled_file_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "keys.sqlite3"
    path.write_bytes(b"this is no database" * 100)
    assert len(open_keystore(f"file://{path}").key("day:a", now=NOW, expires_at=LATER)) == 32


def test_redis_itself_lets_a_key_expire(redis_url: str) -> None:
    store = open_keystore(redis_url)
    assert isinstance(store, RedisKeyStore)
    with closing(store._client):
        store.key("day:short", now=NOW, expires_at=NOW + timedelta(seconds=1))
        assert store._client.get("xiaowu:key:day:short")
        time.sleep(1.1)
        assert store._client.get("xiaowu:key:day:short") is None


def test_a_file_out_of_reach_says_so() -> None:
    store = open_keystore("file:///proc/none/keys.sqlite3")
    with pytest.raises(Unavailable):
        store.key("day:a", now=NOW, expires_at=LATER)
    with pytest.raises(Unavailable):
        store.destroy_expired(NOW)


def away(store: RedisKeyStore) -> redis.Redis:
    """Point the store to where no Redis answers; return the client that it had."""
    elsewhere = open_keystore(f"redis://127.0.0.1:{free_port()}")
    assert isinstance(elsewhere, RedisKeyStore)
    before, store._client = store._client, elsewhere._client
    return before


def test_without_redis_a_process_goes_on_with_the_keys_it_knows_and_gives_them_back(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keystore, "ASK_AGAIN_AFTER_S", 0.0)
    first, second = open_keystore(redis_url), open_keystore(redis_url)
    assert isinstance(first, RedisKeyStore)
    assert isinstance(second, RedisKeyStore)
    known = first.key("day:known", now=NOW, expires_at=LATER)
    before = away(first)
    assert first.key("day:known", now=NOW, expires_at=LATER) == known
    fresh = first.key("day:fresh", now=NOW, expires_at=LATER)
    assert first.key("day:fresh", now=NOW, expires_at=LATER) == fresh
    with pytest.raises(Unavailable):
        first.destroy_expired(NOW)
    before.flushall()  # a Redis that was started anew
    first._client = before
    assert first.key("day:known", now=NOW, expires_at=LATER) == known
    assert first.key("day:fresh", now=NOW, expires_at=LATER) == fresh
    assert second.key("day:known", now=NOW, expires_at=LATER) == known
    assert second.key("day:fresh", now=NOW, expires_at=LATER) == fresh
    for one in (first, second):
        one._client.close()


def test_while_redis_is_away_it_is_asked_every_few_seconds_only() -> None:
    store = open_keystore(f"redis://127.0.0.1:{free_port()}")
    assert isinstance(store, RedisKeyStore)
    store.key("day:a", now=NOW, expires_at=LATER)
    assert store._ask_again_at > time.monotonic()


def test_what_a_process_remembers_is_forgotten_on_time() -> None:
    passed_s = 1000.0
    memory = KeyMemory(lambda: passed_s)
    memory.put("short", b"s", NOW, NOW + timedelta(seconds=30))
    memory.put("long", b"l", NOW, LATER)
    assert memory.get("short") == b"s"
    passed_s += 30
    assert memory.get("short") is None
    memory._look()
    assert set(memory._keys) == {"long"}
    memory.forget_expired(LATER)
    assert memory.get("long") is None
    assert memory._timer is not None
    memory._timer.cancel()
