"""The service with its socket held by another, as xiaowu.socket does, and people who come while it restarts."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.reliability.phones import Answer, Phones
from tests.reliability.service import PATIENCE_S, ROOT, Service, wait_until

_AS_SYSTEMD = 'exec 3<&0 </dev/null; export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@"'


@dataclass
class Activated(Service):
    """`version` is what a new process answers as X-Version; `options` go to gunicorn."""

    version: int = 1
    options: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        self.socket = socket.create_server(("127.0.0.1", self.port), backlog=4096)

    def start(self) -> float:
        """Start it with the socket as its fourth file, as systemd hands it over."""
        gunicorn = Path(sys.executable).with_name("gunicorn")
        words = [gunicorn, "-c", "deploy/gunicorn.conf.py", *self.options, "tests.operating.versioned:app"]
        own = {"XIAOWU_TEST_CLOCK": str(self.offset), "XIAOWU_TEST_VERSION": str(self.version)}
        own |= {"WEB_CONCURRENCY": str(self.workers), "BIND": "127.0.0.1:1"}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                ["sh", "-c", _AS_SYSTEMD, "sh", *map(str, words)],
                cwd=ROOT, env={**os.environ, **self.environ, **own}, stdout=log, stderr=log, stdin=self.socket,
                start_new_session=True,
            )  # fmt: skip
        return wait_until(self.answers)

    def restart(self, version: int) -> None:
        """What ``systemctl restart`` does: TERM to the first process, and when it has ended the new code."""
        assert self.process is not None
        self.process.terminate()
        self.process.wait(PATIENCE_S)
        self.version = version
        self.start()

    def stop(self) -> None:
        """End it, and close its socket."""
        super().stop()
        self.socket.close()


@dataclass
class Visits:
    """What people were answered, over connections of their own, and over such as a proxy keeps open."""

    phones: Phones
    statuses: Counter[int] = field(default_factory=Counter)
    versions: list[str] = field(default_factory=list)

    def look(self) -> None:
        """One page, and one answer of the API."""
        for path in ("/privacy", "/api/v1/sites/nearest?lat=30.3&lon=120.3"):
            self._note(self.phones.request("GET", path))

    def _note(self, answer: Answer) -> None:
        self.statuses[answer.status] += 1
        version = answer.headers.get("x-version", "none")
        if version not in self.versions:
            self.versions.append(version)

    @contextlib.contextmanager
    def coming(self, threads: int = 2) -> Iterator[None]:
        """They come all the time."""
        over = threading.Event()

        def one() -> None:
            while not over.wait(0.1):
                self.look()

        running = [threading.Thread(target=one) for _ in range(threads)]
        for thread in running:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in running:
                thread.join(PATIENCE_S)


def restarted(service: Activated, phones: Phones, times: int, pause_taps: int = 10, threads: int = 2) -> Visits:
    """Restart under load so many times, each time with the next version; no tap and no look may fail."""
    visits = Visits(phones)
    phones.load_tokens()
    with visits.coming(threads), phones.under_load(threads=threads, pause_s=0.05) as acknowledged:
        for number in range(times):
            at = acknowledged()
            wait_until(lambda at=at: acknowledged() >= at + pause_taps, PATIENCE_S * 4)
            service.restart(number + 2)
        at = acknowledged()
        wait_until(lambda: acknowledged() >= at + pause_taps)
    assert set(visits.statuses) == {200}, visits.statuses
    assert set(phones.statuses) <= {201, 303}, phones.statuses
    assert visits.versions == [str(number) for number in range(1, times + 2)]
    return visits


def recycled(service: Activated, phones: Phones, workers: int, threads: int = 2) -> Visits:
    """People come until so many workers have ended by themselves and were replaced; nothing may fail."""
    visits, seen = Visits(phones), set(service.worker_pids)
    wanted = len(seen) + workers

    def are_replaced() -> bool:
        seen.update(service.worker_pids)
        return len(seen) >= wanted

    with visits.coming(threads), phones.under_load(threads=threads, pause_s=0.05):
        wait_until(are_replaced, PATIENCE_S + 10 * workers)
    assert set(visits.statuses) == {200}, visits.statuses
    assert set(phones.statuses) <= {201, 303}, phones.statuses
    return visits
