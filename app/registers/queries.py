"""What other features ask of the registers: the activities of sites."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import NamedTuple

from sqlalchemy import Select, select

from app.db import db
from app.months import SHANGHAI, local_date
from app.registers.models import Activity

Ids = Select[int] | Sequence[int]


class ActivityRow(NamedTuple):
    """An activity or lecture (`kind`) and the local date on which it began."""

    site_id: int
    kind: str
    starts_on: date


class DeclaredActivity(NamedTuple):
    """An activity over [starts_at, ends_at), and when it was first written down; all three are UTC instants."""

    site_id: int
    starts_at: datetime
    ends_at: datetime
    declared_at: datetime


def activities(site_ids: Ids, since: date, until: date) -> list[ActivityRow]:
    """The activities that began on a local date in [since, until), voided ones left out, by site and time.

    They are the evidence for qingdao-2023 art. 16 (activities every year, regular lectures).
    """
    rows = (
        select(Activity.site_id, Activity.kind, Activity.starts_at)
        .where(
            Activity.site_id.in_(site_ids),
            Activity.voided_at.is_(None),
            Activity.starts_at >= _start_of(since),
            Activity.starts_at < _start_of(until),
        )
        .order_by(Activity.site_id, Activity.starts_at, Activity.id)
    )
    return [ActivityRow(site_id, kind, local_date(at)) for site_id, kind, at in db.session.execute(rows)]


def declared_activities(site_ids: Ids, since: date, until: date) -> list[DeclaredActivity]:
    """The activities that take place at some time of the local dates [since, until), by site and time.

    Voided ones are left out. One whose `declared_at` is before its `starts_at` explains a burst of uses.
    """
    rows = (
        select(Activity.site_id, Activity.starts_at, Activity.ends_at, Activity.recorded_at)
        .where(
            Activity.site_id.in_(site_ids),
            Activity.voided_at.is_(None),
            Activity.starts_at < _start_of(until),
            Activity.ends_at > _start_of(since),
        )
        .order_by(Activity.site_id, Activity.starts_at, Activity.id)
    )
    return [DeclaredActivity(*row) for row in db.session.execute(rows)]


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
