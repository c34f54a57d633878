"""Retention (design section 5): the records of a month that is long closed go, hours without pseudonyms stay.

`erase` takes one site and month, row by row. `erase_month` takes a whole month from PostgreSQL: its partitions are
dropped in the transaction that writes what stays of it, so that a crash leaves all of it or nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from flask import current_app
from sqlalchemy import ColumnElement, Table, and_, delete, exists, func, insert, select, union_all, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from app.db import UtcDateTime, db
from app.errors import N_, Conflict
from app.months import Month
from app.usage import leaves, partitions, services, tallies
from app.usage.ledger.models import Checkpoint
from app.usage.models import Erasure, HourBucket
from app.usage.queries import TAP_KEYS, USES

KEPT_FOR = timedelta(days=45)
"""How long after its month has closed a record is kept."""
ERASED = partitions.TABLES
"""What is deleted."""
PAGE = 500
"""Sites of a month whose hours are held in memory at once."""
_HOURS = cast("Table", HourBucket.__table__)
_ERASURES = cast("Table", Erasure.__table__)
_EARLY = N_("The records of %(month)s are kept until 45 days after the month has closed")
_UNSEALED = N_("The records of %(month)s cannot be erased before every event of the month is sealed")
_UNTOLD = N_("The records of %(month)s cannot be erased before the month has a checkpoint")
_TALLIES = tallies.TALLIES


def is_over(month: Month, now: datetime) -> bool:
    """Whether the records of the month have been kept long enough at the instant ``now``."""
    return now >= month.closes_at + KEPT_FOR


def last_over(now: datetime) -> Month:
    """The latest month whose records have been kept long enough at the instant ``now``."""
    month = Month.of(now - KEPT_FOR)
    while not is_over(month, now):
        month -= 1
    return month


def due(now: datetime) -> list[tuple[int, Month]]:
    """Return the sites and months whose records are to go, oldest month first. Whether they are sealed is not asked."""
    erased = exists().where(_ERASURES.c.site_id == _TALLIES.c.site_id, _ERASURES.c.month == _TALLIES.c.month)
    held = select(_TALLIES.c.site_id, _TALLIES.c.month).where(_TALLIES.c.events > 0, ~erased)
    held = held.where(_TALLIES.c.month <= str(last_over(now))).order_by(_TALLIES.c.month, _TALLIES.c.site_id)
    return [(site_id, Month.parse(text)) for site_id, text in db.session.execute(held)]


def rows_due(now: datetime) -> dict[str, int]:
    """Return how many rows of each table of `ERASED` are to go."""
    last = str(last_over(now))
    counts = {table.name: select(func.count()).where(table.c.month <= last) for table in ERASED}
    return {name: db.session.execute(count).scalar_one() for name, count in counts.items()}


class _HourOf(GenericFunction[datetime]):
    """The start of the hour (UTC) that an instant lies in."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(_HourOf, "postgresql")
def _truncated(function: _HourOf, compiler: SQLCompiler, **options: Any) -> str:
    return f"date_trunc('hour', {compiler.process(function.clauses, **options)}, 'UTC')"


@compiles(_HourOf, "sqlite")
def _cut(function: _HourOf, compiler: SQLCompiler, **options: Any) -> str:
    return f"strftime('%Y-%m-%d %H:00:00.000000', {compiler.process(function.clauses, **options)})"


def prepare(site_id: int, month: Month, now: datetime) -> None:
    """Let ``app.extensions["before_erasure"]`` see a site's month a last time. Done again it changes nothing."""
    for look in current_app.extensions.get("before_erasure", ()):
        look(site_id, month, now)


def erase(site_id: int, month: Month, now: datetime) -> Erasure:
    """Turn the records of one site and month into `HourBucket` rows and the ledger's `Erasure` event, and delete them.

    Tallies, adjustments and seals stay; `prepare` is called before. A month that is erased already is left alone.
    Raises `Conflict` before `KEPT_FOR` is over, while an event of the month is not sealed, and while the month has no
    checkpoint.
    """
    sequence = tallies.lock(site_id, month)
    before = db.session.get(Erasure, (site_id, str(month)))
    if before is not None:
        return before
    mine = (_TALLIES.c.site_id == site_id, _TALLIES.c.month == str(month))
    _require_over(month, now)
    if db.session.execute(select(_TALLIES.c.sealed).where(*mine)).scalar_one() != sequence - 1:
        raise Conflict(_UNSEALED, month=month)
    _require_told(month)
    prepare(site_id, month, now)
    _leave(month, {site_id: sequence}, _records(month, site_id), now)
    for table in ERASED:
        db.session.connection().execute(delete(table).where(_of(table, [site_id], month)))
    tallies.move(site_id, month, {"events": 1})
    return db.session.get_one(Erasure, (site_id, str(month)))


