"""The maintenance job inside processes that serve, for the demonstration: in production a timer starts it."""

import logging
import threading

from flask import Flask

from app import clock
from app.maintenance import jobs

LOG = logging.getLogger(__name__)
FIRST_AFTER_S, EVERY_S = 60.0, 900.0


class Scheduler:
    """A thread that does what is due. Every worker may have one: one of them at a time does it."""

    def __init__(self, app: Flask, first_after_s: float = FIRST_AFTER_S, every_s: float = EVERY_S) -> None:
        self._app = app
        self._pauses = first_after_s, every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="maintenance", daemon=True)

    def start(self) -> None:
        """Start the thread, after the process has forked."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a step that is being done is finished first."""
        self._stopping.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        first, every = self._pauses
        is_over = self._stopping.wait(first)
        while not is_over:
            try:
                self._once()
            except Exception as error:  # noqa: BLE001  whatever it was, the next round may succeed
                LOG.warning("Maintenance could not be done now: %s", type(error).__name__)
            is_over = self._stopping.wait(every)

    def _once(self) -> None:
        with self._app.app_context(), jobs.alone(self._app.extensions["settings"]) as is_alone:
            for outcome in jobs.run(jobs.due(clock.now())) if is_alone else ():
                if not outcome.is_done:
                    LOG.warning("Maintenance: %s failed: %s", outcome.step, outcome.says)
                if self._stopping.is_set():
                    return
