"""What batches, seals, checkpoints and their figures say, as bytes, and the digests over it. Pure.

Each takes a row as a mapping and reads only the columns that it covers.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from app.usage import leaves

GENESIS = bytes(32)
"""What stands for the hash before the first seal."""
_BATCH = ("site_id", "month", "first_sequence", "last_sequence", "root", "counters")
_SEAL = ("number", "previous_hash", "sealed_at", "algorithm", "batches", "events", "root")
_CHECKPOINT = ("month", "made_at", "algorithm", "seal_number", "seal_hash", "sites", "root")
Row = Mapping[str, Any]


def batch(row: Row) -> bytes:
    """Return what a batch says; its digest is this, salted."""
    return leaves.said("batch", {name: row[name] for name in _BATCH})


def seal(row: Row, checkpoints: Iterable[Row]) -> bytes:
    """Return what a seal says: what its hash and its signature are made over.

    ``checkpoints`` are those made since the seal before it, whose number they name. So whoever holds a later seal holds
    the figures of all earlier months as well.
    """
    since = [checkpoint(one).decode() for one in sorted(checkpoints, key=lambda one: str(one["month"]))]
    return leaves.said("seal", {**{name: row[name] for name in _SEAL}, "checkpoints": since})


def seal_hash(row: Row, checkpoints: Iterable[Row]) -> bytes:
    """Return the hash (32 bytes) of a seal by the algorithm that it names."""
    return hashlib.new(row["algorithm"], seal(row, checkpoints)).digest()


def checkpoint(row: Row) -> bytes:
    """Return what a checkpoint says: what its signature is made over."""
    return leaves.said("checkpoint", {name: row[name] for name in _CHECKPOINT})


def exact(row: Row) -> bytes:
    """Return a site's exact figures of a month; the figure's digest is this, salted."""
    return leaves.said("exact", {name: row[name] for name in ("site_id", "month", "exact")})


def figure(row: Row) -> bytes:
    """Return the leaf under a checkpoint: the published figures, and the exact ones as their salted digest only."""
    public = {name: row[name] for name in ("site_id", "month", "published")}
    return leaves.said("figure", {**public, "exact": row["digest"]})
