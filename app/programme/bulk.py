"""What the database knows about very many sites, cut down to what decides their verdicts."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, Self

from sqlalchemy import case, func, select

from app.ahead import Reading, at_once
from app.ids import Ids, among
from app.months import Month, month_range
from app.programme.models import Attestation
from app.rulebooks import AttestationFacts
from app.rulebooks.known import STEPS
from app.rulebooks.tallies import Tallies
from app.usage.adjustments import queries as adjustments
from app.usage.models import SiteMonth

TALLIES, STATED = SiteMonth.__table__.c, Attestation.__table__.c
RATINGS = tuple(f"rating_{step}" for step in range(1, STEPS + 1))
BREAK = "\n"
"""Between items in one text: no item has it."""


class Known(NamedTuple):
    """What decides verdicts of some sites, by site id; the tallies by the first of their months before."""

    this_month: Mapping[int, int]
    statements: Mapping[int, dict[str, AttestationFacts]]
    tallies: Mapping[Month, Mapping[int, Tallies]]

    @classmethod
    def of(cls, ids: Ids, on: date, firsts: Collection[Month]) -> Self:
        """As of the end of the local date `on`, asked now."""
        return cls.told(firsts, *map(at_once, readings(ids, on, firsts)))

    @classmethod
    def told(cls, firsts: Collection[Month], this_month: Any, statements: Any, *tallies: Any) -> Self:
        """What `readings` have returned."""
        return cls(this_month, statements, dict(zip(firsts, tallies, strict=True)))


def readings(ids: Ids, on: date, firsts: Collection[Month]) -> tuple[Reading[Any], ...]:
    """What has to be read for `Known`."""
    month = Month.of_date(on)
    tallies = (tallies_of(ids, first, month - 1) for first in firsts)
    return counted_in(ids, month), statements_of(ids, on), *tallies


def tallies_of(ids: Ids, first: Month, last: Month) -> Reading[Mapping[int, Tallies]]:
    """The tallies of the months `first` to `last` (both included) by site id, one row of the database for each site."""
    months = month_range(first, last)
    by_month = [func.sum(case((TALLIES.month == str(month), TALLIES.counted), else_=0)) for month in months]
    together = [func.sum(TALLIES[name]) for name in RATINGS]
    rows = (
        select(TALLIES.site_id, *by_month, *together)
        .where(among(TALLIES.site_id, ids), TALLIES.month.between(str(first), str(last)))
        .group_by(TALLIES.site_id)
    )
    n = len(months)
    found = {row[0]: (row[1 : n + 1], row[n + 1 :]) for row in (yield rows)}
    for (site_id, month), steps in adjustments.steps_of(ids, first, last).items():
        counted, ratings = found.get(site_id, ((0,) * n, (0,) * STEPS))
        place = first.until(Month.parse(month))
        counted = (*counted[:place], counted[place] + steps["counted"], *counted[place + 1 :])
        found[site_id] = counted, tuple(adjustments.rated(ratings, steps))
    return {site_id: Tallies(first, counted, ratings) for site_id, (counted, ratings) in found.items()}


def counted_in(ids: Ids, month: Month) -> Reading[dict[int, int]]:
    """The counted uses of one month, without those excluded, by site id."""
    rows = select(TALLIES.site_id, TALLIES.counted).where(among(TALLIES.site_id, ids), TALLIES.month == str(month))
    found: dict[int, int] = dict((yield rows))
    for (site_id, _), steps in adjustments.steps_of(ids, month, month).items():
        found[site_id] = found.get(site_id, 0) + steps["counted"]
    return found


def statements_of(ids: Ids, on: date) -> Reading[dict[int, dict[str, AttestationFacts]]]:
    """What was stated last of each item by the local date `on`, by site id and item; without names and notes.

    What a site stated alike on one day comes as one row: most of it is stated in one go.
    """
    later_first = (STATED.stated_on.desc(), STATED.stated_at.desc(), STATED.id.desc())
    place = func.row_number().over(partition_by=(STATED.site_id, STATED.item), order_by=later_first)
    every = (
        select(STATED.site_id, STATED.holds, STATED.stated_on, STATED.item, place.label("place"))
        .where(among(STATED.site_id, ids), STATED.stated_on <= on)
        .subquery()
        .c
    )
    alike = (every.site_id, every.holds, every.stated_on)
    rows = select(*alike, func.aggregate_strings(every.item, BREAK)).where(every.place == 1).group_by(*alike)
    found: dict[int, dict[str, AttestationFacts]] = {}
    for site_id, holds, stated_on, items in (yield rows):
        stated = _stated(holds, stated_on, items)
        found[site_id] = found[site_id] | stated if site_id in found else stated
    return found


@lru_cache(maxsize=4096)
def _stated(holds: bool, stated_on: date, items: str) -> dict[str, AttestationFacts]:
    """As other sites did. Nobody changes it."""
    return dict.fromkeys(items.split(BREAK), AttestationFacts(holds, stated_on, ""))
