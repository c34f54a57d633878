"""The limits of one process in its memory, looked through for what is over every ten seconds.

The library starts a thread for that after every request and looks at each of its buckets a hundred times a second:
with a minute's visitors in them, that takes longer than everything else that a scan takes.
"""

import time

from limits.storage import MemoryStorage

LOOK_EVERY_S = 10.0


class LimitsMemory(MemoryStorage):
    """What ``memory://`` means from here on. A bucket that is over counts as empty, looked through or not."""

    STORAGE_SCHEME = ["memory"]  # noqa: RUF012  the library reads it
    _next_look_s = 0.0

    def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802  the library's own step, by its mangled name
        if time.monotonic() >= self._next_look_s:
            self._next_look_s = time.monotonic() + LOOK_EVERY_S
            super()._MemoryStorage__schedule_expiry()  # type: ignore[misc]
