"""The server's clock, injected: `create_app` takes a callable, views and commands ask `now()` and hand it on."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import current_app

Clock = Callable[[], datetime]
_TOLERANCE = timedelta(minutes=10)


def system_clock() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """The present instant (aware, UTC) by the running application's clock."""
    clock: Clock = current_app.extensions["clock"]
    return clock()


class Steadiness:
    """Tells a clock that was set from one that ran: what cannot be undone is not done by a clock that has jumped."""

    def __init__(self) -> None:
        self._first: tuple[datetime, float] | None = None

    def is_steady(self, at: datetime) -> bool:
        """Whether ``at`` is at most 10 minutes ahead of what has passed since the first call says. Behind is harmless.

        A clock that was wrong at the first call and has been set right looks unsteady until the process is restarted.
        """
        passed_s = time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
        if self._first is None:
            self._first = at, passed_s
        first_at, first_s = self._first
        return at - first_at <= timedelta(seconds=passed_s - first_s) + _TOLERANCE
