"""Uses recounted with one's own eyes, on site or by video, beside what the system counted in the same time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.db import db
from app.errors import N_, Invalid
from app.months import SHANGHAI
from app.usage.queries import USES

FIELDS = ("recount_from", "recount_until", "recount_uses")
FURTHEST_BACK, MOST_USES = timedelta(days=31), 9999
"""A camera's recording is rarely kept for longer, and the records of that time are still there."""


@dataclass(frozen=True, slots=True)
class Recount:
    """`uses` seen by a person in [`from_at`, `until_at`), aware instants."""

    from_at: datetime
    until_at: datetime
    uses: int


def read(values: Mapping[str, str], now: datetime) -> Recount | None:
    """The recount that a form says, local times as browsers write them; None when all of `FIELDS` are empty.

    Raises Invalid naming the field: all three belong together, and the time is over and at most 31 days ago.
    """
    said = {name: values.get(name, "").strip() for name in FIELDS}
    if not any(said.values()):
        return None
    from_at, until_at = _instant(said, "recount_from"), _instant(said, "recount_until")
    if not (said["recount_uses"].isascii() and said["recount_uses"].isdigit() and len(said["recount_uses"]) < 5):
        raise _wrong("recount_uses", N_("Say how many uses were seen, as a whole number; 0 is one too"))
    if until_at <= from_at:
        raise _wrong("recount_until", N_("The end of the recount is after its beginning"))
    if until_at > now:
        raise _wrong("recount_until", N_("The recount has to be over"))
    if from_at < now - FURTHEST_BACK:
        raise _wrong("recount_from", N_("A recount looks at most 31 days back"))
    return Recount(from_at, until_at, int(said["recount_uses"]))


def columns(site_id: int, recount: Recount | None) -> dict[str, Any]:
    """What an inspection keeps of a recount, with what the system has counted by now in the same time."""
    if recount is None:
        return {}
    return {
        "recounted_from_at": recount.from_at,
        "recounted_until_at": recount.until_at,
        "recounted_uses": recount.uses,
        "recounted_counted": counted_between(site_id, recount.from_at, recount.until_at),
    }


def counted_between(site_id: int, from_at: datetime, until_at: datetime) -> int:
    """How many uses of a site in [from_at, until_at) count by the rule; excluded ones, which people were, included."""
    uses = select(func.count()).where(
        USES.c.site_id == site_id, USES.c.used_at >= from_at, USES.c.used_at < until_at, USES.c.reason.is_(None)
    )
    return db.session.scalar(uses) or 0


def _instant(said: Mapping[str, str], name: str) -> datetime:
    try:
        local = datetime.strptime(said[name], "%Y-%m-%dT%H:%M").replace(tzinfo=SHANGHAI)
    except ValueError:
        raise _wrong(name, N_("Say from when until when the uses were recounted")) from None
    return local


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, {field: message})
