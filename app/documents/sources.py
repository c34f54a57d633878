"""Reading what statements, rosters and coverage are made of: a fixed number of queries, however many sites."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date

from flask import current_app
from sqlalchemy import or_, select

from app.accounts.models import TradeUnion, UnionLevel, User
from app.db import db
from app.documents.coverage import Coverage, coverage_of
from app.documents.fields import Subject
from app.documents.statements import Line
from app.months import Month
from app.programme.services import rulebooks_of, verdicts_of
from app.rulebooks import NotInForce
from app.sites.models import Site, SiteManager, SiteStatus
from app.usage.adjustments.queries import rated, steps_of
from app.usage.models import SiteMonth

BATCH = 500


def sites_of(union: TradeUnion, month: Month | None = None) -> list[Site]:
    """The sites below a union that are open; with `month` those that were in it, by their host's place, then name."""
    sites = (
        select(Site)
        .join(TradeUnion, TradeUnion.id == Site.host_id)
        .where(TradeUnion.path.startswith(union.path, autoescape=True))
        .order_by(TradeUnion.path, Site.name, Site.id)
    )
    if month is None:
        return list(db.session.scalars(sites.where(Site.status != SiteStatus.CLOSED.value)))
    return list(
        db.session.scalars(
            sites.where(
                Site.status != SiteStatus.PREPARING.value,
                or_(Site.opened_on.is_(None), Site.opened_on <= month.last_on),
                or_(Site.status != SiteStatus.CLOSED.value, Site.closed_on >= month.first_on),
            )
        )
    )


def lines_of(sites: Sequence[Site], month: Month, on: date, default: str, top: TradeUnion | None = None) -> list[Line]:
    """A statement's line for each site, judged as of `on`; `branch` is the union below `top` that it belongs to.

    What reviewers have excluded is not counted.
    """
    tallies = {
        tally.site_id: tally
        for tally in db.session.scalars(
            select(SiteMonth).where(SiteMonth.site_id.in_([site.id for site in sites]), SiteMonth.month == str(month))
        )
    }
    adjusted = steps_of([site.id for site in sites], month, month)
    verdicts: dict[int, str] = {}
    with suppress(NotInForce):  # a month before the rulebook: figures without verdicts
        verdicts = verdicts_of(sites, on, default)
    branches = branch_names(top) if top else {}
    return [
        Line(
            name=site.name,
            host=site.host.name,
            branch=branches.get(_branch_id(site.host, top), site.host.name) if top else "",
            recorded=tally.recorded if (tally := tallies.get(site.id)) else 0,
            counted=tally.counted + by["counted"] if tally else 0,
            steps=_steps(tally, by),
            verdicts={verdicts[site.id]: 1} if site.id in verdicts else {},
            is_sample=site.is_synthetic,
        )
        for site in sites
        for by in (adjusted.get((site.id, str(month)), Counter()),)
    ]


def subjects_of(union: TradeUnion, today: date, kinds: Sequence[str]) -> Iterator[Subject]:
    """What a roster says about each open site of these kinds below a union, without its cases; read in batches."""
    open_ones = (
        select(Site.id)
        .join(TradeUnion, TradeUnion.id == Site.host_id)
        .where(TradeUnion.path.startswith(union.path, autoescape=True), Site.kind.in_(kinds))
        .where(Site.status != SiteStatus.CLOSED.value)
        .order_by(TradeUnion.path, Site.name, Site.id)
    )
    default = current_app.extensions["settings"].default_rulebook
    ids = db.session.scalars(open_ones).all()
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        sites = {site.id: site for site in db.session.scalars(select(Site).where(Site.id.in_(some)))}
        managers, rulebooks = _managers_of(some), rulebooks_of([*sites.values()], today, default)
        for site in filter(None, map(sites.get, some)):
            yield Subject(site, rulebooks[site.id], managers=managers.get(site.id, ()))


def _managers_of(site_ids: Sequence[int]) -> dict[int, list[str]]:
    people = (
        select(SiteManager.site_id, User.display_name)
        .join(User, User.id == SiteManager.user_id)
        .where(SiteManager.site_id.in_(site_ids))
        .order_by(User.id)
    )
    managers: dict[int, list[str]] = {}
    for site_id, name in db.session.execute(people):
        if name:
            managers.setdefault(site_id, []).append(name)
    return managers


def units_and_sites(union: TradeUnion) -> tuple[list[TradeUnion], list[Site]]:
    """The unions of the lowest level in the subtree, and the open sites there."""
    below = select(TradeUnion).where(
        TradeUnion.path.startswith(union.path, autoescape=True), TradeUnion.level == UnionLevel.UNIT.value
    )
    return list(db.session.scalars(below.order_by(TradeUnion.path))), sites_of(union)


def coverage_by_branch(union: TradeUnion) -> list[tuple[str, Coverage]]:
    """The figures of each union directly below that is no unit itself; none below a unit or a district of units."""
    units, sites = units_and_sites(union)
    branches = db.session.scalars(
        select(TradeUnion).where(TradeUnion.parent_id == union.id, TradeUnion.level != UnionLevel.UNIT.value)
    )
    return [
        (
            branch.name,
            coverage_of(
                [unit for unit in units if unit.path.startswith(branch.path)],
                [site for site in sites if site.host.path.startswith(branch.path)],
            ),
        )
        for branch in sorted(branches, key=lambda one: one.path)
    ]


def branch_names(union: TradeUnion) -> dict[int, str]:
    """Names of a union and of those directly below it, by id."""
    below = select(TradeUnion).where(or_(TradeUnion.parent_id == union.id, TradeUnion.id == union.id))
    return {one.id: one.name for one in db.session.scalars(below)}


def _branch_id(host: TradeUnion, top: TradeUnion) -> int:
    """The union directly below `top` on the way to `host`; `top` itself for its own sites."""
    rest = host.path.removeprefix(top.path).strip("/")
    return int(rest.split("/")[0]) if rest else top.id


def _steps(tally: SiteMonth | None, by: Mapping[str, int]) -> tuple[int, ...]:
    if tally is None:
        return (0, 0, 0, 0, 0)
    return tuple(rated((tally.rating_1, tally.rating_2, tally.rating_3, tally.rating_4, tally.rating_5), by))
