"""Somebody with the whole database in her hands, and perhaps the key: mends what her change would give away.

What has not changed is left as it is, so that only what follows from the change can give her away. How far
she goes is the depth: 1 the events' own digests, 2 the tallies, 3 the batches, 4 the chain, 5 the checkpoints.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, select, update

from app.usage import leaves, signing
from app.usage.ledger import contents, merkle
from app.usage.ledger.queries import BATCHES, CHECKPOINTS, EVENTS, FIGURES, SEALS, add_steps
from app.usage.queries import SUPERSEDED
from app.usage.tallies import COUNTERS, TALLIES

Row = Mapping[str, Any]
DEPTHS = range(6)


def rows(connection: Connection, table: Table, *order: Any) -> list[dict[str, Any]]:
    """All rows of a table."""
    return [dict(row) for row in connection.execute(select(table).order_by(*order)).mappings()]


def change(connection: Connection, table: Table, row: Row, **values: Any) -> int:
    """Change one row, named by its primary key; 1 if there is something else in it now."""
    mine = [column == row[column.name] for column in table.primary_key.columns]
    connection.execute(update(table).where(*mine).values(values))
    return int(any(row[name] != value for name, value in values.items()))


def forge(connection: Connection, depth: int, key: str) -> None:
    """Mend down to ``depth``, signing with ``key``."""
    for step in (_events, _tallies, _batches, _chain, _checkpoints)[:depth]:
        step(connection, key)
    if depth == len(DEPTHS) - 1:  # seals say the checkpoints before them, which name seals
        for step in (_chain, _checkpoints, _chain):
            step(connection, key)


def _events(connection: Connection, key: str) -> None:
    for kind, table in EVENTS.items():
        for row in rows(connection, table):
            if not leaves.is_intact(kind, row):
                stamp = leaves.stamped(kind, row, "sha256")
                change(connection, table, row, salt=stamp["salt"], digest=stamp["digest"])
            if kind == "adjustment" and not signing.is_signed(key, leaves.content(kind, row), row["signature"]):
                change(connection, table, row, signature=signing.sign(key, leaves.content(kind, row)))


def _tallies(connection: Connection, _key: str) -> None:
    erased = {(row["site_id"], row["month"]) for row in rows(connection, EVENTS["erasure"])}
    found: defaultdict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for row in rows(connection, EVENTS["use"]):
        found[row["site_id"], row["month"]].update(("recorded", row["reason"] or "counted"))
    for kind in ("rating", "presence"):
        for row in rows(connection, EVENTS[kind]):
            name = "on_site" if kind == "presence" else f"rating_{row['step']}"
            found[row["site_id"], row["month"]][name] += row["is_counted"]
    for tally in rows(connection, TALLIES):
        place = (tally["site_id"], tally["month"])
        if place not in erased and any(tally[name] != found[place][name] for name in COUNTERS):
            change(connection, TALLIES, tally, **{name: found[place][name] for name in COUNTERS})


def _batches(connection: Connection, _key: str) -> None:
    """From the first batch with another root on, the counters of a month move as its tally has moved."""
    digests: defaultdict[tuple[int, str], dict[int, bytes]] = defaultdict(dict)
    for table in (*EVENTS.values(), SUPERSEDED):
        for row in rows(connection, table):
            digests[row["site_id"], row["month"]][row["sequence"]] = row["digest"]
    batches = rows(connection, BATCHES, BATCHES.c.last_sequence)
    for tally in rows(connection, TALLIES):
        there, has_moved = digests[tally["site_id"], tally["month"]], False
        mine = _of(tally, batches)
        steps = {name: tally[name] - mine[-1]["counters"].get(name, 0) for name in COUNTERS} if mine else {}
        for batch in mine:
            first, last = batch["first_sequence"], batch["last_sequence"]
            leaves_of = [there[at] for at in range(first, last + 1) if at in there]
            is_whole = len(leaves_of) == last - first + 1
            root = merkle.root("sha256", leaves_of) if is_whole else batch["root"]
            has_moved = has_moved or root != batch["root"]
            if has_moved or leaves.salted("sha256", batch["salt"], contents.batch(batch)) != batch["digest"]:
                moved = {name: batch["counters"].get(name, 0) + steps[name] for name in COUNTERS}
                batch |= {"root": root, "counters": {name: number for name, number in moved.items() if number}}
                batch["digest"] = leaves.salted("sha256", batch["salt"], contents.batch(batch))
                change(connection, BATCHES, batch, **batch)


def _chain(connection: Connection, key: str) -> None:
    batches = rows(connection, BATCHES, BATCHES.c.site_id, BATCHES.c.month, BATCHES.c.first_sequence)
    before, told = contents.GENESIS, rows(connection, CHECKPOINTS)
    for seal in rows(connection, SEALS, SEALS.c.number):
        mine = [batch for batch in batches if batch["seal_number"] == seal["number"]]
        said = seal | {
            "previous_hash": before,
            "batches": len(mine),
            "events": sum(batch["last_sequence"] - batch["first_sequence"] + 1 for batch in mine),
            "root": merkle.root("sha256", (batch["digest"] for batch in mine)),
        }
        since = [row for row in told if row["seal_number"] == seal["number"] - 1]
        before = said["seal_hash"] = contents.seal_hash(said, since)
        said["signature"] = signing.sign(key, contents.seal(said, since))
        change(connection, SEALS, seal, **said)


def _checkpoints(connection: Connection, key: str) -> None:
    hashes = {row["number"]: row["seal_hash"] for row in rows(connection, SEALS)}
    batches, made = rows(connection, BATCHES, BATCHES.c.last_sequence), rows(connection, EVENTS["adjustment"])
    figures = rows(connection, FIGURES, FIGURES.c.position)
    for checkpoint in rows(connection, CHECKPOINTS):
        tree = merkle.Tree("sha256")
        for figure in figures:
            if figure["month"] == checkpoint["month"]:
                told = [row for row in _of(figure, batches) if row["seal_number"] <= checkpoint["seal_number"]]
                _tell(connection, figure, told, _of(figure, made))
                tree.add(contents.figure(figure))
        head = hashes.get(checkpoint["seal_number"], hashlib.sha256().digest())
        said = checkpoint | {"seal_hash": head, "sites": tree.size, "root": tree.root()}
        said["signature"] = signing.sign(key, contents.checkpoint(said))
        change(connection, CHECKPOINTS, checkpoint, **said)


def _of(place: Row, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in found if (row["site_id"], row["month"]) == (place["site_id"], place["month"])]


def _tell(
    connection: Connection, figure: dict[str, Any], told: list[dict[str, Any]], made: list[dict[str, Any]]
) -> None:
    exact = dict(told[-1]["counters"]) if told else dict(figure["exact"])
    for row in made:
        if told and row["sequence"] <= told[-1]["last_sequence"]:
            add_steps(exact, row["steps"])
    if exact != figure["exact"]:
        figure["exact"] = exact
        figure["digest"] = leaves.salted("sha256", figure["salt"], contents.exact(figure))
        change(connection, FIGURES, figure, exact=exact, digest=figure["digest"])
