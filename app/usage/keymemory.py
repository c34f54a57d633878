"""What one process remembers of the keys it has used, until they expire and not a minute longer."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

_LOOK_EVERY_S = 60.0


@dataclass(frozen=True)
class _Kept:
    value: bytes
    expires_at: datetime
    ends_s: float
    """The same by the clock that nobody sets (`time.monotonic`)."""


class KeyMemory:
    """Keys by name. A timer forgets expired ones even when nobody asks any more; it runs while there are any."""

    def __init__(self, steady_s: Callable[[], float] = time.monotonic) -> None:
        self._steady_s = steady_s
        self._keys: dict[str, _Kept] = {}
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def get(self, name: str) -> bytes | None:
        """The key called ``name``, unless it is unknown or has expired."""
        kept = self._keys.get(name)
        return None if kept is None or kept.ends_s <= self._steady_s() else kept.value

    def put(self, name: str, value: bytes, now: datetime, expires_at: datetime) -> None:
        """Remember a key until ``expires_at``; a wall clock that is set back does not lengthen its life."""
        with self._lock:
            self._put(name, value, now, expires_at)

    def get_or_put(self, name: str, value: bytes, now: datetime, expires_at: datetime) -> bytes:
        """The key that is known, or else ``value``; the same one to all threads."""
        with self._lock:
            return self.get(name) or self._put(name, value, now, expires_at)

    def forget_expired(self, now: datetime | None = None) -> None:
        """Forget every key whose time is over, by the time that has passed or at ``now`` by the wall clock."""
        at = self._steady_s()
        with self._lock:
            self._keys = {
                name: kept
                for name, kept in self._keys.items()
                if kept.ends_s > at and (now is None or kept.expires_at > now)
            }

    def _put(self, name: str, value: bytes, now: datetime, expires_at: datetime) -> bytes:
        self._keys[name] = _Kept(value, expires_at, self._steady_s() + (expires_at - now).total_seconds())
        self._keep_looking()
        return value

    def _keep_looking(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(_LOOK_EVERY_S, self._look)
            self._timer.daemon = True
            self._timer.start()

    def _look(self) -> None:
        self.forget_expired()
        with self._lock:
            self._timer = None
            if self._keys:
                self._keep_looking()
