"""Three PostgreSQL under Patroni with the deployed settings and one etcd, each a machine that a test may kill."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest

from tests.postgres import _as_postgres, _binaries
from tests.reliability.databases import DATABASE, own
from tests.reliability.service import PATIENCE_S, ROOT, children, free_port, wait_until

MACHINES = 3
PASSWORD = "only here"
PROGRAMS = {"patroni": "patroni", "etcd": "etcd-server"}


@dataclass
class Machine:
    """Patroni and its PostgreSQL."""

    folder: Path
    etcd: int
    port: int = field(default_factory=free_port)
    rest: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What Patroni and PostgreSQL have written."""
        return self.folder / "log"

    def start(self) -> None:
        """Start Patroni, which does what its PostgreSQL needs."""
        if not self.folder.exists():
            self.folder.mkdir(mode=0o700)
            own(self.folder)
        environ = {
            "PATRONI_NAME": self.folder.name, "PATRONI_ETCD3_HOSTS": f"127.0.0.1:{self.etcd}",
            "PATRONI_RESTAPI_LISTEN": f"127.0.0.1:{self.rest}",
            "PATRONI_RESTAPI_CONNECT_ADDRESS": f"127.0.0.1:{self.rest}",
            "PATRONI_POSTGRESQL_LISTEN": f"127.0.0.1:{self.port}",
            "PATRONI_POSTGRESQL_CONNECT_ADDRESS": f"127.0.0.1:{self.port}",
            "PATRONI_POSTGRESQL_DATA_DIR": str(self.data), "PATRONI_POSTGRESQL_BIN_DIR": str(_binaries()),
            "PATRONI_POSTGRESQL_PGPASS": str(self.folder / "pgpass"),
            "PATRONI_SUPERUSER_PASSWORD": PASSWORD, "PATRONI_REPLICATION_PASSWORD": PASSWORD,
            "HOME": str(self.folder), "PATH": f"/usr/bin:/bin:/usr/sbin:/sbin:{_binaries()}", "LANG": "C.UTF-8",
        }  # fmt: skip
        words = _as_postgres("/usr/bin/patroni", self.folder.parent / "patroni.yml")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                words, env=environ, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/", start_new_session=True
            )

    @property
    def postmaster(self) -> int | None:
        """The process id of its PostgreSQL, if it runs."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            return pid if Path(f"/proc/{pid}").exists() else None
        return None

    def kill_postgresql(self) -> None:
        """Kill PostgreSQL with all its processes at once."""
        pid = self.postmaster
        assert pid is not None
        for one in [pid, *children(pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)

    def kill(self) -> None:
        """The machine is gone: Patroni and PostgreSQL at once."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE_S)
        self.process = None
        if self.postmaster is not None:
            self.kill_postgresql()


@dataclass
class Machines:
    """All of them."""

    folder: Path
    machines: list[Machine]

    @property
    def hosts(self) -> str:
        """Their addresses, as libpq takes several."""
        return ",".join(f"127.0.0.1:{machine.port}" for machine in self.machines)

    def address(self, database: str) -> str:
        """Of whichever is the primary."""
        password = PASSWORD.replace(" ", "%20")
        return f"postgresql://postgres:{password}@{self.hosts}/{database}?target_session_attrs=read-write"

    def primary(self) -> Machine:
        """The one that takes writes. Raises psycopg.OperationalError while there is none."""
        with psycopg.connect(self.address("postgres"), connect_timeout=5) as connection:
            port = connection.info.port
        return next(one for one in self.machines if one.port == port)

    def followers(self) -> dict[str, str]:
        """Which standbys stream from the primary: sync or async by name."""
        with (
            contextlib.suppress(psycopg.Error),
            psycopg.connect(self.address("postgres"), autocommit=True, connect_timeout=5) as connection,
        ):
            query = "SELECT application_name, sync_state FROM pg_stat_replication WHERE state = 'streaming'"
            return dict(connection.execute(query).fetchall())
        return {}

    def is_whole(self) -> bool:
        """Whether all follow, one of them synchronously."""
        states = sorted(self.followers().values())
        return states == ["async", "sync"]


@contextlib.contextmanager
def machines(folder: Path) -> Iterator[Machines]:
    """Three machines with an empty database that has PostGIS; fails where the programs are not installed."""
    for program, package in PROGRAMS.items():
        if shutil.which(program) is None:
            pytest.fail(f"this test needs {program}: as root, apt-get install {package}")
    shutil.copy(ROOT / "deploy" / "patroni" / "patroni.yml", folder)
    (folder / "patroni.yml").chmod(0o644)
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
    with _etcd(folder / "etcd") as port:
        made = Machines(folder, [Machine(folder / f"db{number}", port) for number in range(1, MACHINES + 1)])
        try:
            for machine in made.machines:
                machine.start()
            wait_until(made.is_whole, 180, every_s=1.0)
            _create_database(made)
            yield made
        finally:
            for machine in made.machines:
                machine.kill()


def _create_database(made: Machines) -> None:
    with psycopg.connect(made.address("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}".encode())
    with psycopg.connect(made.address(DATABASE), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")


@contextlib.contextmanager
def _etcd(folder: Path) -> Iterator[int]:
    folder.mkdir(mode=0o700)
    port, peer = free_port(), free_port()
    here, peers = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peer}"
    words = ["etcd", "--name", "one", "--data-dir", str(folder), "--listen-client-urls", here]
    words += ["--advertise-client-urls", here, "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers]
    words += ["--initial-cluster", f"one={peers}", "--log-level", "error"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _is_healthy(port))
        yield port
    finally:
        process.kill()
        process.wait()


def _is_healthy(port: int) -> bool:
    with contextlib.suppress(OSError), urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
        return bool(answer.status == 200)
    return False
