"""What the database knows about very many sites, cut down to what decides their verdicts."""

from collections.abc import Iterator, Mapping
from datetime import date

from sqlalchemy import case, func, select

from app.db import db
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


def tallies_of(ids: Ids, first: Month, last: Month) -> Mapping[int, Tallies]:
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
    found = {row[0]: (row[1 : n + 1], row[n + 1 :]) for row in db.session.execute(rows).all()}
    for (site_id, month), steps in adjustments.steps_of(ids, first, last).items():
        counted, ratings = found.get(site_id, ((0,) * n, (0,) * STEPS))
        place = first.until(Month.parse(month))
        counted = (*counted[:place], counted[place] + steps["counted"], *counted[place + 1 :])
        found[site_id] = counted, tuple(adjustments.rated(ratings, steps))
    return {site_id: Tallies(first, counted, ratings) for site_id, (counted, ratings) in found.items()}


def counted_in(ids: Ids, month: Month) -> dict[int, int]:
    """The counted uses of one month, without those excluded, by site id."""
    rows = select(TALLIES.site_id, TALLIES.counted).where(among(TALLIES.site_id, ids), TALLIES.month == str(month))
    found: dict[int, int] = dict(db.session.execute(rows).all())
    for (site_id, _), steps in adjustments.steps_of(ids, month, month).items():
        found[site_id] = found.get(site_id, 0) + steps["counted"]
    return found


def statements_of(ids: Ids, on: date) -> Iterator[tuple[int, str, AttestationFacts]]:
    """What was stated by the local date `on`, the latest last; without names and notes."""
    rows = (
        select(STATED.site_id, STATED.item, STATED.holds, STATED.stated_on)
        .where(among(STATED.site_id, ids), STATED.stated_on <= on)
        .order_by(STATED.stated_on, STATED.stated_at, STATED.id)
    )
    known: dict[tuple[bool, date], AttestationFacts] = {}  # many were made alike
    for site_id, item, holds, stated_on in db.session.execute(rows).all():
        fact = known.get((holds, stated_on))
        if fact is None:
            fact = known[holds, stated_on] = AttestationFacts(holds, stated_on, "")
        yield site_id, item, fact
