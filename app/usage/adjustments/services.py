"""A named person excludes uses from the averages, or restores them. Nothing here commits or asks for the time.

The records and the month's counters stay as they are, also in closed months: every reader of averages adds the
adjustments' steps to the tally (`queries.steps_of`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy import func, select

from app.accounts.models import User
from app.config import Settings
from app.db import db
from app.errors import N_, Conflict, Invalid
from app.months import Month
from app.sites.models import Site, SiteManager
from app.sites.queries import get_site
from app.usage import leaves, signing, tallies
from app.usage.adjustments import queries
from app.usage.adjustments.queries import EXCLUDE, RESTORE, Steps, hour_of
from app.usage.models import Adjustment, HourBucket, Presence, SiteMonth
from app.usage.queries import RATINGS, USES
from app.usage.services import algorithm
from app.web import DISTRICT_UNION, MUNICIPAL_UNION

REVIEWERS = (DISTRICT_UNION, MUNICIPAL_UNION)
SHORTEST_REASON, LONGEST_TEXT, MOST_USES = 10, 600, 2000
NOT_HERS = N_("Only a union above the site excludes or restores its uses")
_FOLLOWING = (*tallies.RATING_COUNTERS, "on_site")
"""What goes with a use that is excluded."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a person asks for; `said` are the columns that she fills in herself."""

    act: str
    uses: list[UUID]
    hours: Mapping[datetime, int]
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What an adjustment is about, and what that does to the counters (exclusion: positive numbers here)."""

    uses: list[str]
    hours: Counter[str]
    steps: Steps


def exclude(
    actor: User, site: Site, month: Month, *, uses: Iterable[UUID] = (), hours: Mapping[datetime, int] | None = None,
    reason: str, evidence: str = "", attachment_id: int | None = None, now: datetime,
) -> Adjustment:  # fmt: skip
    """Take counted uses of one site and month out of every average, signed by a person with her reason.

    While the records exist, ``uses`` are ids; after erasure ``hours`` maps starts of hours (UTC) to numbers of uses,
    and ratings, which are then known for the whole month only, go with the month's last use. Raises NotFound outside
    her scope, Conflict for who may not judge this site and for a use that did not count or is excluded already, Invalid
    naming ``uses``, ``hours``, ``reason`` or ``evidence``.
    """
    said = {**_read(reason, evidence), "attachment_id": attachment_id, "made_at": now}
    return _adjust(actor, site, month, _Asked(EXCLUDE, list(uses), hours or {}, said))


def restore(
    actor: User, site: Site, month: Month, *, uses: Iterable[UUID] = (), hours: Mapping[datetime, int] | None = None,
    reason: str, evidence: str = "", attachment_id: int | None = None, now: datetime,
) -> Adjustment:  # fmt: skip
    """Undo an exclusion by an adjustment of its own; what `exclude` says holds, the other way round.

    Raises what `exclude` raises, and Conflict for a use that is not excluded.
    """
    said = {**_read(reason, evidence), "attachment_id": attachment_id, "made_at": now}
    return _adjust(actor, site, month, _Asked(RESTORE, list(uses), hours or {}, said))


def may_adjust(actor: User, site: Site) -> bool:
    """Whether a person who sees the site may judge its uses: unions above it, never the host or its managers."""
    if actor.role not in REVIEWERS or actor.trade_union_id == site.host_id:
        return False
    return db.session.get(SiteManager, (site.id, actor.id)) is None


def _adjust(actor: User, site: Site, month: Month, asked: _Asked) -> Adjustment:
    get_site(actor, site.id)
    if not may_adjust(actor, site):
        raise Conflict(NOT_HERS)
    if db.session.get(SiteMonth, (site.id, str(month))) is None:
        raise _wrong("uses", N_("Nothing was recorded in this month"))
    sequence = tallies.lock(site.id, month)
    if queries.is_erased(site.id, month):
        chosen = _by_hours(asked.act, site.id, month, asked.hours)
    else:
        chosen = _by_uses(asked.act, site.id, month, asked.uses)
    sign = -1 if asked.act == EXCLUDE else 1
    row = {
        "site_id": site.id, "month": str(month), "sequence": sequence, "id": uuid4(), "act": asked.act,
        "actor_id": actor.id, "actor_name": (actor.display_name or actor.username)[:80], "uses": chosen.uses,
        "hours": dict(sorted(chosen.hours.items())),
        "steps": {name: sign * number for name, number in sorted(chosen.steps.items()) if number},
        **asked.said,
    }  # fmt: skip
    settings: Settings = current_app.extensions["settings"]
    signature = signing.sign(settings.ledger_key, leaves.content("adjustment", row))
    made = Adjustment(**leaves.stamped("adjustment", row, algorithm()), signature=signature)
    db.session.add(made)
    db.session.flush()
    tallies.move(site.id, month, {"events": 1})
    return made


def _by_uses(act: str, site_id: int, month: Month, uses: list[UUID]) -> _Chosen:
    if not uses:
        raise _wrong("uses", N_("Choose at least one use"))
    if len(uses) > MOST_USES:
        raise _wrong("uses", N_("Choose at most %(most)s uses at once"), most=MOST_USES)
    mine = (USES.c.site_id == site_id, USES.c.month == str(month), USES.c.id.in_(uses))
    found = {row.id: row for row in db.session.execute(select(USES.c.id, USES.c.used_at, USES.c.reason).where(*mine))}
    if found.keys() != set(uses):
        raise _wrong("uses", N_("One of these uses is not of this site and month"))
    if any(row.reason is not None for row in found.values()):
        raise Conflict(N_("One of these uses does not count anyway"))
    away = queries.excluded_uses(site_id, str(month))
    if act == EXCLUDE and away & found.keys():
        raise Conflict(N_("One of these uses is excluded already"))
    if act == RESTORE and found.keys() - away:
        raise Conflict(N_("One of these uses is not excluded"))
    hours = Counter(hour_of(row.used_at) for row in found.values())
    steps = Counter(counted=len(found)) + _ratings(site_id, list(found)) + _on_site(site_id, list(found))
    return _Chosen(sorted(map(str, found)), hours, steps)


def _ratings(site_id: int, uses: list[UUID]) -> Steps:
    mine = (RATINGS.c.site_id == site_id, RATINGS.c.usage_id.in_(uses), RATINGS.c.is_counted)
    rows = db.session.execute(select(RATINGS.c.step, func.count()).where(*mine).group_by(RATINGS.c.step))
    return Counter({f"rating_{step}": number for step, number in rows})


def _on_site(site_id: int, uses: list[UUID]) -> Steps:
    mine = (Presence.site_id == site_id, Presence.usage_id.in_(uses), Presence.is_counted)
    return Counter(on_site=db.session.scalar(select(func.count()).select_from(Presence).where(*mine)) or 0)


def _by_hours(act: str, site_id: int, month: Month, hours: Mapping[datetime, int]) -> _Chosen:
    wanted = Counter({hour_of(hour.astimezone(UTC)): number for hour, number in hours.items() if number})
    if not wanted or min(wanted.values()) < 0:
        raise _wrong("hours", N_("Say for at least one hour how many uses"))
    made = queries.adjustments_of(site_id, month)
    away = queries.excluded_hours(made)
    buckets = select(HourBucket.hour_at, HourBucket.counted).where(
        HourBucket.site_id == site_id, HourBucket.month == str(month)
    )
    counted = Counter({hour_of(hour): number for hour, number in db.session.execute(buckets)})
    left = away if act == RESTORE else counted - away
    if wanted - left:
        few = N_("So many uses are not excluded") if act == RESTORE else N_("So many uses are not left in this hour")
        raise Conflict(few)
    steps = Counter(counted=wanted.total())
    if wanted == left:
        steps += _all_that_follows(act, site_id, month)
    return _Chosen([], wanted, steps)


def _all_that_follows(act: str, site_id: int, month: Month) -> Steps:
    """The ratings and proofs that go out with a month's last use, or come back with the last one excluded."""
    before = queries.steps_of([site_id], month, month).get((site_id, str(month)), Counter())
    if act == RESTORE:
        return Counter({name: -before[name] for name in _FOLLOWING})
    tally = db.session.get_one(SiteMonth, (site_id, str(month)))
    return Counter({name: getattr(tally, name) + before[name] for name in _FOLLOWING})


def _read(reason: str, evidence: str) -> dict[str, str]:
    for name, text in (("reason", reason), ("evidence", evidence)):
        if len(text) > LONGEST_TEXT or "\0" in text:
            raise _wrong(name, N_("This text is longer than %(longest)s characters"), longest=LONGEST_TEXT)
    if len(reason.strip()) < SHORTEST_REASON:
        raise _wrong("reason", N_("Give the reason in at least %(least)s characters"), least=SHORTEST_REASON)
    return {"reason": reason.strip(), "evidence": evidence.strip()}


def _wrong(field: str, message: str, **params: object) -> Invalid:
    return Invalid(message, {field: message}, **params)
