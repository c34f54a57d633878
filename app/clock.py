"""The server's clock, injected: `create_app` takes a callable, views and commands ask `now()` and hand it on."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import current_app

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """The present instant (aware, UTC) by the running application's clock."""
    clock: Clock = current_app.extensions["clock"]
    return clock()
