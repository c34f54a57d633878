"""Sealing what has happened, and telling a closed month to witnesses outside. Nothing here commits.

One process seals at a time: on PostgreSQL it holds an advisory lock until its transaction ends, on SQLite the
database's only write lock. The door never waits for the reading: what is read of a site and month is one version of
its tally and the events up to that version's last; only the marks `sealed`, written last, touch the tallies.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import Any

from flask import current_app
from sqlalchemy import RowMapping, bindparam, insert, text, update

from app.config import Settings
from app.db import db
from app.errors import N_, Conflict
from app.months import Month
from app.usage import leaves, signing
from app.usage.figures.queries import published_of
from app.usage.figures.services import release
from app.usage.ledger import contents, merkle, queries
from app.usage.ledger.models import Checkpoint, CheckpointFigure, Seal
from app.usage.ledger.verifying import verify
from app.usage.services import algorithm
from app.usage.tallies import COUNTERS, TALLIES

__all__ = ["checkpoint", "seal_due", "verify"]

MOST_BATCHES, MOST_EVENTS = 500, 20_000
"""What one seal takes at most, so that its transaction is short; the next one takes the rest."""
_WRITER = 0x78_69_61_6F_77_75
"""The advisory lock's number: “xiaowu” in ASCII."""
_MARK = (
    update(TALLIES)
    .where(TALLIES.c.site_id == bindparam("of_site"), TALLIES.c.month == bindparam("of_month"))
    .values(sealed=bindparam("last"))
)


def seal_due(now: datetime, *, everywhere: bool = True) -> Seal | None:
    """Seal events that are not sealed yet (`queries.unsealed`), at most as many as one seal takes; None for none.

    Events of a site and month of which one is missing are left as they are and a warning is logged: the ledger seals
    no gap.
    """
    _be_the_only_writer()
    name = algorithm()
    rows = sorted(_batches(name, everywhere=everywhere), key=itemgetter("site_id", "month"))
    if not rows:
        return None
    before = queries.head()
    said: dict[str, Any] = {
        "number": 1 if before is None else before.number + 1,
        "previous_hash": contents.GENESIS if before is None else before.seal_hash,
        "sealed_at": now,
        "algorithm": name,
        "batches": len(rows),
        "events": sum(row["last_sequence"] - row["first_sequence"] + 1 for row in rows),
        "root": merkle.root(name, (row["digest"] for row in rows)),
    }
    key, since = _key(), queries.checkpoints_at(said["number"] - 1)
    seal = Seal(
        **said, seal_hash=contents.seal_hash(said, since), key_id=signing.key_id(key),
        signature=signing.sign(key, contents.seal(said, since)),
    )  # fmt: skip
    db.session.add(seal)
    db.session.flush()
    connection = db.session.connection()
    connection.execute(queries.BATCHES.insert(), [row | {"seal_number": seal.number} for row in rows])
    marks = [{"of_site": row["site_id"], "of_month": row["month"], "last": row["last_sequence"]} for row in rows]
    connection.execute(_MARK, marks)
    return seal


def _be_the_only_writer() -> None:
    """Wait until no other process seals; it lasts until the transaction ends."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _WRITER})


def is_full(seal: Seal) -> bool:
    """Whether a seal took as much as one may: there may be more to seal."""
    return seal.batches >= MOST_BATCHES or seal.events >= MOST_EVENTS


def _batches(name: str, *, everywhere: bool) -> Iterator[dict[str, Any]]:
    """The batches of the next seal, salted and digested with the algorithm ``name``."""
    batches = events = 0
    for tallies in _portions(queries.unsealed(everywhere=everywhere)):
        for tally, digests in zip(tallies, queries.digests_of(tallies), strict=True):
            if digests is None:
                said = "events of site %s in %s are not complete and have not been sealed"
                current_app.logger.warning(said, tally["site_id"], tally["month"])
                continue
            yield _batch(tally, digests, name)
            batches, events = batches + 1, events + len(digests)
            if batches >= MOST_BATCHES or events >= MOST_EVENTS:
                return


def _portions(tallies: Iterable[RowMapping]) -> Iterator[list[RowMapping]]:
    """As many tallies of one month as one seal takes, again and again: those that cannot be sealed stop nobody."""
    portion: list[RowMapping] = []
    events = 0
    for tally in tallies:
        is_full = len(portion) >= MOST_BATCHES or events >= MOST_EVENTS
        if portion and (is_full or tally["month"] != portion[0]["month"]):
            yield portion
            portion, events = [], 0
        portion.append(tally)
        events += tally["events"] - tally["sealed"]
    if portion:
        yield portion


def _batch(tally: RowMapping, digests: list[bytes], name: str) -> dict[str, Any]:
    said = {
        "site_id": tally["site_id"],
        "month": tally["month"],
        "first_sequence": tally["sealed"] + 1,
        "last_sequence": tally["events"],
        "root": merkle.root(name, digests),
        "counters": {counter: tally[counter] for counter in COUNTERS if tally[counter]},
    }
    salt = os.urandom(16)
    return said | {"salt": salt, "digest": leaves.salted(name, salt, contents.batch(said))}


def checkpoint(month: Month, now: datetime) -> Checkpoint:
    """Return the checkpoint of a month, made now if it has none, after its figures are released.

    Raises `Conflict` while the month is open, while one of its events is not sealed, and before the first seal.
    """
    if not month.is_closed(now):
        raise Conflict(N_("%(month)s is not closed yet, so it has no checkpoint"), month=month)
    release(month, now)
    _be_the_only_writer()
    before = queries.checkpoint_of(month)
    if before is not None:
        return before
    head = queries.head()
    if head is None and not queries.has_unsealed(month):
        raise Conflict(N_("Nothing was recorded in this month"))
    if head is None or queries.has_unsealed(month):
        raise Conflict(N_("Events of %(month)s are not sealed yet; the next seal is due within a minute"), month=month)
    tree = merkle.Tree(algorithm())
    rows = _figures(month, published_of(month))
    while page := list(islice(rows, queries.PAGE)):
        for row in page:
            row["position"] = tree.size
            tree.add(contents.figure(row))
        db.session.execute(insert(CheckpointFigure), page)
    said = {
        "month": str(month),
        "made_at": now,
        "algorithm": tree.algorithm,
        "seal_number": head.number,
        "seal_hash": head.seal_hash,
        "sites": tree.size,
        "root": tree.root(),
    }
    made = Checkpoint(**said, signature=signing.sign(_key(), contents.checkpoint(said)))
    db.session.add(made)
    db.session.flush()
    return made


def _figures(month: Month, published: Mapping[int, Mapping[str, str]]) -> Iterator[dict[str, Any]]:
    """The lines of a checkpoint: sites with sealed events, and public sites without any, by site id."""
    for site_id, exact in _exact(month, sorted(published)):
        said = {"site_id": site_id, "month": str(month), "exact": exact}
        salt = os.urandom(16)
        digest = leaves.salted(algorithm(), salt, contents.exact(said))
        yield said | {"published": dict(published.get(site_id, {})), "salt": salt, "digest": digest}


def _exact(month: Month, public: list[int]) -> Iterator[tuple[int, dict[str, int]]]:
    waiting = deque(public)
    for sealed in queries.sealed_tallies(month):
        for tally, exact in zip(sealed, queries.adjusted(month, sealed), strict=True):
            while waiting and waiting[0] < tally["site_id"]:
                yield waiting.popleft(), {}
            if waiting and waiting[0] == tally["site_id"]:
                waiting.popleft()
            yield tally["site_id"], exact
    yield from ((site_id, {}) for site_id in waiting)


def _key() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.ledger_key
