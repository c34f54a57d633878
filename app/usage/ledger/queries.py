"""What sealing, checkpoints and pages read of the ledger. Every statement about events filters on `site_id`."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, RowMapping, Select, Table, and_, bindparam, func, select, union_all

from app.db import db
from app.months import CLOSES_AFTER, Month
from app.sites.models import Site
from app.usage.figures.models import ReleasedSite
from app.usage.figures.queries import IS_SHOWN
from app.usage.ledger.models import Checkpoint, CheckpointFigure, Seal, SealedBatch
from app.usage.models import Adjustment, Erasure, Presence
from app.usage.queries import RATINGS, SUPERSEDED, USES
from app.usage.tallies import TALLIES

SEALS = cast("Table", Seal.__table__)
BATCHES = cast("Table", SealedBatch.__table__)
CHECKPOINTS = cast("Table", Checkpoint.__table__)
FIGURES = cast("Table", CheckpointFigure.__table__)
EVENTS: Mapping[str, Table] = {
    "use": USES,
    "rating": RATINGS,
    "presence": cast("Table", Presence.__table__),
    "adjustment": cast("Table", Adjustment.__table__),
    "erasure": cast("Table", Erasure.__table__),
}
"""The tables of events by the kinds of `leaves.FIELDS`."""
PAGE = 500
Row = Mapping[str, Any]
_IS_UNSEALED = TALLIES.c.sealed < TALLIES.c.events
_DIGESTS = union_all(
    *(
        select(table.c.site_id, table.c.sequence, table.c.digest)
        .join(TALLIES, (TALLIES.c.site_id == table.c.site_id) & (TALLIES.c.month == table.c.month))
        .where(
            TALLIES.c.site_id.in_(bindparam("sites", expanding=True)),
            TALLIES.c.month == bindparam("month"),
            table.c.sequence > TALLIES.c.sealed,
        )
        for table in (*EVENTS.values(), SUPERSEDED)
    )
)


def rows_of(
    connection: Connection, query: Select[Any], values: Row | None = None, *, at_once: bool = False
) -> Iterator[Row]:
    """The rows of a query by column name, fetched page by page unless there are few."""
    options = {} if at_once else {"yield_per": PAGE}
    yield from cast("Iterator[Row]", connection.execute(query, values, execution_options=options).mappings())


@contextmanager
def looking() -> Iterator[Connection]:
    """A connection of its own that only reads, so that on SQLite nobody who writes has to wait for it."""
    with db.engine.connect() as connection:
        yield connection.execution_options(reads_only=True)


def is_due(*, everywhere: bool = True) -> bool:
    """Whether any event is not sealed (see `unsealed`), asked without the writers' lock."""
    with looking() as connection:
        return next(_unsealed(connection, 1, everywhere=everywhere), None) is not None


def oldest_unsealed_s(now: datetime) -> float:
    """How long ago the oldest use that is not sealed was received, in seconds; 0 when every use is sealed."""
    mine = (USES.c.site_id == TALLIES.c.site_id, USES.c.month == TALLIES.c.month, USES.c.sequence > TALLIES.c.sealed)
    oldest = select(func.min(USES.c.received_at)).select_from(TALLIES.join(USES, and_(*mine))).where(_IS_UNSEALED)
    with looking() as connection:
        months = _months_without_checkpoint(connection)
        received_at = connection.execute(oldest.where(TALLIES.c.month.in_(months))).scalar_one()
    return (now - received_at).total_seconds() if received_at else 0.0


def has_unsealed(month: Month) -> bool:
    """Whether any event of a month is not sealed."""
    unsealed = select(TALLIES.c.site_id).where(_IS_UNSEALED, TALLIES.c.month == str(month)).limit(1)
    return db.session.execute(unsealed).first() is not None


def unsealed(*, everywhere: bool = True) -> Iterator[RowMapping]:
    """The tallies of sites and months with events that are not sealed, read page by page.

    A month that has a checkpoint takes only adjustments and its erasure. Without ``everywhere`` such months are looked
    at for adjustments only, so that the cost does not grow with history: who erases seals everywhere afterwards, and
    the nightly job does once more.
    """
    return _unsealed(db.session.connection(), PAGE, everywhere=everywhere)


