"""Verifies the chain of seals, the checkpoints in the database, and those that witnesses hold."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from sqlalchemy import Connection, select

from app.usage import leaves
from app.usage.ledger import contents, merkle
from app.usage.ledger.findings import Finding, Seen
from app.usage.ledger.queries import BATCHES, CHECKPOINTS, FIGURES, SEALS, Row, rows_of
from app.usage.ledger.texts import Witness

_IN_ORDER = (BATCHES.c.seal_number, BATCHES.c.site_id, BATCHES.c.month, BATCHES.c.first_sequence)
Group = tuple[int, list[Row]]


def chain(connection: Connection, seen: Seen) -> Iterator[Finding]:
    """Findings about seals and the batches under them, read in their order and never all at once."""
    groups = _by_seal(rows_of(connection, select(BATCHES).order_by(*_IN_ORDER)))
    group = next(groups, None)
    before: Row | None = None
    told: dict[int, list[Row]] = {}
    for row in rows_of(connection, select(CHECKPOINTS), at_once=True):
        told.setdefault(row["seal_number"], []).append(row)
    for seal in rows_of(connection, select(SEALS).order_by(SEALS.c.number)):
        while group is not None and group[0] < seal["number"]:
            yield _without_seal(group)
            group = next(groups, None)
        yield from _link(seal, before, told.get(seal["number"] - 1, []), seen)
        is_mine = group is not None and group[0] == seal["number"]
        yield from _under(seal, group[1] if group is not None and is_mine else [], seen)
        group = next(groups, None) if is_mine else group
        before = seal
    while group is not None:
        yield _without_seal(group)
        group = next(groups, None)


def _by_seal(rows: Iterable[Row]) -> Iterator[Group]:
    for number, group in groupby(rows, key=lambda row: row["seal_number"]):
        yield number, list(group)


def _without_seal(group: Group) -> Finding:
    number, batches = group
    return Finding("%(number)s batches belong to a seal that is not there", {"number": len(batches)}, seal=number)


def _link(seal: Row, before: Row | None, told: Sequence[Row], seen: Seen) -> Iterator[Finding]:
    number, last = seal["number"], before["number"] if before is not None else 0
    seen.seals += 1
    if number != last + 1:
        yield Finding("seals %(first)s to %(last)s are missing", {"first": last + 1, "last": number - 1})
    elif seal["previous_hash"] != (before["seal_hash"] if before is not None else contents.GENESIS):
        yield Finding("it does not follow from the seal before it", seal=number)
    if seal["algorithm"] not in leaves.ALGORITHMS:
        yield Finding("its algorithm is unknown", seal=number)
    elif contents.seal_hash(seal, told) != seal["seal_hash"]:
        yield Finding("it does not say what its hash covers", seal=number)
    if seen.is_forged(seal["key_id"], contents.seal(seal, told), seal["signature"]):
        yield Finding("its signature is wrong", seal=number)


def _under(seal: Row, batches: Sequence[Row], seen: Seen) -> Iterator[Finding]:
    seen.batches += len(batches)
    for batch in batches:
        said = contents.batch(batch)
        if batch["digest"] not in (leaves.salted(name, batch["salt"], said) for name in leaves.ALGORITHMS):
            yield Finding(
                "a batch does not say what its digest covers", site_id=batch["site_id"], month=batch["month"],
                sequence=batch["first_sequence"], seal=seal["number"],
            )  # fmt: skip
    events = sum(batch["last_sequence"] - batch["first_sequence"] + 1 for batch in batches)
    if (len(batches), events) != (seal["batches"], seal["events"]):
        yield Finding("it has other batches than it was made over", seal=seal["number"])
    elif seal["algorithm"] in leaves.ALGORITHMS:
        found = merkle.root(seal["algorithm"], (batch["digest"] for batch in batches))
        if found != seal["root"]:
            yield Finding("its batches do not lead to its root", seal=seal["number"])


def checkpoints(connection: Connection, seen: Seen) -> Iterator[Finding]:
    """Findings about the checkpoints in the database: signature, seal, figures in order, root."""
    for row in list(rows_of(connection, select(CHECKPOINTS).order_by(CHECKPOINTS.c.month), at_once=True)):
        month = row["month"]
        seal = _seal(connection, row["seal_number"])
        if seal is None or seal["seal_hash"] != row["seal_hash"]:
            yield Finding("the checkpoint names a seal that is not in the chain", month=month)
        key_id = seal["key_id"] if seal is not None else None
        if seen.is_forged(key_id, contents.checkpoint(row), row["signature"]):
            yield Finding("the checkpoint's signature is wrong", month=month)
        if row["algorithm"] not in leaves.ALGORITHMS:
            yield Finding("the checkpoint's algorithm is unknown", month=month)
        elif not _leads_to_root(connection, row):
            yield Finding("the figures do not lead to the checkpoint's root", month=month)


def _leads_to_root(connection: Connection, row: Row) -> bool:
    tree, is_in_order = merkle.Tree(row["algorithm"]), True
    figures = select(FIGURES).where(FIGURES.c.month == row["month"]).order_by(FIGURES.c.position)
    for figure in rows_of(connection, figures):
        is_in_order = is_in_order and figure["position"] == tree.size
        tree.add(contents.figure(figure))
    return is_in_order and tree.size == row["sites"] and tree.root() == row["root"]


def witnessed(connection: Connection, witnesses: Iterable[Witness]) -> Iterator[Finding]:
    """Findings about what witnesses outside hold and the database does not say."""
    for witness in witnesses:
        number, month = witness.seal_number, witness.month
        seal = _seal(connection, number)
        if seal is None:
            yield Finding("a witness holds this seal and the chain does not reach it", month=month, seal=number)
        elif seal["seal_hash"] != witness.seal_hash:
            yield Finding("a witness holds another hash of this seal", month=month, seal=number)
        row = next(rows_of(connection, select(CHECKPOINTS).where(CHECKPOINTS.c.month == month), at_once=True), None)
        if row is None:
            yield Finding("a witness holds a checkpoint of this month and the database has none", month=month)
        elif Witness(**{name: row[name] for name in Witness.__slots__}) != witness:
            yield Finding("a witness holds another checkpoint of this month", month=month)


def _seal(connection: Connection, number: int) -> Row | None:
    return next(rows_of(connection, select(SEALS).where(SEALS.c.number == number), at_once=True), None)