def can_erase_whole(month: Month) -> bool:
    """Whether `erase_month` can take the month: all of it lies in partitions of its own, told and sealed."""
    unsealed = exists().where(_is_held(month), _TALLIES.c.sealed < _TALLIES.c.events)
    return (
        month in partitions.months(db.session.connection())
        and db.session.get(Checkpoint, str(month)) is not None
        and not db.session.scalar(select(unsealed))
    )


def erase_month(month: Month, now: datetime) -> int:
    """`erase` for every site whose records of a month are left; drop the month's partitions. Return how many sites.

    Whoever calls it has called `prepare` for each of them, and commits at once. Raises `Conflict` as `erase` does, and
    for a record that belongs to none of them; `Unavailable` while somebody uses the tables for long.
    """
    _require_over(month, now)
    _require_told(month)
    sequences = _take_sequences(month)
    records = _records(month)
    if not records.keys() <= sequences.keys():
        raise Conflict(_UNSEALED, month=month)
    sites = sorted(sequences)
    for start in range(0, len(sites), PAGE):
        _leave(month, {site_id: sequences[site_id] for site_id in sites[start : start + PAGE]}, records, now)
    partitions.drop(db.session.connection(), month)
    return len(sites)


def _require_over(month: Month, now: datetime) -> None:
    if not is_over(month, now):
        raise Conflict(_EARLY, month=month)


def _require_told(month: Month) -> None:
    if db.session.get(Checkpoint, str(month)) is None:
        raise Conflict(_UNTOLD, month=month)


def _take_sequences(month: Month) -> dict[int, int]:
    """Move every sealed tally of a month that is not erased by one event, which locks it; its sequence by site."""
    is_sealed = _TALLIES.c.sealed == _TALLIES.c.events
    moved = update(_TALLIES).where(_is_held(month), is_sealed).values(events=_TALLIES.c.events + 1)
    rows = db.session.connection().execute(moved.returning(_TALLIES.c.site_id, _TALLIES.c.events))
    return {row.site_id: row.events for row in rows}


def _is_held(month: Month) -> ColumnElement[bool]:
    erased = exists().where(_ERASURES.c.site_id == _TALLIES.c.site_id, _ERASURES.c.month == _TALLIES.c.month)
    return and_(_TALLIES.c.month == str(month), _TALLIES.c.events > 0, ~erased)


def _records(month: Month, site_id: int | None = None) -> dict[int, int]:
    """How many records of a month there are by site, of one or of all; sites without any are left out."""
    each = []
    for table in ERASED:
        mine = select(table.c.site_id).where(table.c.month == str(month))
        each.append(mine if site_id is None else mine.where(table.c.site_id == site_id))
    found = union_all(*each).subquery()
    count = select(found.c.site_id, func.count().label("number")).group_by(found.c.site_id)
    return {row.site_id: row.number for row in db.session.execute(count)}


def _leave(month: Month, sequences: Mapping[int, int], records: Mapping[int, int], now: datetime) -> None:
    """Write what stays of some sites' month: their hours and erasure events. The keys of their taps go."""
    connection = db.session.connection()
    hour = _HourOf(USES.c.used_at)
    uses = [func.count(), func.count().filter(USES.c.reason.is_(None))]
    uses += [func.count().filter(USES.c.reason == name) for name in tallies.USE_COUNTERS[len(uses) :]]
    group = (USES.c.site_id, USES.c.month, hour)
    hours = select(*group, *uses).where(_of(USES, sequences, month)).group_by(*group)
    connection.execute(insert(_HOURS).from_select(["site_id", "month", "hour_at", *tallies.USE_COUNTERS], hours))
    left: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(select(_HOURS).where(_of(_HOURS, sequences, month)).order_by(_HOURS.c.hour_at)):
        left[row.site_id].append(row._mapping)
    name = services.algorithm()
    events = [
        {
            "site_id": site_id,
            "month": str(month),
            "sequence": sequence,
            "records": records.get(site_id, 0),
            "buckets": leaves.hours_digest(name, left[site_id]),
            "erased_at": now,
        }
        for site_id, sequence in sequences.items()
    ]
    connection.execute(insert(_ERASURES), [leaves.stamped("erasure", event, name) for event in events])
    connection.execute(delete(TAP_KEYS).where(_of(TAP_KEYS, sequences, month)))


def _of(table: Table, sites: Collection[int], month: Month) -> Any:
    return and_(table.c.site_id.in_(list(sites)), table.c.month == str(month))
