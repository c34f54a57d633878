"""The proof that a site's figures stand under a checkpoint, as data that anybody can recheck (docs/ledger.md)."""

from typing import Any

from flask import current_app

from app.months import Month
from app.usage.ledger import contents, merkle, queries
from app.usage.ledger.models import Checkpoint, CheckpointFigure

FORMAT = "xiaowu-proof-1"
_KEPT_MONTHS = 4


def proof_of(checkpoint: Checkpoint, figure: CheckpointFigure, *, with_exact: bool = False) -> dict[str, Any]:
    """Return the published figures of a site and month, their place, and the path from there to the root.

    ``with_exact`` adds the exact figures with the salt of their digest: for who may see them.
    """
    leaves = _leaves(checkpoint)
    said: dict[str, Any] = {
        "format": FORMAT,
        "month": figure.month,
        "site_id": figure.site_id,
        "published": dict(figure.published),
        "exact_digest": figure.digest.hex(),
        "algorithm": checkpoint.algorithm,
        "position": figure.position,
        "sites": checkpoint.sites,
        "path": [step.hex() for step in merkle.path(checkpoint.algorithm, leaves, figure.position)],
        "root": checkpoint.root.hex(),
    }
    return said | ({"exact": dict(figure.exact), "salt": figure.salt.hex()} if with_exact else {})


def _leaves(checkpoint: Checkpoint) -> list[bytes]:
    """All leaves of a checkpoint. They never change, so the last few months are kept by their roots."""
    kept: dict[bytes, list[bytes]] = current_app.extensions.setdefault("ledger_leaves", {})
    if checkpoint.root not in kept:
        while len(kept) >= _KEPT_MONTHS:
            kept.pop(next(iter(kept)))
        kept[checkpoint.root] = [contents.figure(row) for row in queries.figures_of(Month.parse(checkpoint.month))]
    return kept[checkpoint.root]
