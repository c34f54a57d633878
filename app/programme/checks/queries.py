"""Which inspections and draws a person may see, and what is known about the sites to be checked."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any, NamedTuple, Self

from sqlalchemy import Select, exists, func, or_, select, union_all

from app.accounts.models import TradeUnion, User
from app.accounts.queries import is_in_subtree, subtree
from app.anomalies.queries import flagged_ids
from app.attachments.models import Attachment
from app.db import db
from app.errors import N_, NotFound
from app.ids import among
from app.months import local_date
from app.programme.cases.models import Case
from app.programme.checks.draw import Standing
from app.programme.checks.models import Draw, Inspection, InspectionPhoto
from app.programme.scoring.models import FilledSheet
from app.rulebooks import NoSuchRulebook, load
from app.sites.models import Site, SiteManager, SiteStatus
from app.web import ASSESSOR, SITE_MANAGER

FULL_SELF, SPOT_CHECK, SUPERVISION = "full_self", "spot_check", "supervision"
KINDS = (FULL_SELF, SPOT_CHECK, SUPERVISION)
KIND_OF_LEVEL = {"unit": FULL_SELF, "district": SPOT_CHECK, "municipal": SUPERVISION}
FROM_ABOVE = (SPOT_CHECK, SUPERVISION)
"""So many ids are named one by one."""
SHEET_USE = {FULL_SELF: "self_check", SPOT_CHECK: "inspection", SUPERVISION: "inspection"}


def inspections_in_scope(user: User) -> Select[Inspection]:
    """The inspections a person may see, the one due first before the others.

    Hers as the inspector; as a union those that her subtree has planned; about the sites she sees all that are done. An
    unannounced check from above stays unknown below until it is done. A site manager also sees her full self-checks.
    """
    found = select(Inspection).join(Site, Site.id == Inspection.site_id)
    mine = Inspection.inspector_id == user.id
    if user.role == ASSESSOR:
        seen = mine
    elif user.role == SITE_MANAGER:
        manages = exists().where(SiteManager.site_id == Site.id, SiteManager.user_id == user.id)
        seen = manages & or_(Inspection.kind == FULL_SELF, Inspection.done_at.is_not(None))
    else:
        hosted = exists().where(TradeUnion.id == Site.host_id, is_in_subtree(user))
        planned = Inspection.trade_union_id.in_(subtree(user))
        seen = or_(mine, planned, hosted & Inspection.done_at.is_not(None))
    return found.where(seen).order_by(Inspection.due_on, Inspection.id)


def get_inspection(user: User, inspection_id: int) -> Inspection:
    """The inspection `inspection_id`. Raises NotFound when there is none that the person may see."""
    found = db.session.scalar(inspections_in_scope(user).where(Inspection.id == inspection_id))
    if found is None:
        raise NotFound(N_("There is no such inspection"))
    return found


def open_of_inspector(user: User) -> Select[Inspection]:
    """What this person has still to inspect; nobody goes to a site that is deregistered."""
    return (
        select(Inspection)
        .join(Site, Site.id == Inspection.site_id)
        .where(Site.status != SiteStatus.CLOSED)
        .where(Inspection.inspector_id == user.id, Inspection.done_at.is_(None), Inspection.cancelled_at.is_(None))
        .order_by(Inspection.due_on, Inspection.id)
    )


def draws_in_scope(user: User) -> Select[Draw]:
    """The draws of the unions in the person's subtree, the latest first."""
    return select(Draw).where(Draw.trade_union_id.in_(subtree(user))).order_by(Draw.id.desc())


def get_draw(user: User, draw_id: int) -> Draw:
    """The draw `draw_id`. Raises NotFound when there is none that the person may see."""
    found = db.session.scalar(draws_in_scope(user).where(Draw.id == draw_id))
    if found is None:
        raise NotFound(N_("There is no such draw"))
    return found


