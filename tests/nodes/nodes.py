"""Web nodes as they run in production, each a process group of its own, behind a real nginx."""

import multiprocessing
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any, cast

from tests.reliability.service import PATIENCE_S, ROOT, Service, free_port, wait_until

DEPLOY = ROOT / "deploy" / "nodes"


def _context() -> ForkServerContext:
    """Nodes are forked from a process that has imported the application once: that is nearly all of their start."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["app", "gunicorn.app.wsgiapp"])
    return context


def _serve(environ: Mapping[str, str], log: str) -> None:
    from gunicorn.app.wsgiapp import run  # already imported by the process this one was forked from

    os.setsid()
    os.chdir(ROOT)
    os.environ.update(environ)
    written = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(written, stream)
    sys.argv = ["gunicorn", "-c", "deploy/gunicorn.conf.py", "tests.reliability.served:app"]
    run()


class _Forked:
    """What `Service` asks of its process."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self.pid, self.terminate = cast("int", process.pid), process.terminate

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float) -> int | None:
        self._process.join(timeout)
        if self._process.is_alive():
            raise subprocess.TimeoutExpired("gunicorn", timeout)
        return self._process.exitcode


@dataclass
class Node(Service):
    """A `Service` that starts within tenths of a second. `more` is added to its environment."""

    more: dict[str, str] = field(default_factory=dict)

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the application."""
        return super().environ | self.more

    def start(self) -> float:
        """Start, and wait until it answers; return how many seconds that took."""
        own = {
            "BIND": f"127.0.0.1:{self.port}", "WEB_CONCURRENCY": str(self.workers),
            "XIAOWU_TEST_CLOCK": str(self.offset),
        }  # fmt: skip
        process = _context().Process(target=_serve, args=({**self.environ, **own}, str(self.log)))
        process.start()
        self.process = cast("Any", _Forked(process))
        return wait_until(self.answers)


@contextmanager
def nginx(folder: Path, ports: list[int]) -> Iterator[int]:
    """nginx with the deployed rules before the nodes at `ports`; yields its port.

    It believes the addresses that the test's phones say they have, as if they came from there.
    """
    folder.mkdir(exist_ok=True)
    port, written = free_port(), folder / "nginx.conf"
    written.write_text(_configuration(folder, port, ports))
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
    words = [program, "-p", str(folder), "-c", str(written), "-e", str(folder / "error.log")]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until((folder / "pid").exists)
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _configuration(folder: Path, port: int, ports: list[int]) -> str:
    """The files of deploy/nodes, with the nodes' addresses put in."""
    upstream = (DEPLOY / "nginx-upstream.conf").read_text()
    for number, own in enumerate(ports, start=11):
        upstream = upstream.replace(f"server 10.0.0.{number}:8000", f"server 127.0.0.1:{own}")
    assert "server 10." not in upstream
    temporary = "\n".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    return f"""
{user} daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log crit;
events {{ worker_connections 512; }}
http {{
    access_log off; {temporary}
    limit_req_zone $binary_remote_addr zone=xiaowu:1m rate=30r/s;
    {upstream}
    server {{
        listen 127.0.0.1:{port};
        set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;
        {(DEPLOY / "nginx-locations.conf").read_text()}
    }}
}}
"""
