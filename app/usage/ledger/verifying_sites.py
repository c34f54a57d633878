"""Verifies the events, counters and hours of every site, one site and month at a time."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Connection, Select, Table, bindparam, func, literal, select, union_all

from app.usage import leaves
from app.usage.ledger import contents, merkle
from app.usage.ledger.findings import ERASED, NOT_SEALED, Finding, Seen
from app.usage.ledger.queries import BATCHES, EVENTS, FIGURES, SEALS, Row, add_steps, rows_of
from app.usage.models import HourBucket
from app.usage.queries import SUPERSEDED
from app.usage.tallies import COUNTERS, TALLIES, USE_COUNTERS

HOURS = cast("Table", HourBucket.__table__)
GONE_AFTER_RETENTION = ("use", "rating", "presence", "superseded")
AFTER_CHECKPOINT = ("adjustment", "erasure")
_LEAVES: Mapping[str, Table] = {**EVENTS, "superseded": SUPERSEDED}
_TABLES: Mapping[str, Table] = {**_LEAVES, "hours": HOURS, "tally": TALLIES, "batch": BATCHES, "figure": FIGURES}
_FIRSTS = (
    select(func.min(table.c.site_id).label("id")).where(table.c.site_id > bindparam("after"))
    for table in _TABLES.values()
)
_EACH = union_all(*_FIRSTS).subquery()
_NEXT_SITE = select(func.min(_EACH.c.id))
_MONTHS = union_all(
    *(
        select(literal(name), table.c.month)
        .where(table.c.site_id == bindparam("site_id"), table.c.month.between(bindparam("first"), bindparam("last")))
        .distinct()
        for name, table in _TABLES.items()
    )
)

_ORDERS: Mapping[str, str] = {"hours": "hour_at", "tally": "site_id", "batch": "first_sequence", "figure": "site_id"}
_OF_MONTH: Mapping[str, Select[Any]] = {
    name: select(table)
    .where(table.c.site_id == bindparam("site_id"), table.c.month == bindparam("month"))
    .order_by(table.c[_ORDERS.get(name, "sequence")])
    for name, table in _TABLES.items()
}


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the database: the months ``YYYY-MM`` asked for, both included; the seals that checkpoints name."""

    connection: Connection
    span: tuple[str, str]
    as_of: Mapping[str, int]
    seen: Seen


@dataclass(slots=True)
class Place:
    """One site and month with what lies beside its events. `as_of`: the seal that the month's checkpoint names."""

    site_id: int
    month: str
    tally: Mapping[str, Any] | None
    batches: Sequence[Row]
    erasure: Row | None
    hours: Sequence[Row]
    figure: Row | None
    as_of: int | None
    recount: Counter[str] = field(default_factory=Counter)
    steps: list[tuple[int, Mapping[str, int]]] = field(default_factory=list)
    gone: int = 0

    def finding(self, message: str, sequence: int | None = None, **params: object) -> Finding:
        """A finding about this place."""
        return Finding(message, params, self.site_id, self.month, sequence)

    @property
    def told(self) -> Row | None:
        """The last batch that the month's checkpoint covers; None without a checkpoint, or without events by then."""
        told = [batch for batch in self.batches if self.as_of is not None and batch["seal_number"] <= self.as_of]
        return told[-1] if told else None

    def is_erased_before(self, sequence: int) -> bool:
        """Whether the events before ``sequence`` may be gone."""
        return self.erasure is not None and bool(sequence <= self.erasure["sequence"])


def site_ids(connection: Connection) -> Iterator[int]:
    """Every site that any table of the ledger knows, by id, each found from the one before."""
    site_id: int | None = connection.scalar(_NEXT_SITE, {"after": -(2**31)})
    while site_id is not None:
        yield site_id
        site_id = connection.scalar(_NEXT_SITE, {"after": site_id})


def site(look: Look, site_id: int) -> Iterator[Finding]:
    """Findings about one site in the months of the look."""
    look.seen.sites += 1
    there: dict[str, set[str]] = {}
    values = {"site_id": site_id, "first": look.span[0], "last": look.span[1]}
    for name, month in look.connection.execute(_MONTHS, values):
        there.setdefault(month, set()).add(name)
    for month in sorted(there):
        yield from _month(look, site_id, month, there[month])


