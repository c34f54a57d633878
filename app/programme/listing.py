"""One page of a union's table. What a row says is judged when it is shown; what takes all sites to say may be older.

The sites of a small union are all judged for each page. Those of a large one stand in the order in which they were
judged last, and so do its sums: the page says when that was. Its cost depends neither on how many sites there are nor
on how often they are used.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, case, exists, func, select, tuple_

from app.accounts.models import TradeUnion
from app.ahead import at_once
from app.db import db
from app.ids import among
from app.months import Month
from app.programme.judging import BANDS, NOTHING, Judges, Standing, Sums, read_sites, standings_of
from app.programme.models import SiteVerdict, UnionVerdict
from app.programme.table import (
    NAME,
    SATISFACTION,
    USES,
    VERDICT,
    Filter,
    Row,
    Totals,
    read_rows,
    sites_below,
    sites_with_hosts,
)
from app.rulebooks.report import MET, NOT_MET, UNKNOWN
from app.sites.models import Site

LIVE = 1000
"""Unions with more sites have them judged at night."""
PAGE_SIZE = 50
RANK = {MET: 0, NOT_MET: 1, UNKNOWN: 2, "": 3}
COLUMNS: dict[str, Any] = {USES: SiteVerdict.mean, SATISFACTION: SiteVerdict.score, VERDICT: SiteVerdict.verdict}


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, the number of sites by band, sums over all that the filter shows. `after`: the next page's `after`.

    `judged_at` is null where all of it is of this moment, else when order and sums were made; `is_pending` while they
    never were.
    """

    rows: list[Row]
    bands: dict[str, int]
    totals: Totals
    month: Month
    after: int | None
    judged_at: datetime | None = None
    is_pending: bool = False


def read_page(union: TradeUnion, chosen: Filter, today: date, default_rulebook: str) -> Page:
    """The page of the sites below `union` that the filter asks for. Raises `NotInForce`."""
    judges = Judges(today, default_rulebook)
    sites = sites_below(union, chosen)
    counted = select(func.count()).select_from(sites.with_only_columns(Site.id).limit(LIVE + 1).subquery())
    if (db.session.scalar(counted) or 0) <= LIVE:
        return _live(sites, chosen, judges)
    return _stored(chosen.union or union, sites, chosen, judges)


def _live(sites: Select[Any], chosen: Filter, judges: Judges) -> Page:
    found = at_once(read_sites(sites))
    ids = [site.id for site in found]
    names = {site.id: site.name for site in found}
    standings = list(standings_of(found, ids, judges))
    shown = [one for one in standings if chosen.band in ("", one.band)]
    shown.sort(key=lambda one: (_key(one, names[one.site_id], chosen.sort), one.site_id))
    order = [one.site_id for one in shown]
    start = order.index(chosen.after) + 1 if chosen.after in order else 0
    return _page(order[start : start + PAGE_SIZE + 1], judges, _sums(standings), _sums(shown))


def _key(one: Standing, name: str, sort: str) -> Any:
    keys = {NAME: name, USES: -one.mean, SATISFACTION: -one.score, VERDICT: RANK[one.verdict]}
    return keys[sort]


def _sums(standings: list[Standing]) -> Sums:
    sums = Sums()
    for one in standings:
        sums.take(one)
    return sums


def _stored(union: TradeUnion, sites: Select[Any], chosen: Filter, judges: Judges) -> Page:
    kept = db.session.get(UnionVerdict, union.id)
    everything = _stored_sums(sites) if chosen.text or kept is None else Sums(kept.sums)
    shown = _stored_sums(sites, chosen.band) if chosen.band else everything
    ids = _judged(sites, chosen)
    if len(ids) <= PAGE_SIZE and chosen.sort != NAME and not chosen.band:
        ids += _not_judged(sites, chosen, PAGE_SIZE + 1 - len(ids))
    more = {"judged_at": kept.judged_at} if kept else {"is_pending": True}
    return _page(ids, judges, everything, shown, **more)