def photos_of(inspection_id: int) -> list[Attachment]:
    """The photos of an inspection, the first one first."""
    rows = (
        select(Attachment)
        .join(InspectionPhoto, InspectionPhoto.attachment_id == Attachment.id)
        .where(InspectionPhoto.inspection_id == inspection_id, Attachment.erased_at.is_(None))
        .order_by(Attachment.id)
    )
    return list(db.session.scalars(rows))


def sites_below(union: TradeUnion) -> Select[Site]:
    """The operating sites hosted in a union's subtree, by the host's place, then name."""
    return (
        select(Site)
        .join(TradeUnion, TradeUnion.id == Site.host_id)
        .where(TradeUnion.path.startswith(union.path, autoescape=True), Site.status == SiteStatus.OPERATING)
        .order_by(TradeUnion.path, Site.name, Site.id)
    )


class Planned(NamedTuple):
    """Of a site only what checks are planned by: a union may have thousands."""

    id: int
    name: str
    host_id: int
    host_name: str
    host_path: str
    accepted_on: date | None
    opened_on: date | None
    being_checked_since: datetime | None

    @classmethod
    def of(cls, site: Site) -> Self:
        """That of a site which is at hand."""
        dates = (site.accepted_on, site.opened_on, site.being_checked_since)
        return cls(site.id, site.name, site.host_id, site.host.name, site.host.path, *dates)


def planned(sites: Select[Site]) -> list[Planned]:
    """The sites that a query joins to their hosts, in its order."""
    columns = (
        Site.id, Site.name, Site.host_id, TradeUnion.name, TradeUnion.path, Site.accepted_on, Site.opened_on,
        Site.being_checked_since,
    )  # fmt: skip
    return list(map(Planned._make, db.session.execute(sites.with_only_columns(*columns))))


def checked(union: TradeUnion, kind: str, year: int, *, by_union: bool) -> tuple[int, dict[int, bool]]:
    """How many sites of a union owe a check in a year; and of those with one, by site id, whether it is done."""
    first_on = func.coalesce(Site.accepted_on, Site.opened_on)
    before = date(year if kind == FULL_SELF else year + 1, 1, 1)
    owing = sites_below(union).order_by(None).where(or_(first_on.is_(None), first_on < before))
    ids = owing.with_only_columns(Site.id)
    rows = select(Inspection.site_id, Inspection.done_at).where(
        Inspection.year == year, Inspection.kind == kind, Inspection.cancelled_at.is_(None),
        Inspection.site_id.in_(ids),
    )  # fmt: skip
    seen: dict[int, bool] = {}
    for site_id, done_at in db.session.execute(rows.where(Inspection.trade_union_id == union.id) if by_union else rows):
        seen[site_id] = seen.get(site_id, False) or done_at is not None
    return db.session.scalar(select(func.count()).select_from(ids.subquery())) or 0, seen


@dataclass(frozen=True, slots=True)
class Visit:
    """One inspection in short. `done_on` is a local date; null while it is only planned."""

    id: int
    site_id: int
    union_id: int
    kind: str
    year: int
    due_on: date
    done_on: date | None
    result: str | None


def visits_of(sites: Iterable[int], year: int) -> dict[int, list[Visit]]:
    """The inspections of sites in `year` that are done or still to be done, by site id, the earliest first.

    Before them the last one that was made from above in an earlier year: what is read does not grow with the years.
    """
    columns: tuple[Any, ...] = (
        Inspection.id, Inspection.site_id, Inspection.trade_union_id, Inspection.kind, Inspection.year,
        Inspection.due_on, Inspection.done_at, Inspection.result,
    )  # fmt: skip
    of_sites = select(*columns).where(among(Inspection.site_id, list(sites)), Inspection.cancelled_at.is_(None))
    from_above = Inspection.kind.in_(FROM_ABOVE) & Inspection.done_at.is_not(None)
    earlier = of_sites.where(Inspection.year < year, from_above)
    both = union_all(of_sites.where(Inspection.year == year), _last_of_site(earlier, Inspection.done_at)).subquery().c
    found = dict[int, list[Visit]]()
    for *said, done_at, result in db.session.execute(select(*both).order_by(both.done_at, both.id)):
        visit = Visit(*(*said, local_date(done_at) if done_at else None, result))
        found.setdefault(visit.site_id, []).append(visit)
    return found