def _month(look: Look, site_id: int, month: str, there: set[str]) -> Iterator[Finding]:
    def rows(name: str) -> list[Row]:
        return list(rows_of(look.connection, _OF_MONTH[name], mine, at_once=True)) if name in there else []

    def single(name: str) -> Row | None:
        return next(iter(rows(name)), None)

    mine = {"site_id": site_id, "month": month}
    place = Place(
        site_id, month, single("tally"), rows("batch"), single("erasure"), rows("hours"),
        single("figure"), look.as_of.get(month),
    )  # fmt: skip
    events = [[(row["sequence"], kind, row) for row in rows(kind)] for kind in _LEAVES]
    yield from _events(look, place, merge(*events, key=itemgetter(0)))
    if there != {"figure"}:
        yield from _counters(place, look.seen)
    yield from _erased(place, there)
    yield from _figures(place)


def _events(look: Look, place: Place, events: Iterable[tuple[int, str, Row]]) -> Iterator[Finding]:
    expected, told = 1, place.told["last_sequence"] if place.told is not None else 0
    sealed = _Sealed(place)
    for sequence, kind, row in events:
        look.seen.events += 1
        if sequence < expected:
            yield place.finding("two events have this place", sequence)
        elif sequence > expected:
            place.gone += sequence - expected
            if not place.is_erased_before(sequence):
                yield _missing(place, expected, sequence - 1)
        expected = max(expected, sequence + 1)
        if kind != "superseded" and not _is_intact(kind, row):
            yield place.finding("what this event says has been changed", sequence)
        if kind == "adjustment" and _is_forged(look, place, row):
            yield place.finding("the signature of this adjustment is wrong", sequence)
        if place.as_of is not None and sequence > told and kind not in AFTER_CHECKPOINT:
            yield place.finding("this event entered the month after its checkpoint", sequence)
        yield from sealed.take(sequence, row["digest"])
        _count(place, kind, row)
    yield from sealed.close(None)
    look.seen.unchecked[ERASED] += sealed.erased
    last = place.tally["events"] if place.tally is not None else 0
    if expected <= last:
        yield _missing(place, expected, last)
    if expected > last + 1:
        yield place.finding("there are events beyond the last one that the tally knows, %(last)s", last=last)


def _missing(place: Place, first: int, last: int) -> Finding:
    return place.finding("events %(first)s to %(last)s are missing", first, first=first, last=last)


def _is_intact(kind: str, row: Row) -> bool:
    try:
        return leaves.is_intact(kind, row)
    except (TypeError, ValueError):  # a value that no event can have
        return False


def _is_forged(look: Look, place: Place, row: Row) -> bool:
    """An adjustment is signed with the key that seals it."""
    sequence = row["sequence"]
    numbers = [
        batch["seal_number"] for batch in place.batches if batch["first_sequence"] <= sequence <= batch["last_sequence"]
    ]
    key_id = look.connection.scalar(select(SEALS.c.key_id).where(SEALS.c.number.in_(numbers)))
    return look.seen.is_forged(key_id, leaves.content("adjustment", row), row["signature"])


def _count(place: Place, kind: str, row: Row) -> None:
    """Add an event to the month's counters, made anew."""
    if kind == "use":
        place.recount.update(("recorded", row["reason"] or "counted"))
    elif kind == "rating" and row["is_counted"]:
        place.recount[f"rating_{row['step']}"] += 1
    elif kind == "presence" and row["is_counted"]:
        place.recount["on_site"] += 1
    elif kind == "adjustment":
        place.steps.append((row["sequence"], row["steps"]))


