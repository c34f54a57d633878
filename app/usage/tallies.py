"""The monthly tallies (decision 4): read for the API, moved with each event, recomputed from the events."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, Update, and_, bindparam, column, exists, func, select, table, true, update
from sqlalchemy.dialects import postgresql, sqlite

from app.db import db
from app.errors import N_, Unavailable
from app.months import Month, month_range
from app.usage.counting import Reason, satisfaction_score
from app.usage.models import Erasure, HourBucket, Presence, SiteMonth
from app.usage.piped import Row
from app.usage.prepared import Call, Prepared, run
from app.usage.queries import RATINGS, USES

TALLIES = cast("Table", SiteMonth.__table__)
_ERASURES = cast("Table", Erasure.__table__)
_HOURS = cast("Table", HourBucket.__table__)
_PRESENCES = cast("Table", Presence.__table__)
RATING_COUNTERS = tuple(f"rating_{step}" for step in range(1, 6))
USE_COUNTERS = ("recorded", "counted", *(reason.value for reason in Reason))
"""What the hours of an erased month still add up to; `LOST_COUNTERS` are known from the tally alone by then."""
LOST_COUNTERS = (*RATING_COUNTERS, "on_site")
COUNTERS = (*USE_COUNTERS, *LOST_COUNTERS)
Key = tuple[int, str]
_CHECKPOINTS = table("checkpoint", column("month"))  # the ledger's own, which is built on this module
_LOCK = Prepared(
    select(TALLIES.c.events, exists().where(_CHECKPOINTS.c.month == bindparam("month")).label("has_checkpoint"))
    .where(TALLIES.c.site_id == bindparam("site_id"), TALLIES.c.month == bindparam("month"))
    .with_for_update(of=TALLIES)
)


@dataclass(frozen=True, order=True)
class Difference:
    """One number of one site and month that is not what its events add up to."""

    site_id: int
    month: Month
    counter: str
    stored: int
    recomputed: int


@dataclass(frozen=True)
class Held:
    """A locked tally of an open month: the sequence that its next event takes, and what came back beside the lock."""

    sequence: int
    before: list[list[Row]]
    under: list[list[Row]]


def insert_or_ignore(table: Table, row: Mapping[str, Any]) -> bool:
    """Insert ``row`` unless one of its unique keys is there already; return whether it was inserted."""
    return bool(*run((inserting_or_ignoring(table), row)))


@cache
def inserting_or_ignoring(table: Table) -> Prepared:
    """The statement of `insert_or_ignore`: one row comes back if one was inserted."""

    def statement(dialect: str) -> Any:
        insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
        return insert.on_conflict_do_nothing().returning(next(iter(table.primary_key)))

    return Prepared(statement)


def lock(site_id: int, month: Month) -> int:
    """Hold the tally of the site and month until the transaction ends, so that events of one month come one by one.

    Return the sequence that the next event takes.
    """
    return _held(site_id, month)[0] + 1


def lock_open(site_id: int, month: Month) -> int:
    """`lock` for what happens at a door: a month whose figures were witnessed takes none of it, by any clock.

    A clock that was set back makes a closed month look open. Raises `Unavailable` then: the phone sends its tap again.
    """
    return hold_open(site_id, month).sequence


def hold_open(site_id: int, month: Month, before: Sequence[Call] = (), under: Sequence[Call] = ()) -> Held:
    """`lock_open` in one round trip with what is to be done ``before`` the lock and what is to be read ``under`` it.

    Nobody else's event of the site and month can come between what is read and what the transaction then writes.
    """
    events, has_checkpoint, done, read = _held(site_id, month, before, under)
    if has_checkpoint:
        raise Unavailable(N_("The clock of the service is wrong; please try again later"))
    return Held(events + 1, done, read)


def _held(
    site_id: int, month: Month, before: Sequence[Call] = (), under: Sequence[Call] = ()
) -> tuple[int, bool, list[list[Row]], list[list[Row]]]:
    key = {"site_id": site_id, "month": str(month)}
    rows = run(*before, (_LOCK, key), *under)
    done, held, read = rows[: len(before)], rows[len(before)], rows[len(before) + 1 :]
    if not held:
        insert_or_ignore(TALLIES, key | dict.fromkeys((*COUNTERS, "events", "sealed"), 0))
        held, *read = run((_LOCK, key), *under)
    ((events, has_checkpoint),) = held
    return events, has_checkpoint, done, read


def take(
    site_id: int, month: Month, steps: Mapping[str, int], before: Sequence[Call] = (), under: Sequence[Call] = ()
) -> Held:
    """`hold_open` and `move` in one statement, for an event whose steps are as good as known; they have ``events`` 1.

    Where they turn out to be others, the difference is moved before the transaction ends.
    """
    by = {f"by_{counter}": step for counter, step in steps.items()}
    taking = (_take(tuple(steps)), by | {"of_site": site_id, "of_month": str(month)})
    rows = run(*before, taking, *under)
    done, taken, read = rows[: len(before)], rows[len(before)], rows[len(before) + 1 :]
    if not taken:
        lock_open(site_id, month)
        taken, *read = run(taking, *under)
    ((sequence,),) = taken
    return Held(sequence, done, read)


@cache
def _take(counters: tuple[str, ...]) -> Prepared:
    is_open = ~exists().where(_CHECKPOINTS.c.month == bindparam("of_month"))
    return Prepared(_moved(counters).where(is_open).returning(TALLIES.c.events))


def move(site_id: int, month: Month, steps: Mapping[str, int]) -> None:
    """Add ``steps`` (counter → difference) to a locked tally; an event that took a sequence adds 1 to ``events``."""
    run(moving(site_id, month, steps))


def moving(site_id: int, month: Month, steps: Mapping[str, int]) -> Call:
    """What `move` does, for `prepared.run`."""
    by = {f"by_{counter}": step for counter, step in steps.items()}
    return _move(tuple(steps)), by | {"of_site": site_id, "of_month": str(month)}


@cache
def _move(counters: tuple[str, ...]) -> Prepared:
    return Prepared(_moved(counters))


def _moved(counters: tuple[str, ...]) -> Update:
    values = {counter: TALLIES.c[counter] + bindparam(f"by_{counter}") for counter in counters}
    mine = (TALLIES.c.site_id == bindparam("of_site"), TALLIES.c.month == bindparam("of_month"))
    return update(TALLIES).where(*mine).values(values)


def months_of_site(site_id: int, first: Month, last: Month) -> list[dict[str, Any]]:
    """Return the tallies of the months from ``first`` to ``last``, both included; a month without any event is zero.

    ``ratings`` are five numbers by step, from 1 (worst) to 5 (best); ``satisfaction_score`` is 20 to 100, or None.
    """
    stored = select(TALLIES).where(TALLIES.c.site_id == site_id, TALLIES.c.month.between(str(first), str(last)))
    rows = {row["month"]: row for row in db.session.execute(stored).mappings()}
    return [_as_api(str(month), rows.get(str(month), {})) for month in month_range(first, last)]


def _as_api(month: str, row: Mapping[Any, Any]) -> dict[str, Any]:
    ratings = [row.get(counter, 0) for counter in RATING_COUNTERS]
    return {
        "month": month,
        "recorded": row.get("recorded", 0),
        "counted": row.get("counted", 0),
        "not_counted": {reason.value: row.get(reason.value, 0) for reason in Reason},
        "ratings": ratings,
        "satisfaction_score": satisfaction_score(ratings),
    }


def recount(now: datetime, *, repair: bool) -> list[Difference]:
    """Compare all tallies with their events and return the differences found, by site and month.

    Each suspicion is looked at again under the tally's lock, so that events arriving meanwhile are no difference. With
    ``repair`` the tallies of months still open at ``now`` are set right; a closed month is only ever reported. Of an
    erased month the uses are added up from its hours; its `LOST_COUNTERS` cannot be recomputed and are not judged.
    """
    stored, recomputed = _stored(), _recomputed()
    suspects = sorted(key for key in stored.keys() | recomputed.keys() if stored.get(key) != recomputed.get(key))
    found: list[Difference] = []
    for site_id, text in suspects:
        month = Month.parse(text)
        lock(site_id, month)
        found += _differences(site_id, month, repair=repair and not month.is_closed(now))
    return found


def _differences(site_id: int, month: Month, *, repair: bool) -> list[Difference]:
    key = (site_id, str(month))
    stored = _stored(_is(*key)).get(key, {})
    recomputed = _recomputed(*key).get(key, dict.fromkeys(COUNTERS, 0))
    wrong = [counter for counter in COUNTERS if stored[counter] != recomputed[counter]]
    if wrong and repair:
        db.session.execute(update(TALLIES).where(_is(*key)).values({name: recomputed[name] for name in wrong}))
    return [Difference(site_id, month, name, stored[name], recomputed[name]) for name in wrong]


def _stored(condition: ColumnElement[bool] | None = None) -> dict[Key, dict[str, int]]:
    rows = db.session.execute(select(TALLIES).where(true() if condition is None else condition)).mappings()
    return {(row["site_id"], row["month"]): {name: row[name] for name in COUNTERS} for row in rows}


def _recomputed(site_id: int | None = None, month: str | None = None) -> dict[Key, dict[str, int]]:
    result: dict[Key, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTERS, 0))
    result |= _left_by_erasure(site_id, month)
    for site, text, reason, number in _events(USES, USES.c.reason, site_id, month):
        tally = result[site, text]
        tally["recorded"] += number
        tally[reason or "counted"] += number
    for site, text, step, number in _events(RATINGS, RATINGS.c.step, site_id, month, RATINGS.c.is_counted):
        result[site, text][f"rating_{step}"] += number
    for site, text, _, number in _events(_PRESENCES, _PRESENCES.c.is_counted, site_id, month, _PRESENCES.c.is_counted):
        result[site, text]["on_site"] += number
    return dict(result)


def _left_by_erasure(site_id: int | None, month: str | None) -> dict[Key, dict[str, int]]:
    """What is known of the erased months: their hours, and, for want of events, what is stored of the rest."""
    group = (_HOURS.c.site_id, _HOURS.c.month)
    each = select(*group, *(func.sum(_HOURS.c[name]).label(name) for name in USE_COUNTERS)).group_by(*group)
    if site_id is not None and month is not None:
        each = each.where(_HOURS.c.site_id == site_id, _HOURS.c.month == month)
    sums = each.subquery()
    uses = [func.coalesce(sums.c[name], 0).label(name) for name in USE_COUNTERS]
    mine = and_(_ERASURES.c.site_id == TALLIES.c.site_id, _ERASURES.c.month == TALLIES.c.month)
    hours = and_(sums.c.site_id == TALLIES.c.site_id, sums.c.month == TALLIES.c.month)
    query = select(TALLIES.c.site_id, TALLIES.c.month, *uses, *(TALLIES.c[name] for name in LOST_COUNTERS))
    query = query.join(_ERASURES, mine).outerjoin(sums, hours)
    if site_id is not None and month is not None:
        query = query.where(_is(site_id, month))
    rows = db.session.execute(query).mappings()
    return {(row["site_id"], row["month"]): {name: int(row[name]) for name in COUNTERS} for row in rows}


def erased_months() -> int:
    """Return of how many sites and months the records are erased."""
    return db.session.execute(select(func.count()).select_from(_ERASURES)).scalar_one()


def _events(
    table: Table, by: ColumnElement[Any], site_id: int | None, month: str | None, *conditions: ColumnElement[bool]
) -> Iterable[Any]:
    group = (table.c.site_id, table.c.month, by)
    query = select(*group, func.count()).where(*conditions).group_by(*group)
    if site_id is not None and month is not None:
        query = query.where(table.c.site_id == site_id, table.c.month == month)
    return db.session.execute(query)


def _is(site_id: int, month: str) -> ColumnElement[bool]:
    return and_(TALLIES.c.site_id == site_id, TALLIES.c.month == month)
