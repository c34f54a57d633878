"""Databases that a test may kill: a PostgreSQL of its own that syncs to disk, and small disks that can be full."""

import contextlib
import os
import pwd
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.postgres import _as_postgres, _binaries
from tests.reliability.service import PATIENCE_S, free_port, wait_until

SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "jit": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "listen_addresses": "127.0.0.1",
}
SMALL_DISK_BYTES = 64 << 20
DATABASE = "xiaowu"


@dataclass
class Cluster:
    """A PostgreSQL of its own in `folder`, which the account that runs it can reach."""

    folder: Path
    port: int = field(default_factory=free_port)

    @property
    def data(self) -> Path:
        """Its data directory."""
        return self.folder / "data"

    @property
    def url(self) -> str:
        """The address of the database for the application."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{DATABASE}"

    def create(self, tablespace: Path | None = None) -> None:
        """Make and start it, with an empty database that has PostGIS, on another disk if asked."""
        self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        for path in (self.data, *([tablespace] if tablespace else [])):
            path.mkdir(mode=0o700, exist_ok=True)
            own(path)
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--data-checksums"]
        words = _as_postgres(_binaries() / "initdb", "-D", self.data, *options)
        subprocess.run(words, check=True, capture_output=True, cwd="/")
        self.start()
        place = " TABLESPACE small" if tablespace else ""
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            if tablespace:
                connection.execute(f"CREATE TABLESPACE small LOCATION '{tablespace}'".encode())
            connection.execute(f"CREATE DATABASE {DATABASE}{place}".encode())
        with psycopg.connect(self._address(DATABASE), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION postgis")

    def _address(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it, again and again while what is left of the killed one still holds its memory."""
        words = [_binaries() / "pg_ctl", "-D", self.data, "-w", "-s", "-l", self.data / "log"]
        settings = [f"-c {key}={value}" for key, value in {**SETTINGS, "port": self.port}.items()]
        start = [*words, "-o", " ".join([*settings, f"-c unix_socket_directories={self.data}"]), "start"]
        ends = time.monotonic() + PATIENCE_S
        while subprocess.run(_as_postgres(*start), check=False, stdout=subprocess.DEVNULL, cwd="/").returncode:
            assert time.monotonic() < ends, (self.data / "log").read_text()[-2000:]
            time.sleep(0.2)

    @property
    def pid(self) -> int:
        """Of the postmaster."""
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        """Kill the postmaster; its children notice and end."""
        pid = self.pid
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not Path(f"/proc/{pid}").exists() or _is_zombie(pid))

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; ``immediate`` is a crash from the data's point of view."""
        if not (self.data / "postmaster.pid").exists():
            return
        words = _as_postgres(_binaries() / "pg_ctl", "-D", self.data, "-m", mode, "-s", "-w", "stop")
        subprocess.run(words, check=False, capture_output=True, cwd="/")


def _is_zombie(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def own(path: Path) -> None:
    """Give a path to the account that PostgreSQL runs under."""
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(path, account.pw_uid, account.pw_gid)


@dataclass
class SmallDisk:
    """A folder whose disk can be filled and emptied. `how` says by what means."""

    folder: Path
    how: str

    def fill(self, pids: list[int]) -> None:
        """From now on nothing there can grow."""
        if self.how == "tmpfs":
            with contextlib.suppress(OSError), self._ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(1 << 16))
            return
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (self._largest(), resource.RLIM_INFINITY))

    def free(self, pids: list[int]) -> None:
        """There is room again."""
        self._ballast.unlink(missing_ok=True)
        if self.how != "tmpfs":
            for pid in pids:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def _largest(self) -> int:
        return max((path.stat().st_size for path in self.folder.rglob("*") if path.is_file()), default=4096)


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """A tmpfs of 64 MB; where nobody may mount one, a limit to how large the service's files may grow."""
    folder.mkdir(parents=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_BYTES},mode=0755", "xiaowu-test", str(folder)]
    is_mounted = (
        shutil.which("mount") is not None and subprocess.run(words, check=False, capture_output=True).returncode == 0
    )
    try:
        yield SmallDisk(folder, "tmpfs" if is_mounted else "RLIMIT_FSIZE")
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)