def _unsealed(connection: Connection, page: int, *, everywhere: bool) -> Iterator[RowMapping]:
    months = _months_without_checkpoint(connection)
    closed = connection.scalars(select(CHECKPOINTS.c.month)).all() if everywhere else ()
    for month in sorted({*months, *closed}):
        asked = select(TALLIES).where(_IS_UNSEALED, TALLIES.c.month == month).order_by(TALLIES.c.site_id).limit(page)
        rows: Sequence[RowMapping] = connection.execute(asked).mappings().all()
        while rows:
            yield from rows
            later = asked.where(TALLIES.c.site_id > rows[-1]["site_id"])
            rows = connection.execute(later).mappings().all() if len(rows) == page else []
    if not everywhere:
        yield from connection.execute(_ADJUSTED_SINCE.where(TALLIES.c.month.not_in(months))).mappings()


_ADJUSTED = (
    select(
        EVENTS["adjustment"].c.site_id,
        EVENTS["adjustment"].c.month,
        func.max(EVENTS["adjustment"].c.sequence).label("last"),
    )
    .group_by(EVENTS["adjustment"].c.site_id, EVENTS["adjustment"].c.month)
    .subquery("adjusted")
)
_ADJUSTED_SINCE = select(TALLIES).join(
    _ADJUSTED,
    (_ADJUSTED.c.site_id == TALLIES.c.site_id)
    & (_ADJUSTED.c.month == TALLIES.c.month)
    & (_ADJUSTED.c.last > TALLIES.c.sealed),
)


def _months_without_checkpoint(connection: Connection) -> list[str]:
    """The months with a tally and no checkpoint, in order: one look into an index for each month there is."""
    found, month = [], connection.scalar(select(func.min(TALLIES.c.month)))
    while month is not None:
        found.append(month)
        month = connection.scalar(select(func.min(TALLIES.c.month)).where(TALLIES.c.month > month))
    has = set(connection.scalars(select(CHECKPOINTS.c.month)))
    return [month for month in found if month not in has]


def digests_of(tallies: Sequence[RowMapping]) -> list[list[bytes] | None]:
    """Return for each of these tallies of one month the digests of its events that are not sealed, in their order.

    One statement, so that a rating that is just being changed is found exactly once. None where one is missing.
    """
    values = {"sites": [tally["site_id"] for tally in tallies], "month": tallies[0]["month"]}
    found: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
    for site_id, sequence, digest in db.session.connection().execute(_DIGESTS, values):
        found[site_id].append((sequence, digest))
    return [_complete(tally, found[tally["site_id"]]) for tally in tallies]


def _complete(tally: RowMapping, events: list[tuple[int, bytes]]) -> list[bytes] | None:
    """What has come since the tally was read waits for the next seal."""
    mine = sorted(event for event in events if event[0] <= tally["events"])
    is_whole = [event[0] for event in mine] == [*range(tally["sealed"] + 1, tally["events"] + 1)]
    return [digest for _, digest in mine] if is_whole else None


def head() -> Seal | None:
    """Return the newest seal."""
    return db.session.scalars(select(Seal).order_by(Seal.number.desc()).limit(1)).first()


def newest_seals(number: int) -> Sequence[Seal]:
    """Return the newest seals, the newest first."""
    return db.session.scalars(select(Seal).order_by(Seal.number.desc()).limit(number)).all()


def checkpoint_of(month: Month) -> Checkpoint | None:
    """Return the checkpoint of a month, if it has been made."""
    return db.session.get(Checkpoint, str(month))


def checkpoints() -> Sequence[Checkpoint]:
    """Return all checkpoints, the newest month first."""
    return db.session.scalars(select(Checkpoint).order_by(Checkpoint.month.desc())).all()


def checkpoints_at(seal_number: int) -> list[Row]:
    """Return the checkpoints made after the seal of this number and before the next one."""
    made = select(CHECKPOINTS).where(CHECKPOINTS.c.seal_number == seal_number)
    return list(rows_of(db.session.connection(), made, at_once=True))


