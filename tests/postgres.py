"""A private PostgreSQL with PostGIS for the tests, shared by all pytest-xdist workers of one run.

Every process that uses the server holds a shared `flock` on one file. A watcher process waits for the exclusive lock on
it, which it gets when the last user is gone, however that user died, and then stops the server and deletes its folder.
"""

import contextlib
import fcntl
import itertools
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO

import psycopg
import pytest
from psycopg import sql

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
}
EMPTY = "template_postgis"

_WATCHER = """
import fcntl, pathlib, shutil, subprocess, sys
folder, lock, *stop = sys.argv[1:]
handle = open(lock, "a")
fcntl.flock(handle, fcntl.LOCK_EX)
subprocess.run(stop, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
shutil.rmtree(folder, ignore_errors=True)
pathlib.Path(lock).unlink(missing_ok=True)
"""


@dataclass
class Server:
    """A running server. `folder` holds its data, its locks and the markers of the templates that are ready."""

    folder: Path
    port: int
    _held: list[IO[str]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database on this server."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    @cached_property
    def _admin(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(f"postgresql://postgres@127.0.0.1:{self.port}/postgres", autocommit=True)

    def create_database(self, template: str | None = None) -> str:
        """Make a database of its own from `template` (default: only PostGIS installed) and return its URL."""
        name = f"t{os.getpid()}_{next(self._numbers)}"
        self._create(name, template or EMPTY)
        return self.url(name)

    def _create(self, name: str, template: str) -> None:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._admin.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))

    def drop_database(self, url: str) -> None:
        """Drop a database that `create_database` made, open connections or not."""
        name = url.rsplit("/", 1)[1]
        self._admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextlib.contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """The URL of a fresh database that is dropped at the end."""
        url = self.create_database(template)
        try:
            yield url
        finally:
            self.drop_database(url)

    def template(self, name: str, build: Callable[[str], None]) -> str:
        """Make the template database `name` once per test run: `build(url)` fills it, for instance by migrating it.

        Returns the name, for `create_database`. `build` must close its connections before it returns.
        """
        marker = self.folder / f"template-{name}"
        with _locked(self.folder / "template.lock"):
            if not marker.exists():
                self.drop_database(self.url(name))
                self._create(name, EMPTY)
                build(self.url(name))
                marker.touch()
        return name


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parents[1].name))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise RuntimeError("PostgreSQL is not installed: `make test` as root installs it (postgresql, postgis)")
    return Path(on_path).resolve().parent


def _as_postgres(*command: str | Path) -> list[str]:
    words = [str(word) for word in command]
    return ["runuser", "-u", "postgres", "--", *words] if os.geteuid() == 0 else words


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(folder: Path, settings: Mapping[str, str]) -> int:
    """Create and start a server under `folder` and return its port."""
    data, binaries, port = folder / "data", _binaries(), _free_port()
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(data, account.pw_uid, account.pw_gid)
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    initdb = _as_postgres(binaries / "initdb", "-D", data, *options)
    subprocess.run(initdb, check=True, capture_output=True, cwd="/")
    options = [f"-c {key}={value}" for key, value in {**settings, "port": port}.items()]
    options.append(f"-c unix_socket_directories={data}")
    start = ["-w", "-s", "-l", str(data / "log"), "-o", " ".join(options), "start"]
    pg_ctl = _as_postgres(binaries / "pg_ctl", "-D", data)
    subprocess.run([*pg_ctl, *start], check=True, stdout=subprocess.DEVNULL, cwd="/")
    stop = [*pg_ctl, "-m", "immediate", "-s", "-w", "stop"]
    watcher = [sys.executable, "-I", "-c", _WATCHER, str(folder), _users_path(folder), *stop]
    # Through a shell that ends at once, so that the watcher is nobody's child and outlives this process.
    detached = ["sh", "-c", '"$@" >/dev/null 2>&1 &', "sh", *watcher]
    subprocess.run(detached, check=True, cwd="/", start_new_session=True, stdin=subprocess.DEVNULL)
    return port


def _prepare(server: Server) -> None:
    server._admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(EMPTY)))
    with psycopg.connect(server.url(EMPTY).replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")


def _users_path(folder: Path) -> str:
    return f"{folder}.users"


def _become_user(folder: Path) -> IO[str]:
    """Hold the shared lock; a watcher that is just stopping the server is waited for, and its deleted file not used."""
    while True:
        handle = Path(_users_path(folder)).open("a")  # noqa: SIM115 held open as long as the server is used
        fcntl.flock(handle, fcntl.LOCK_SH)
        if os.fstat(handle.fileno()).st_nlink:
            return handle
        handle.close()


def connect(name: str | None = None, settings: Mapping[str, str] = SETTINGS) -> Server:
    """The server of the test run `name`, started if nobody did; it lives as long as one of its users does."""
    folder = Path(tempfile.gettempdir()) / f"xiaowu-pg-{name or secrets.token_hex(8)}"
    with _locked(folder.with_name(f"xiaowu-pg-{os.geteuid()}.lock")):
        users = _become_user(folder)
        ready = folder / "port"
        if ready.exists():
            return Server(folder, int(ready.read_text()), [users])
        folder.mkdir(mode=0o711, exist_ok=True)
        server = Server(folder, _start(folder, settings), [users])
        _prepare(server)
        ready.write_text(str(server.port))
        return server


@contextlib.contextmanager
def server(name: str | None = None, settings: Mapping[str, str] = SETTINGS) -> Iterator[Server]:
    """`connect` for a block; the server stops after the block unless another process still uses it."""
    running = connect(name, settings)
    try:
        yield running
    finally:
        running._admin.close()
        for handle in running._held:
            handle.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The PostgreSQL server of this test run, one for all workers."""
    with server(os.environ.get("PYTEST_XDIST_TESTRUNUID")) as running:
        yield running
