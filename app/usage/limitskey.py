"""The key under which limits count addresses, shared by the nodes that share a store, and gone with its day.

Without a shared store each process group has a random key of its own (`app.web`). With one, the nodes have to agree,
or a guesser would have each node's limit: so the key lives where the pseudonyms' keys live, is made at random for one
day (from 04:00, as theirs) and destroyed at its end. Afterwards nothing leads from a bucket to an address.
"""

import time
from collections.abc import Callable
from datetime import date

from app.clock import now
from app.usage import pseudonyms
from app.usage.keystore import KeyStore

ASK_AGAIN_AFTER_S = 5.0
"""So long a process goes on with the key it knows: after an outage of the store all agree again within this time."""


class SharedLimitsKey:
    """Call it for the key of today. While the store is away each process goes on with what it knows, or its own."""

    def __init__(self, keystore: KeyStore, steady_s: Callable[[], float] = time.monotonic) -> None:
        self._keystore = keystore
        self._steady_s = steady_s
        self._known: tuple[date, float, bytes] | None = None

    def __call__(self) -> bytes:
        """The key: 32 bytes."""
        at, steady_s = now(), self._steady_s()
        day, known = pseudonyms.key_day(at), self._known
        if known and known[0] == day and steady_s - known[1] < ASK_AGAIN_AFTER_S:
            return known[2]
        key = self._keystore.key(f"limits:{day}", now=at, expires_at=pseudonyms.key_day_ends_at(day))
        self._known = day, steady_s, key
        return key