def months_without_checkpoint(now: datetime) -> list[Month]:
    """Return the months closed at ``now`` that have events and no checkpoint, the oldest first."""
    last = str(Month.of(now - CLOSES_AFTER) - 1)
    with looking() as connection:
        months = [month for month in _months_without_checkpoint(connection) if month <= last]
        return [Month.parse(month) for month in months if _has_events(connection, month)]


def _has_events(connection: Connection, month: str) -> bool:
    held = select(TALLIES.c.site_id).where(TALLIES.c.month == month, TALLIES.c.events > 0).limit(1)
    return connection.execute(held).first() is not None


def sealed_tallies(month: Month) -> Iterator[list[RowMapping]]:
    """Pages of (`site_id`, `last_sequence`, `counters`) of all sites of a month, as last sealed, by site."""
    after, rows = 0, None
    while rows is None or len(rows) == PAGE:
        rows = list(db.session.execute(_SEALED_TALLIES, {"month": str(month), "after": after}).mappings())
        if rows:
            yield rows
            after = rows[-1]["site_id"]


_SEALED_TALLIES = (
    select(BATCHES.c.site_id, BATCHES.c.last_sequence, BATCHES.c.counters)
    .join(
        TALLIES,
        (TALLIES.c.site_id == BATCHES.c.site_id)
        & (TALLIES.c.month == BATCHES.c.month)
        & (TALLIES.c.sealed == BATCHES.c.last_sequence),
    )
    .where(TALLIES.c.month == bindparam("month"), TALLIES.c.site_id > bindparam("after"))
    .order_by(TALLIES.c.site_id)
    .limit(PAGE)
)


def adjusted(month: Month, sealed: Sequence[RowMapping]) -> list[dict[str, int]]:
    """Return the counters of each of these `sealed_tallies` with the adjustments that the same seals cover."""
    last = {row["site_id"]: row["last_sequence"] for row in sealed}
    exact = {row["site_id"]: dict(row["counters"]) for row in sealed}
    table = EVENTS["adjustment"]
    made = select(table.c.site_id, table.c.sequence, table.c.steps).where(
        table.c.site_id.in_(list(last)), table.c.month == str(month)
    )
    for site_id, sequence, steps in db.session.execute(made):
        if sequence <= last[site_id]:
            add_steps(exact[site_id], steps)
    return list(exact.values())


def add_steps(counters: dict[str, int], steps: Mapping[str, int]) -> None:
    """Add an adjustment's steps to ``counters``."""
    for name, step in steps.items():
        counters[name] = counters.get(name, 0) + step


def figure_of(site_id: int, month: Month) -> CheckpointFigure | None:
    """Return a site's line under the checkpoint of a month."""
    return db.session.get(CheckpointFigure, (site_id, str(month)))


def figures_of(month: Month) -> Iterator[Row]:
    """All figures under the checkpoint of a month, in the order of their positions, read page by page."""
    after, rows = -1, None
    page = select(FIGURES).where(FIGURES.c.month == str(month)).order_by(FIGURES.c.position).limit(PAGE)
    while rows is None or len(rows) == PAGE:
        rows = list[Any](db.session.execute(page.where(FIGURES.c.position > after)).mappings())
        yield from rows
        after = rows[-1]["position"] if rows else after


def public_lines(month: str, skip: int, number: int) -> Sequence[Any]:
    """Id, name and published figures of the public sites under a checkpoint, by name."""
    lines = (
        select(Site.id, Site.name, CheckpointFigure.published)
        .join(CheckpointFigure, CheckpointFigure.site_id == Site.id)
        .join(ReleasedSite, (ReleasedSite.site_id == Site.id) & (ReleasedSite.month == CheckpointFigure.month))
        .where(CheckpointFigure.month == month, IS_SHOWN)
        .order_by(Site.name, Site.id)
        .offset(skip)
        .limit(number)
    )
    return db.session.execute(lines).all()