def _page(ids: list[int], judges: Judges, everything: Sums, shown: Sums, **more: Any) -> Page:
    wanted = ids[:PAGE_SIZE]
    by_id = {row.id: row for row in read_rows(sites_with_hosts().where(among(Site.id, wanted)), judges)}
    return Page(
        rows=[by_id[one] for one in wanted if one in by_id],
        bands={band: everything[f"band:{band}"] for band in BANDS},
        totals=Totals.of(shown),
        month=Month.of_date(judges.on),
        after=wanted[-1] if len(ids) > PAGE_SIZE else None,
        **more,
    )


def _judged(sites: Select[Any], chosen: Filter) -> list[int]:
    """The ids of a page and one more, in the order of an index: the database reads little more than what is shown."""
    column, number = (Site.name, Site.id) if chosen.sort == NAME else (COLUMNS[chosen.sort], SiteVerdict.site_id)
    descends = chosen.sort in (USES, SATISFACTION)
    found = sites.with_only_columns(Site.id)
    if chosen.sort != NAME or chosen.band:
        found = found.join(SiteVerdict, SiteVerdict.site_id == Site.id)
    if chosen.band:
        found = found.where(SiteVerdict.band == chosen.band)
    if chosen.sort == VERDICT:
        found = found.where(SiteVerdict.verdict != "")
    if chosen.after is not None:
        last = _last(chosen, column)
        if last in (None, ""):  # the page before ended among those that have not been judged
            return []
        here = tuple_(column, number)
        found = found.where(here < (last, chosen.after) if descends else here > (last, chosen.after))
    order = (column.desc(), number.desc()) if descends else (column, number)
    return list(db.session.scalars(found.order_by(*order).limit(PAGE_SIZE + 1)))


def _last(chosen: Filter, column: Any) -> Any:
    """What the last site of the page before is sorted by."""
    joined = select(column).select_from(Site).outerjoin(SiteVerdict, SiteVerdict.site_id == Site.id)
    return db.session.scalar(joined.where(Site.id == chosen.after))


def _not_judged(sites: Select[Any], chosen: Filter, number: int) -> list[int]:
    """Sites that came since, and for the order of verdicts those that no verdict is for; they come last."""
    judged = exists().where(SiteVerdict.site_id == Site.id)
    if chosen.sort == VERDICT:
        judged = judged.where(SiteVerdict.verdict != "")
    found = sites.with_only_columns(Site.id).where(~judged)
    if chosen.after is not None and _last(chosen, COLUMNS[chosen.sort]) in (None, ""):
        found = found.where(Site.id > chosen.after)
    return list(db.session.scalars(found.order_by(Site.id).limit(number)))


def _stored_sums(sites: Select[Any], band: str = "") -> Sums:
    """The sums over the sites as they were judged last; those that have not been are unknown."""
    names = ("this_month", "last_month", "ratings", "points", "counted")
    has_mean = case((SiteVerdict.mean > NOTHING, SiteVerdict.months), else_=0)
    groups = (func.coalesce(SiteVerdict.band, UNKNOWN), func.coalesce(SiteVerdict.verdict, ""), has_mean)
    rows = (
        sites.with_only_columns(*groups, func.count(), *(func.sum(getattr(SiteVerdict, name)) for name in names))
        .outerjoin(SiteVerdict, SiteVerdict.site_id == Site.id)
        .group_by(*groups)
    )
    sums = Sums()
    for of_band, verdict, months, number, *totals in db.session.execute(rows):
        if band in ("", of_band):
            by_name = dict(zip(names, (int(total or 0) for total in totals), strict=True))
            counted = by_name.pop("counted")
            sums.update({"sites": number, f"band:{of_band}": number, f"verdict:{verdict}": number, **by_name})
            sums.update({f"counted:{months}": counted} if months else {})
    return sums
