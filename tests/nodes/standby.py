"""A PostgreSQL that follows another one by streaming, as a replica does."""

import subprocess
from dataclasses import dataclass

import psycopg

from tests.postgres import _as_postgres, _binaries
from tests.reliability.databases import DATABASE, Cluster, own
from tests.reliability.service import wait_until


@dataclass
class Standby(Cluster):
    """Read only, and behind by as much as the test wants."""

    def follow(self, primary: Cluster) -> None:
        """Copy `primary` and follow it from there."""
        self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.data.mkdir(mode=0o700)
        own(self.data)
        source = f"host=127.0.0.1 port={primary.port} user=postgres"
        options = ["-d", source, "-D", self.data, "-R", "-X", "stream", "-c", "fast", "--no-sync"]
        words = _as_postgres(_binaries() / "pg_basebackup", *options)
        subprocess.run(words, check=True, capture_output=True, cwd="/")
        self.start()

    def catch_up(self, primary: Cluster) -> None:
        """Wait until it has what `primary` has."""
        at = ask(primary, "SELECT CAST(pg_current_wal_lsn() AS text)")
        wait_until(lambda: ask(self, f"SELECT pg_last_wal_replay_lsn() >= '{at}'"))

    def follow_at(self, source: str) -> str:
        """Follow the primary at another address from now on; return the address until now."""
        until_now = str(ask(self, "SELECT current_setting('primary_conninfo')"))
        do(self, f"ALTER SYSTEM SET primary_conninfo = '{source.replace(chr(39), chr(39) * 2)}'")
        ask(self, "SELECT pg_reload_conf()")
        return until_now

    def is_running(self) -> bool:
        """Whether it has not been stopped."""
        return (self.data / "postmaster.pid").exists()

    def pause(self) -> None:
        """What is written from here on arrives, and is not shown."""
        ask(self, "SELECT pg_wal_replay_pause()")
        wait_until(lambda: ask(self, "SELECT pg_get_wal_replay_pause_state()") == "paused")

    def go_on(self) -> None:
        """Show what has arrived."""
        ask(self, "SELECT pg_wal_replay_resume()")


def ask(cluster: Cluster, statement: str) -> object:
    """The one value of a statement, as superuser."""
    address = f"postgresql://postgres@127.0.0.1:{cluster.port}/{DATABASE}"
    with psycopg.connect(address, autocommit=True) as connection:
        row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None


def do(cluster: Cluster, statement: str) -> None:
    """A statement without an answer, as superuser."""
    address = f"postgresql://postgres@127.0.0.1:{cluster.port}/{DATABASE}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement.encode())
