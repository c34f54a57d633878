"""Servers under measurement: start one, wait until it answers, read what it costs, stop it."""

import contextlib
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from tempfile import TemporaryFile

from benchmarks.http.installation import ROOT

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE_S = 600.0


@dataclass(frozen=True)
class Server:
    """A running server at ``http://127.0.0.1:port``, ready `started_s` seconds after its start."""

    pid: int
    port: int
    started_s: float = 0.0

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, Message, bytes]:
        """Status, headers and body of one request; an error of HTTP is an answer, too."""
        request = urllib.request.Request(self.url + path, headers=dict(headers or {}))  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str], port: int, ready: str) -> Iterator[Server]:
    """Run a server for a block. Raises RuntimeError with its output when the path `ready` is not answered with 200."""
    began = time.perf_counter()
    with TemporaryFile() as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said, start_new_session=True)
        try:
            _wait(process, Server(process.pid, port), ready, said.fileno())
            yield Server(process.pid, port, time.perf_counter() - began)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait(process: "subprocess.Popen[bytes]", server: Server, ready: str, said: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            if server.get(ready)[0] == 200:
                return
        time.sleep(0.02)
    os.lseek(said, 0, os.SEEK_SET)
    raise RuntimeError(f"{process.args!r} does not answer {ready}:\n{os.read(said, 10_000).decode(errors='replace')}")


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process and all below it have used, the ones that have ended included."""
    return sum(_ticks(one) for one in family(pid)) / TICKS


def pss_mb(pid: int) -> dict[int, float]:
    """Megabytes of memory by process of a family; what is shared is shared out among those who share it."""
    sizes = {}
    for one in family(pid):
        lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        sizes[one] = next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return sizes


def family(pid: int) -> list[int]:
    """The process and all its descendants that are alive."""
    below: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            below += map(int, tasks.read_text().split())
    return [pid, *(one for child in below for one in family(child))]


def _ticks(pid: int) -> int:
    """User and system time, its own and that of its children that it has waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15]))