class _Sealed:
    """Follows the batches of a month while its events go by. `erased` batches could not be checked by their events."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.waiting = list(reversed(place.batches))
        self.last = 0
        self.digests: list[bytes] = []
        self.erased = 0

    def take(self, sequence: int, digest: bytes) -> Iterator[Finding]:
        """The next event by sequence."""
        yield from self.close(sequence)
        if self.waiting and sequence >= self.waiting[-1]["first_sequence"]:
            self.digests.append(digest)

    def close(self, sequence: int | None) -> Iterator[Finding]:
        """Compare all batches that end before ``sequence``, or all that are left."""
        while self.waiting and (sequence is None or sequence > self.waiting[-1]["last_sequence"]):
            batch = self.waiting.pop()
            first, last = batch["first_sequence"], batch["last_sequence"]
            if first != self.last + 1 or last < first:
                yield self.place.finding("the batches of this month do not follow each other", first)
            self.last = last
            if len(self.digests) < last - first + 1 and self.place.is_erased_before(first + 1):
                self.erased += 1
            elif batch["root"] not in (merkle.root(name, self.digests) for name in leaves.ALGORITHMS):
                message = "events %(first)s to %(last)s are not those that were sealed"
                yield self.place.finding(message, first, first=first, last=last)
            self.digests = []


def _counters(place: Place, seen: Seen) -> Iterator[Finding]:
    tally = place.tally
    if tally is None:
        yield place.finding("the tally is missing")
        return
    last = place.batches[-1] if place.batches else None
    if tally["sealed"] != (last["last_sequence"] if last is not None else 0):
        yield place.finding("the tally says that %(sealed)s events are sealed", sealed=tally["sealed"])
    seen.unchecked[NOT_SEALED] += max(tally["events"] - tally["sealed"], 0)
    if last is not None and last["last_sequence"] == tally["events"]:
        yield from _differences(place, COUNTERS, last["counters"], "%(name)s is %(stored)s, sealed as %(right)s")
    message = "%(name)s is %(stored)s, its events say %(right)s"
    if place.erasure is None:
        yield from _differences(place, COUNTERS, place.recount, message)
    else:
        hours = {name: sum(hour[name] for hour in place.hours) for name in USE_COUNTERS}
        yield from _differences(place, USE_COUNTERS, hours, message)


def _differences(place: Place, names: Sequence[str], right: Mapping[str, int], message: str) -> Iterator[Finding]:
    assert place.tally is not None  # noqa: S101  asked by the only caller
    for name in names:
        if place.tally[name] != right.get(name, 0):
            yield place.finding(message, name=name, stored=place.tally[name], right=right.get(name, 0))


def _erased(place: Place, there: set[str]) -> Iterator[Finding]:
    if place.erasure is None:
        if place.hours:
            yield place.finding("there are hours of a month that has not been erased")
        return
    if there & set(GONE_AFTER_RETENTION):
        yield place.finding("there are records of a month that has been erased")
    if place.gone != place.erasure["records"]:
        message = "%(gone)s events are gone, %(records)s were erased"
        yield place.finding(message, gone=place.gone, records=place.erasure["records"])
    digests = [leaves.hours_digest(name, place.hours) for name in leaves.ALGORITHMS]
    if place.erasure["buckets"] not in digests:
        yield place.finding("the hours are not those that were left at the erasure", place.erasure["sequence"])


def _figures(place: Place) -> Iterator[Finding]:
    """The checkpoint's line is what had been sealed by then, with the adjustments sealed by then."""
    told = place.told
    if told is not None and place.batches[-1]["counters"] != told["counters"]:
        yield place.finding("counters have moved after the checkpoint")
    if place.figure is None:
        if told is not None:
            yield place.finding("the checkpoint has no line for this site")
        return
    exact = dict(told["counters"]) if told is not None else {}
    for sequence, steps in place.steps:
        if told is not None and sequence <= told["last_sequence"]:
            add_steps(exact, steps)
    if place.figure["exact"] != exact or place.as_of is None:
        yield place.finding("the checkpoint's figures are not those that were sealed")
    said = contents.exact(place.figure)
    if place.figure["digest"] not in (leaves.salted(name, place.figure["salt"], said) for name in leaves.ALGORITHMS):
        yield place.finding("the checkpoint's figures are not those that their digest covers")
