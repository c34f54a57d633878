"""Reading what statements, rosters and coverage are made of: a fixed number of queries, however many sites."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, Self

from flask import current_app
from sqlalchemy import Select, or_, select

from app.accounts.models import TradeUnion, UnionLevel, User
from app.db import db
from app.documents.coverage import Coverage, Room, coverage_of
from app.documents.fields import Subject
from app.documents.statements import Line
from app.ids import among
from app.months import Month
from app.programme.bulk import RATINGS
from app.programme.services import rulebooks_of
from app.programme.verdicts import verdicts_of
from app.sites.models import Site, SiteKind, SiteManager, SiteStatus
from app.usage.adjustments.queries import rated, steps_of
from app.usage.models import SiteMonth

BATCH = 500
TALLIED = tuple(SiteMonth.__table__.c[name] for name in ("site_id", "recorded", "counted", *RATINGS))


class Place(NamedTuple):
    """A site as a statement names it, with the union that runs it."""

    id: int
    name: str
    is_synthetic: bool
    host_name: str
    host_path: str

    @classmethod
    def of(cls, site: Site) -> Self:
        """That of a site which is at hand."""
        return cls(site.id, site.name, site.is_synthetic, site.host.name, site.host.path)


def places_of(union: TradeUnion, month: Month) -> list[Place]:
    """The sites below a union that were open in a month, by their host's place, then name."""
    columns = (Site.id, Site.name, Site.is_synthetic, TradeUnion.name, TradeUnion.path)
    rows = _below(union, *columns).where(
        Site.status != SiteStatus.PREPARING.value,
        or_(Site.opened_on.is_(None), Site.opened_on <= month.last_on),
        or_(Site.status != SiteStatus.CLOSED.value, Site.closed_on >= month.first_on),
    )
    return list(map(Place._make, db.session.execute(rows)))


def _below(union: TradeUnion, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .join_from(Site, TradeUnion, TradeUnion.id == Site.host_id)
        .where(TradeUnion.path.startswith(union.path, autoescape=True))
        .order_by(TradeUnion.path, Site.name, Site.id)
    )


def lines_of(sites: Sequence[Place], month: Month, on: date, default: str, top: TradeUnion | None = None) -> list[Line]:
    """A statement's line for each site, judged as of `on`; `branch` is the union below `top` that it belongs to.

    What reviewers have excluded is not counted.
    """
    ids = [site.id for site in sites]
    rows = select(*TALLIED).where(among(SiteMonth.site_id, ids), SiteMonth.month == str(month))
    tallies = {tally.site_id: tally for tally in db.session.execute(rows)}
    adjusted = steps_of(ids, month, month)
    verdicts = verdicts_of(ids, on, default)
    branches = branch_names(top) if top else {}
    return [
        Line(
            name=site.name,
            host=site.host_name,
            branch=branches.get(_branch_id(site.host_path, top), site.host_name) if top else "",
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
    open_ones = _below(union, Site.id).where(Site.kind.in_(kinds), Site.status != SiteStatus.CLOSED.value)
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


def units_and_rooms(union: TradeUnion) -> tuple[list[TradeUnion], list[Room]]:
    """The unions of the lowest level in the subtree, and the rooms in operation there."""
    below = select(TradeUnion).where(
        TradeUnion.path.startswith(union.path, autoescape=True), TradeUnion.level == UnionLevel.UNIT.value
    )
    women = Site.particulars["women_workers"].as_string()
    rows = _below(union, Site.host_id, TradeUnion.path, Site.location_kind, Site.premises, women).where(
        Site.kind == SiteKind.ROOM.value, Site.status == SiteStatus.OPERATING.value
    )
    rooms = list(map(Room._make, db.session.execute(rows)))
    return list(db.session.scalars(below.order_by(TradeUnion.path))), rooms


def coverage_by_branch(
    union: TradeUnion, units: Sequence[TradeUnion], rooms: Sequence[Room]
) -> list[tuple[str, Coverage]]:
    """The figures of each union directly below that is no unit itself; none below a unit or a district of units."""
    branches = db.session.scalars(
        select(TradeUnion).where(TradeUnion.parent_id == union.id, TradeUnion.level != UnionLevel.UNIT.value)
    )
    return [
        (
            branch.name,
            coverage_of(
                [unit for unit in units if unit.path.startswith(branch.path)],
                [room for room in rooms if room.host_path.startswith(branch.path)],
            ),
        )
        for branch in sorted(branches, key=lambda one: one.path)
    ]


def branch_names(union: TradeUnion) -> dict[int, str]:
    """Names of a union and of those directly below it, by id."""
    below = select(TradeUnion).where(or_(TradeUnion.parent_id == union.id, TradeUnion.id == union.id))
    return {one.id: one.name for one in db.session.scalars(below)}


def _branch_id(path: str, top: TradeUnion) -> int:
    """The union directly below `top` on the way to the one at `path`; `top` itself for its own sites."""
    rest = path.removeprefix(top.path).strip("/")
    return int(rest.split("/")[0]) if rest else top.id


def _steps(tally: Any, by: Mapping[str, int]) -> tuple[int, ...]:
    if tally is None:
        return (0, 0, 0, 0, 0)
    return tuple(rated([getattr(tally, name) for name in RATINGS], by))
