"""The product as it runs in production, on this machine only, in a process group that a test may kill."""

import contextlib
import http.client
import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from app.config import Settings

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0
_NUMBERS = itertools.count()
BACK_WITHIN_S = 30.0
"""What is promised after every fault."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_so: Callable[[], object], patience_s: float = PATIENCE_S, every_s: float = 0.02) -> float:
    """Wait until `is_so()`; return how many seconds that took. Raises AssertionError when it takes too long."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < patience_s, f"not within {patience_s} s"
        time.sleep(every_s)
    return time.monotonic() - began


def children(pid: int) -> list[int]:
    """The processes that `pid` has started and that live."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(path.parent.name))
    return found


@dataclass
class Service:
    """gunicorn with the deployed settings and `more`. `folder` holds its data, its log and its clock's file."""

    folder: Path
    database_url: str
    keystore_url: str = ""
    workers: int = 2
    data: Path | None = None
    more: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.offset.write_text("0")

    @property
    def offset(self) -> Path:
        """The file with the seconds that are added to the clock."""
        return self.folder / "clock"

    @property
    def log(self) -> Path:
        """What gunicorn and the application have written."""
        return self.folder / "log"

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the application."""
        return {
            "XIAOWU_MODE": "production",
            "XIAOWU_DATA": str(self.data or self.folder / "data"),
            "DATABASE_URL": self.database_url,
            "KEYSTORE_URL": self.keystore_url,
            "XIAOWU_BASE_URL": f"https://127.0.0.1:{self.port}",
            "XIAOWU_TRUSTED_PROXIES": "1",
            "SECRET_KEY": "s" * 32,
            "SECURITY_PASSWORD_SALT": "p" * 32,
            "SECURITY_TOTP_SECRET": "t" * 32,
            "XIAOWU_LEDGER_KEY": "l" * 32,
            **self.more,
        }

    @property
    def settings(self) -> Settings:
        """The same, read."""
        return Settings.from_environment(self.environ)

    def start(self) -> float:
        """Start, and wait until it answers; return how many seconds that took."""
        gunicorn = Path(sys.executable).with_name("gunicorn")
        words = [gunicorn, "-c", "deploy/gunicorn.conf.py", "tests.reliability.served:app"]
        own: Mapping[str, str] = {
            "BIND": f"127.0.0.1:{self.port}", "WEB_CONCURRENCY": str(self.workers),
            "XIAOWU_TEST_CLOCK": str(self.offset),
        }  # fmt: skip
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                list(map(str, words)), cwd=ROOT, env={**os.environ, **self.environ, **own}, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        return wait_until(self.answers)

    def answers(self, path: str = "/privacy") -> bool:
        """Whether a page comes."""
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()[-3000:]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers={"X-Forwarded-For": f"10.255.0.{next(_NUMBERS) % 256}"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    @property
    def worker_pids(self) -> list[int]:
        """The workers that live."""
        assert self.process is not None
        return children(self.process.pid)

    def kill_worker(self, choice: random.Random) -> None:
        """Kill a worker as a crash would."""
        pids = self.worker_pids
        if pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(choice.choice(pids), signal.SIGKILL)

    def kill_all(self) -> None:
        """Kill master and workers at once, as a power cut would."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE_S)
        wait_until(lambda: not self._group_lives())

    def _group_lives(self) -> bool:
        assert self.process is not None
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def stop(self) -> None:
        """End it in good order, and in any case."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill_all()

    def move_clock(self, **delta: float) -> None:
        """Set the clock to so far from the true time (keywords of timedelta)."""
        fresh = self.offset.with_suffix(".new")
        fresh.write_text(str(timedelta(**delta).total_seconds()))
        fresh.replace(self.offset)
