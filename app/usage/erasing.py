"""Retention (design section 5): the records of a month that is long closed go, hours without pseudonyms stay."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, cast

from flask import current_app
from sqlalchemy import Table, and_, delete, exists, func, insert, select

from app.db import db
from app.errors import N_, Conflict
from app.months import Month
from app.usage import leaves, services, tallies
from app.usage.ledger.models import Checkpoint
from app.usage.models import Erasure, HourBucket, Presence
from app.usage.queries import RATINGS, SUPERSEDED, TAP_KEYS, USES

KEPT_FOR = timedelta(days=45)
"""How long after its month has closed a record is kept."""
PRESENCES = cast("Table", Presence.__table__)
ERASED = (PRESENCES, RATINGS, SUPERSEDED, USES)
"""What is deleted."""
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


def erase(site_id: int, month: Month, now: datetime) -> Erasure:
    """Turn the records of one site and month into `HourBucket` rows and the ledger's `Erasure` event, and delete them.

    Tallies, adjustments and seals stay. What needs the records a last time is in ``app.extensions["before_erasure"]``.
    A month that is erased already is left alone. Raises `Conflict` before `KEPT_FOR` is over, while an event of the
    month is not sealed, and while the month has no checkpoint.
    """
    sequence = tallies.lock(site_id, month)
    before = db.session.get(Erasure, (site_id, str(month)))
    if before is not None:
        return before
    _require_due(site_id, month, sequence - 1, now)
    for prepare in current_app.extensions.get("before_erasure", ()):
        prepare(site_id, month, now)
    hours = list(_hours(site_id, month))
    if hours:
        db.session.execute(insert(_HOURS), hours)
    connection = db.session.connection()
    connection.execute(delete(TAP_KEYS).where(_of(TAP_KEYS, site_id, month)))
    gone = sum(connection.execute(delete(table).where(_of(table, site_id, month))).rowcount for table in ERASED)
    event = {
        "site_id": site_id,
        "month": str(month),
        "sequence": sequence,
        "records": gone,
        "buckets": leaves.hours_digest(services.algorithm(), hours),
        "erased_at": now,
    }
    erasure = Erasure(**leaves.stamped("erasure", event, services.algorithm()))
    db.session.add(erasure)
    db.session.flush()
    tallies.move(site_id, month, {"events": 1})
    return erasure


def _require_due(site_id: int, month: Month, events: int, now: datetime) -> None:
    if not is_over(month, now):
        raise Conflict(_EARLY, month=month)
    mine = (_TALLIES.c.site_id == site_id, _TALLIES.c.month == str(month))
    if db.session.execute(select(_TALLIES.c.sealed).where(*mine)).scalar_one() != events:
        raise Conflict(_UNSEALED, month=month)
    if db.session.get(Checkpoint, str(month)) is None:
        raise Conflict(_UNTOLD, month=month)


def _hours(site_id: int, month: Month) -> Iterator[dict[str, Any]]:
    """The month's uses by the hour in which they began, in the order of the hours; an hour without use has no row."""
    zero = dict.fromkeys(tallies.USE_COUNTERS, 0)
    hours: dict[datetime, dict[str, int]] = defaultdict(zero.copy)
    records = select(USES.c.used_at, USES.c.reason).where(_of(USES, site_id, month))
    for used_at, reason in db.session.execute(records):
        hour = hours[used_at.replace(minute=0, second=0, microsecond=0)]
        hour["recorded"] += 1
        hour[reason or "counted"] += 1
    for hour_at in sorted(hours):
        yield {"site_id": site_id, "hour_at": hour_at, "month": str(month), **hours[hour_at]}


def _of(table: Table, site_id: int, month: Month) -> Any:
    return and_(table.c.site_id == site_id, table.c.month == str(month))
