"""What has been excluded from the averages and restored to them, and the month that a reviewer chooses from."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.db import db
from app.ids import Ids, among
from app.months import Month
from app.usage import tallies
from app.usage.counting import satisfaction_score
from app.usage.models import Adjustment, Erasure, HourBucket, Presence
from app.usage.queries import USES, excluded_uses

__all__ = ["excluded_hours", "excluded_uses", "hour_of", "steps_of"]
EXCLUDE, RESTORE = "exclude", "restore"
Steps = Counter[str]


@dataclass(frozen=True, slots=True)
class UseOfHour:
    """One counted use as a reviewer may see it: when (UTC), whether it was proven on site, whether it is excluded.

    Pages name it by its `sequence`, never by its id: whoever knows the id can open the receipt.
    """

    id: UUID
    sequence: int
    used_at: datetime
    is_on_site: bool
    is_excluded: bool


@dataclass(frozen=True, slots=True)
class HourOfMonth:
    """One hour (its start, UTC) in numbers. `not_counted` are reasons and how often; `uses` is empty after erasure."""

    starts_at: datetime
    recorded: int
    counted: int
    excluded: int
    not_counted: Mapping[str, int]
    uses: tuple[UseOfHour, ...] = ()


def steps_of(ids: Ids, first: Month, last: Month) -> dict[tuple[int, str], Steps]:
    """What adjustments add to the tallies of some sites, by site id and month ``YYYY-MM``, in one query.

    Both months are included. A sum is by counter (`counted`, `rating_1` … `rating_5`, `on_site`), negative for what is
    excluded; a site and month without adjustments is not in the answer.
    """
    rows = select(Adjustment.site_id, Adjustment.month, Adjustment.steps).where(
        among(Adjustment.site_id, ids), Adjustment.month.between(str(first), str(last))
    )
    found: defaultdict[tuple[int, str], Steps] = defaultdict(Counter)
    for site_id, month, steps in db.session.execute(rows):
        found[site_id, month].update(steps)  # Counter.update adds, negative numbers too
    return dict(found)


def excluded_by_month(site_id: int, first: Month, last: Month) -> dict[Month, int]:
    """How many counted uses of a site are excluded, by month; only months with any."""
    found = steps_of([site_id], first, last).items()
    return {Month.parse(month): -steps["counted"] for (_, month), steps in found if steps["counted"]}


def rated(ratings: Sequence[int], by: Mapping[str, int]) -> list[int]:
    """Numbers of ratings by step, 1 first, with the steps of adjustments added."""
    return [number + by.get(f"rating_{step}", 0) for step, number in enumerate(ratings, start=1)]


def adjusted_months(site_id: int, first: Month, last: Month) -> list[dict[str, Any]]:
    """What `tallies.months_of_site` returns, with `excluded` and `effective`; ratings and score as adjusted.

    `recorded`, `counted` and `not_counted` stay as they were tallied; `effective` = `counted` - `excluded`.
    """
    by_month = steps_of([site_id], first, last)
    months = tallies.months_of_site(site_id, first, last)
    for month in months:
        by = by_month.get((site_id, month["month"]), Counter())
        ratings = rated(month["ratings"], by)
        month |= {"excluded": -by["counted"], "effective": month["counted"] + by["counted"]}
        month |= {"ratings": ratings, "satisfaction_score": satisfaction_score(ratings)}
    return months


def adjustments_of(site_id: int, month: Month | None = None) -> list[Adjustment]:
    """The adjustments of a site, or of one of its months, in the order in which they were made."""
    made = select(Adjustment).where(Adjustment.site_id == site_id)
    if month is not None:
        made = made.where(Adjustment.month == str(month))
    return list(db.session.scalars(made.order_by(Adjustment.made_at, Adjustment.month, Adjustment.sequence)))


def is_erased(site_id: int, month: Month) -> bool:
    """Whether retention has erased the records of the month, so that only hours are left to choose from."""
    return db.session.get(Erasure, (site_id, str(month))) is not None


def excluded_hours(made: Iterable[Adjustment]) -> Counter[str]:
    """How many uses of each hour (key: `hour_of`) are excluded once all these adjustments are applied."""
    found: Counter[str] = Counter()
    for one in made:
        sign = 1 if one.act == EXCLUDE else -1
        found.update({hour: sign * number for hour, number in one.hours.items()})
    return Counter({hour: number for hour, number in found.items() if number})


def hour_of(at: datetime) -> str:
    """The start of the hour of a UTC instant, as adjustments write it."""
    return f"{at:%Y-%m-%dT%H}:00:00Z"


def hours_of(site_id: int, month: Month) -> list[HourOfMonth]:
    """The hours of a month in which anything was recorded, the earliest first; no pseudonym is read."""
    if is_erased(site_id, month):
        return _bucketed(site_id, month)
    away = excluded_uses(site_id, str(month))
    rows = (
        select(USES.c.id, USES.c.sequence, USES.c.used_at, USES.c.reason, Presence.method)
        .select_from(USES)
        .join(Presence, (Presence.site_id == USES.c.site_id) & (Presence.usage_id == USES.c.id), isouter=True)
        .where(USES.c.site_id == site_id, USES.c.month == str(month))
        .order_by(USES.c.used_at, USES.c.id)
    )
    uses: defaultdict[datetime, list[UseOfHour]] = defaultdict(list)
    refused: defaultdict[datetime, Counter[str]] = defaultdict(Counter)
    for use_id, sequence, used_at, reason, method in db.session.execute(rows):
        hour = used_at.replace(minute=0, second=0, microsecond=0)
        if reason is None:
            uses[hour].append(UseOfHour(use_id, sequence, used_at, method is not None, use_id in away))
        else:
            refused[hour][reason] += 1
    return [_hour(hour, uses[hour], refused[hour]) for hour in sorted(uses.keys() | refused.keys())]


def _hour(starts_at: datetime, uses: list[UseOfHour], refused: Counter[str]) -> HourOfMonth:
    excluded = sum(use.is_excluded for use in uses)
    return HourOfMonth(starts_at, len(uses) + refused.total(), len(uses), excluded, refused, tuple(uses))


def _bucketed(site_id: int, month: Month) -> list[HourOfMonth]:
    away = excluded_hours(adjustments_of(site_id, month))
    buckets = select(HourBucket).where(HourBucket.site_id == site_id, HourBucket.month == str(month))
    return [
        HourOfMonth(one.hour_at, one.recorded, one.counted, away[hour_of(one.hour_at)], _refused(one))
        for one in db.session.scalars(buckets.order_by(HourBucket.hour_at))
    ]


def _refused(bucket: HourBucket) -> dict[str, int]:
    names = ("code_revoked", "site_closed", "site_suspended", "too_soon", "daily_limit")
    return {name: number for name in names if (number := getattr(bucket, name))}
