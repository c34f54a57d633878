"""Seals what is due, every few seconds, inside the processes that serve: several may try, one at a time does it."""

import atexit
import os
import threading
from datetime import datetime, timedelta

from flask import Flask

from app import clock
from app.db import unit_of_work
from app.errors import Conflict
from app.months import Month
from app.usage.ledger import queries, services

EVERY_SECONDS = 20
"""A third of the time within which an event has to be sealed, so that a round may fail."""
SETTLING = timedelta(minutes=5)
"""After a month has closed: a request that began before has ended by then, so that nothing comes after a checkpoint."""
MOST_SEALS = 50
"""Seals of one round: after a long rest there is more to seal than one takes."""


def run_once(now: datetime, *, is_steady: bool = True, everywhere: bool = True) -> tuple[int, list[Month]]:
    """Seal what is due and make the checkpoints of closed months; return the number of seals and those months.

    What comes while this seals waits for the next round. ``everywhere`` is that of `queries.unsealed`.

    A clock that was set forward (not ``is_steady``) closes no month: a checkpoint cannot be taken back. Commits each
    seal and checkpoint by itself. Raises SQLAlchemyError while the database cannot be reached.
    """
    number, has_more = 0, queries.is_due(everywhere=everywhere)
    while has_more and number < MOST_SEALS:
        with unit_of_work():
            seal = services.seal_due(now, everywhere=everywhere)
        has_more = seal is not None and services.is_full(seal)
        number += seal is not None
    closed = queries.months_without_checkpoint(now - SETTLING) if is_steady else []
    return number, [month for month in closed if _has_got_checkpoint(month, now)]


def _has_got_checkpoint(month: Month, now: datetime) -> bool:
    try:
        with unit_of_work():
            services.checkpoint(month, now)
    except Conflict:  # not everything is sealed yet
        return False
    return True


class Sealer:
    """A thread of this process that seals until the process ends. A process forked from here starts its own."""

    def __init__(self, app: Flask, every_seconds: float = EVERY_SECONDS) -> None:
        self._app = app
        self._every = every_seconds
        self._lock = threading.Lock()
        self._process: int | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def ensure(self) -> None:
        """Start the thread unless this process has it."""
        if self._process == os.getpid():
            return
        with self._lock:
            if self._process != os.getpid():
                self._start()

    def _start(self) -> None:
        self._process, self._stopping = os.getpid(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="sealer", daemon=True)
        self._thread.start()
        atexit.register(self.stop)

    def stop(self) -> None:
        """End the thread; a seal being made is finished first."""
        self._stopping.set()
        if self._thread is not None and self._process == os.getpid():
            self._thread.join(timeout=10)
        self._process = self._thread = None

    def _run(self) -> None:
        is_over, steadiness = False, clock.Steadiness()
        while not is_over:
            try:
                with self._app.app_context():
                    now = clock.now()
                    run_once(now, is_steady=steadiness.is_steady(now), everywhere=False)
            except Exception as error:  # noqa: BLE001  whatever it was, the next round may succeed
                self._app.logger.warning("the ledger could not be sealed now: %s", type(error).__name__)
            is_over = self._stopping.wait(self._every)
