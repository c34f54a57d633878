"""A PostgreSQL of the benchmark's own, in a temporary folder, that keeps its promises: fsync, synchronous commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.postgres import _binaries, _free_port, server

SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # What is loaded into a table in the transaction that made it is not logged; the rows of a scan are, as ever.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "1GB",
    "maintenance_work_mem": "1GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "max_connections": "120",
    "listen_addresses": "127.0.0.1",
    "jit": "off",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track": "none",
}


@dataclass(frozen=True)
class Cluster:
    """A running server; `pid` is its first process."""

    binaries: Path
    port: int
    pid: int

    def url(self, database: str = "bench") -> str:
        """The libpq URL of a database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """Make an empty database that has PostGIS, and return its URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION postgis")
            connection.execute("CREATE EXTENSION pg_stat_statements SCHEMA public")
        return self.url(database)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A fresh server with an empty database `bench` that has PostGIS; stopped and deleted after the block."""
    with server(settings=SETTINGS) as running:
        pid = int((running.folder / "data" / "postmaster.pid").read_text().split()[0])
        made = Cluster(_binaries(), running.port, pid)
        made.create("bench")
        yield made


def free_port() -> int:
    """A port that nobody listens on just now."""
    return _free_port()
