"""How well a site's uses are evidenced: beside every mean stands a grade (docs/evidence.md)."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from sqlalchemy import func, select

from app.db import Model, db
from app.ids import Ids, among
from app.months import SHANGHAI, Month
from app.usage.adjustments.queries import steps_of
from app.usage.models import SiteMonth

STATIC_CODE, ON_SITE_WORD, RECOUNTED = "static_code", "on_site_word", "recounted"
GRADES = (STATIC_CODE, ON_SITE_WORD, RECOUNTED)
MONTHS = 12
SHARE = Fraction(1, 2)
"""Of the counted uses with a proof of presence."""
FEWEST_SEEN = 3
"""A recount of an empty hour shows nothing."""
TOLERANCE = Fraction(1, 5)
FROM_ABOVE = ("spot_check", "supervision")


@dataclass(frozen=True, slots=True)
class Seen:
    """A recount: uses that an inspector saw, and those that the system counted in the same time."""

    inspection_id: int
    done_at: datetime
    uses: int
    counted: int

    @property
    def agrees(self) -> bool:
        """Whether both numbers are within a fifth of what was seen, or one use, of each other."""
        return abs(self.uses - self.counted) <= max(Fraction(1), TOLERANCE * self.uses)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a grade rests on: uses counted and not excluded, those of them with a proof, the latest recount."""

    counted: int = 0
    on_site: int = 0
    recount: Seen | None = None

    @property
    def share(self) -> Fraction:
        """The part of the uses that was proven on site, 0 to 1."""
        return min(Fraction(1), Fraction(self.on_site, self.counted)) if self.counted > 0 else Fraction(0)

    @property
    def grade(self) -> str:
        """One of `GRADES`."""
        return grade_of(self)


def grade_of(evidence: Evidence) -> str:
    """The best of `GRADES` that the evidence bears. Pure."""
    seen = evidence.recount
    if seen is not None and seen.uses >= FEWEST_SEEN and seen.agrees:
        return RECOUNTED
    return ON_SITE_WORD if evidence.counted > 0 and evidence.share >= SHARE else STATIC_CODE


def evidence_of(ids: Ids, on: date) -> dict[int, Evidence]:
    """The evidence of sites by id in the twelve months before that of the local date `on`; three queries for all.

    A recount also counts when it was made this month, until the end of `on`. A site without any is not in the answer.
    """
    month = Month.of_date(on)
    first, last = month - MONTHS, month - 1
    sums: defaultdict[int, Counter[str]] = defaultdict(Counter)
    rows = (
        select(SiteMonth.site_id, func.sum(SiteMonth.counted), func.sum(SiteMonth.on_site))
        .where(among(SiteMonth.site_id, ids), SiteMonth.month.between(str(first), str(last)))
        .group_by(SiteMonth.site_id)
    )
    for site_id, counted, on_site in db.session.execute(rows):
        sums[site_id].update(counted=int(counted), on_site=int(on_site))
    for (site_id, _), steps in steps_of(ids, first, last).items():
        sums[site_id].update(counted=steps["counted"], on_site=steps["on_site"])
    until = datetime(on.year, on.month, on.day, tzinfo=SHANGHAI) + timedelta(days=1)
    seen = _recounts(ids, first.start_at, until)
    return {one: Evidence(sums[one]["counted"], sums[one]["on_site"], seen.get(one)) for one in sums.keys() | seen}


def of_site(found: Mapping[int, Evidence], site_id: int) -> Evidence:
    """The evidence of one site, none where nothing was found."""
    return found.get(site_id, Evidence())


def _recounts(ids: Ids, since: datetime, until: datetime) -> dict[int, Seen]:
    """The latest recount of each site by somebody from above; who checks herself grades nothing."""
    table = Model.metadata.tables["inspection"].c  # by name: the part that makes them stands above this module
    rows = (
        select(table.site_id, table.id, table.done_at, table.recounted_uses, table.recounted_counted)
        .where(
            among(table.site_id, ids), table.kind.in_(FROM_ABOVE), table.done_at >= since, table.done_at < until,
            table.recounted_uses.is_not(None),
        )
        .order_by(table.done_at, table.id)
    )  # fmt: skip
    found = db.session.execute(rows)
    return {site_id: Seen(number, done_at, uses, counted or 0) for site_id, number, done_at, uses, counted in found}
