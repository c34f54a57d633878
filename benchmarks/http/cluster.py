"""A PostgreSQL of the benchmark's own, in a temporary folder, that keeps its promises: fsync, synchronous commits."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "max_connections": "120",
    "listen_addresses": "127.0.0.1",
    "jit": "off",
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


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A fresh server with an empty database `bench` that has PostGIS; stopped and deleted after the block."""
    folder = Path(tempfile.mkdtemp(prefix="xiaowu-bench-pg-"))
    folder.chmod(0o711)
    data, binaries, port = folder / "data", _binaries(), free_port()
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(data, account.pw_uid, account.pw_gid)
    control = _as_postgres(binaries / "pg_ctl", "-D", data, "-s", "-w")
    try:
        _run(
            *_as_postgres(binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        )
        options = [f"-c {key}={value}" for key, value in {**SETTINGS, "port": port}.items()]
        _run(*control, "-l", data / "log", "-o", " ".join([*options, f"-c unix_socket_directories={data}"]), "start")
        running = Cluster(binaries, port, int((data / "postmaster.pid").read_text().split()[0]))
        _run(binaries / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "bench")
        _run(binaries / "psql", "-q", running.url(), "-c", "CREATE EXTENSION postgis")
        yield running
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, cwd="/", capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parents[1].name))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise RuntimeError("PostgreSQL is not installed")
    return Path(on_path).resolve().parent


def _as_postgres(*command: str | Path) -> list[str]:
    words = [str(word) for word in command]
    return ["runuser", "-u", "postgres", "--", *words] if os.geteuid() == 0 else words


def _run(*command: str | Path) -> None:
    """Without a pipe for the server's own output, which would stay open as long as it runs."""
    subprocess.run([str(word) for word in command], check=True, cwd="/", stdout=subprocess.DEVNULL)