def _last_of_site(rows: Any, at: Any) -> Select[Any]:
    """Of rows that have a `site_id` and an `id` the one of each site that is the last by `at`."""
    site_id, row_id = rows.selected_columns["site_id"], rows.selected_columns["id"]
    place = func.row_number().over(partition_by=site_id, order_by=(at.desc(), row_id.desc()))
    *columns, number = rows.add_columns(place.label("place")).subquery().c
    return select(*columns).where(number == 1)


def standings(sites: Sequence[Planned], visits: dict[int, list[Visit]], *, from_above: bool) -> dict[int, Standing]:
    """What speaks for checking each site soon, by site id. An acceptance counts as a visit: somebody was there.

    Numbers that stand out speak for a check `from_above`; those who check themselves do not hear of them.
    """
    ids = [site.id for site in sites]
    shares, flagged = _shares(ids), _with_open_rectification() | (flagged_ids(ids) if from_above else set())
    made = {}
    for site in sites:
        done = [visit for visit in visits.get(site.id, ()) if visit.done_on and visit.kind in FROM_ABOVE]
        days = [visit.done_on for visit in done if visit.done_on] + ([site.accepted_on] if site.accepted_on else [])
        made[site.id] = Standing(
            last_visit_on=max(days, default=None),
            last_result=done[-1].result if done else None,
            last_share=shares.get(site.id),
            is_flagged=site.being_checked_since is not None or site.id in flagged,
        )
    return made


def _with_open_rectification() -> set[int]:
    rows = select(Case.site_id).where(Case.kind == "rectification", Case.closed_at.is_(None))
    return set(db.session.scalars(rows))


def _shares(ids: Sequence[int]) -> dict[int, Fraction]:
    """The share of all points on the last sheet that somebody from above has handed in, by site id."""
    handed_in = select(
        FilledSheet.id, FilledSheet.site_id, FilledSheet.rulebook_id, FilledSheet.sheet, FilledSheet.total
    ).where(
        among(FilledSheet.site_id, ids),
        FilledSheet.use.in_(("inspection", "acceptance")),
        FilledSheet.submitted_at.is_not(None),
        FilledSheet.total.is_not(None),
    )
    rows = _last_of_site(handed_in, FilledSheet.submitted_at)
    totals = {row.site_id: row for row in db.session.execute(rows)}
    points = {key: _points(*key) for key in {(row.rulebook_id, row.sheet) for row in totals.values()}}
    found = {}
    for site_id, row in totals.items():
        of = points[row.rulebook_id, row.sheet]
        if of:
            found[site_id] = Fraction(row.total) / of
    return found


def _points(rulebook_id: str, sheet_id: str) -> Fraction | None:
    """Null for a tick list, and where the rulebook or its sheet is there no more."""
    with suppress(NoSuchRulebook):
        sheet = load(rulebook_id).score_sheets.get(sheet_id)
        return sheet.points if sheet else None
    return None


def last_checks(site_id: int, before: datetime, limit: int = 3) -> list[Inspection]:
    """The latest inspections of a site that were done before an instant, the latest first."""
    rows = select(Inspection).where(Inspection.site_id == site_id, Inspection.done_at < before)
    return list(db.session.scalars(rows.order_by(Inspection.done_at.desc(), Inspection.id.desc()).limit(limit)))


def inspectors_for(actor: User, union: TradeUnion) -> list[User]:
    """Whom `actor` can ask to inspect for `union`: active accounts of unions and assessors in her own subtree."""
    people = (
        select(User)
        .join(TradeUnion, TradeUnion.id == User.trade_union_id)
        .where(is_in_subtree(actor), User.active.is_(True))
        .order_by(TradeUnion.path, User.username)
    )
    near = union.path
    found = [user for user in db.session.scalars(people) if user.role and user.role != SITE_MANAGER]
    return sorted(found, key=lambda user: (user.id != actor.id, user.trade_union.path != near))
