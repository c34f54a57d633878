"""Public sites and their months before a release, and what was released."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from app.accounts.models import TradeUnion
from app.db import db
from app.months import Month
from app.sites.models import LocationKind, Site, SiteStatus
from app.usage.adjustments.queries import steps_of
from app.usage.figures.models import Release, ReleasedSite, ReleasedUnion
from app.usage.models import SiteMonth
from app.usage.tallies import RATING_COUNTERS

WITHHELD = "withheld"
IS_SHOWN = and_(Site.location_kind == LocationKind.PUBLIC, Site.is_listed.is_(True), Site.open_to_outsiders.is_(True))
"""`is_shown` as a condition of SQL."""


@dataclass(frozen=True)
class SiteNumbers:
    """The exact numbers of one public site and month: `ratings` by step, from 1 (worst) to 5 (best)."""

    site_id: int
    host_id: int
    uses: int
    ratings: Sequence[int]


@dataclass(frozen=True)
class Line:
    """One site or union as everybody may see it. `sites` is 1 for a site; None means withheld."""

    id: int
    name: str
    level: str
    parent_id: int | None
    sites: int
    uses: int | None
    satisfaction: int | None


def public_numbers(month: Month) -> list[SiteNumbers]:
    """The exact numbers, adjustments included, of every site whose figures are public, by id.

    Public is a site in a public place that the finder lists for everybody and that ran on a day of the month. A site
    without a tally has zeros.
    """
    ran = or_(Site.closed_on.is_(None), Site.closed_on > month.first_on)
    rows = db.session.execute(
        select(Site.id, Site.host_id, SiteMonth)
        .select_from(Site)
        .join(SiteMonth, (SiteMonth.site_id == Site.id) & (SiteMonth.month == str(month)), isouter=True)
        .where(
            IS_SHOWN, Site.status != SiteStatus.PREPARING, ran,
            or_(Site.opened_on.is_(None), Site.opened_on <= month.last_on),
        )
        .order_by(Site.id)
    ).all()  # fmt: skip
    steps = steps_of([site_id for site_id, _, _ in rows], month, month)
    return [
        SiteNumbers(site_id, host_id, *_numbers(tally, steps.get((site_id, str(month)), {})))
        for site_id, host_id, tally in rows
    ]


def _numbers(tally: SiteMonth | None, by: Mapping[str, int]) -> tuple[int, list[int]]:
    def number(counter: str) -> int:
        return max(0, getattr(tally, counter, 0) + by.get(counter, 0))

    return number("counted"), [number(counter) for counter in RATING_COUNTERS]


def parents() -> dict[int, int | None]:
    """The union above each union."""
    rows = db.session.execute(select(TradeUnion.id, TradeUnion.parent_id))
    return {row.id: row.parent_id for row in rows}


def released_months() -> list[Month]:
    """The months whose figures are public, the latest first."""
    return [Month.parse(month) for month in db.session.scalars(select(Release.month).order_by(Release.month.desc()))]


def published_of(month: Month) -> dict[int, dict[str, str]]:
    """What everybody may see of each public site of a released month, by site id; `uses` and `satisfaction` as text.

    A number that is not published reads ``withheld``. A site that is not in the answer is not public.
    """
    rows = select(ReleasedSite).where(ReleasedSite.month == str(month))
    return {
        row.site_id: {"uses": _text(row.uses), "satisfaction": _text(row.satisfaction)}
        for row in db.session.scalars(rows)
    }


def _text(number: int | None) -> str:
    return WITHHELD if number is None else str(number)


def union_lines(month: Month) -> list[Line]:
    """The unions in a release, each after the one above it."""
    rows = db.session.execute(
        select(ReleasedUnion, TradeUnion)
        .join(TradeUnion, TradeUnion.id == ReleasedUnion.trade_union_id)
        .where(ReleasedUnion.month == str(month))
        .order_by(TradeUnion.path)
    )
    return [
        Line(union.id, union.name, union.level, union.parent_id, row.sites, row.uses, row.satisfaction)
        for row, union in rows
    ]


def site_lines(month: Month, host_id: int | None = None) -> list[Line]:
    """The sites in a release, or those of one host, by name; `parent_id` is the host.

    A site that has been taken from the public list since has no name any more.
    """
    rows = (
        select(ReleasedSite, Site)
        .join(Site, Site.id == ReleasedSite.site_id)
        .where(ReleasedSite.month == str(month))
        .order_by(Site.name, Site.id)
    )
    if host_id is not None:
        rows = rows.where(Site.host_id == host_id)
    return [
        Line(site.id, site.name if is_shown(site) else "", "site", site.host_id, 1, row.uses, row.satisfaction)
        for row, site in db.session.execute(rows)
    ]


def is_shown(site: Site) -> bool:
    """Whether a site with public figures is still one that may be named: a deregistered one may."""
    return site.location_kind == LocationKind.PUBLIC and site.is_listed and site.open_to_outsiders is True


def sites_by_host(numbers: Sequence[SiteNumbers]) -> dict[int, list[SiteNumbers]]:
    """Sites under the union that hosts them."""
    found: defaultdict[int, list[SiteNumbers]] = defaultdict(list)
    for site in numbers:
        found[site.host_id].append(site)
    return dict(found)
