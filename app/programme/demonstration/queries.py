"""Calls, applications and titles that a person may see."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, or_, select

from app.accounts.models import TradeUnion, UnionLevel, User
from app.accounts.queries import is_in_subtree
from app.db import db
from app.errors import N_, NotFound
from app.programme import decisions
from app.programme.cases.models import Case, CaseAssessor
from app.programme.cases.queries import cases_in_scope
from app.programme.demonstration.models import DemonstrationCall, Title
from app.rulebooks import Rulebook
from app.sites.models import Site, SiteStatus
from app.sites.queries import sites_in_scope
from app.web import ASSESSOR

IN_REVIEW = ("recommended", "candidate", "titled", "not_selected", "revoked")
"""States of applications that have come before the panel."""
PLACED = ("submitted", *IN_REVIEW)
"""States of applications that have a place in their district's ranking."""


@dataclass(frozen=True, slots=True)
class Application:
    """A demonstration case with its site, the union that hosts it and the one that recommends it."""

    case: Case
    site: Site
    district: TradeUnion


def calls_in_scope(user: User) -> Select[DemonstrationCall]:
    """The calls of unions above, at and below the person's own; an assessor's are those of cases she is invited to."""
    calls = select(DemonstrationCall).join(TradeUnion, TradeUnion.id == DemonstrationCall.trade_union_id)
    if user.role == ASSESSOR:
        mine = calls.where(DemonstrationCall.id.in_(_calls_invited_to(user)))
    else:
        mine = calls.where(or_(_is_above(user.trade_union), is_in_subtree(user)))
    return mine.order_by(DemonstrationCall.opens_on.desc(), DemonstrationCall.id.desc())


def _calls_invited_to(user: User) -> Select[int | None]:
    invited = select(Case.call_id).join(CaseAssessor, CaseAssessor.case_id == Case.id)
    return invited.where(CaseAssessor.user_id == user.id, Case.call_id.is_not(None))


def _is_above(union: TradeUnion) -> ColumnElement[bool]:
    return TradeUnion.id.in_([int(part) for part in union.path.strip("/").split("/") if part])


def get_call(user: User, call_id: int) -> DemonstrationCall:
    """The call `call_id`. Raises NotFound when there is none that the person may see."""
    call = db.session.scalar(calls_in_scope(user).where(DemonstrationCall.id == call_id))
    if call is None:
        raise NotFound(N_("There is no such call"))
    return call


def union_of(call: DemonstrationCall) -> TradeUnion:
    """The union that has called."""
    return db.session.get_one(TradeUnion, call.trade_union_id)


def rulebook_of(call: DemonstrationCall) -> Rulebook:
    """The rulebook that the whole call is carried through under."""
    return decisions.rulebook_of(call.rulebook_digest)


def districts_of(call: DemonstrationCall) -> list[TradeUnion]:
    """The unions that recommend: those of the district level directly below the calling one; none when it is one."""
    return districts_below(union_of(call))


def districts_below(union: TradeUnion) -> list[TradeUnion]:
    """The district unions directly below one, by code."""
    below = select(TradeUnion).where(TradeUnion.parent_id == union.id, TradeUnion.level == UnionLevel.DISTRICT)
    return list(db.session.scalars(below.order_by(TradeUnion.code)))


def district_of(site: Site) -> TradeUnion:
    """The district union that a site belongs to; its host itself where none is above it."""
    ids = [int(part) for part in site.host.path.strip("/").split("/")]
    above = select(TradeUnion).where(TradeUnion.id.in_(ids), TradeUnion.level == UnionLevel.DISTRICT)
    return db.session.scalar(above.order_by(TradeUnion.path.desc()).limit(1)) or site.host


def applications(user: User, call: DemonstrationCall, states: Iterable[str] = ()) -> list[Application]:
    """The applications under a call that the person may see: by district, rank, then number."""
    cases = cases_in_scope(user).where(Case.call_id == call.id, Case.kind == "demonstration")
    wanted = list(states)
    found = db.session.scalars(cases.where(Case.state.in_(wanted)) if wanted else cases)
    return in_order([case for case in found if not wanted or case.state in wanted])


def in_order(cases: Iterable[Case]) -> list[Application]:
    """Cases as applications: by district, rank, then number."""
    known = list(cases)
    ids = {case.site_id for case in known}
    sites = {site.id: site for site in db.session.scalars(select(Site).where(Site.id.in_(ids)))}
    districts = {site.host_id: district_of(site) for site in {site.host_id: site for site in sites.values()}.values()}
    found = [Application(case, sites[case.site_id], districts[sites[case.site_id].host_id]) for case in known]
    return sorted(found, key=lambda one: (one.district.path, one.case.rank is None, one.case.rank or 0, one.case.id))


def places_of(call_id: int) -> dict[int, int]:
    """Where each application under a call stands in its district, from 1 without gaps, by case id.

    Those that were declined, returned or withdrawn have no place and leave none empty.
    """
    places, taken = dict[int, int](), Counter[int]()
    for one in in_order(cases_of_call(call_id, *PLACED)):
        taken[one.district.id] += 1
        places[one.case.id] = taken[one.district.id]
    return places


def cases_of_call(call_id: int, *states: str) -> list[Case]:
    """Every application under a call in one of some states, whoever asks; by number."""
    cases = select(Case).where(Case.call_id == call_id, Case.kind == "demonstration", Case.state.in_(states))
    return list(db.session.scalars(cases.order_by(Case.id)))


def quota_of(call: DemonstrationCall, district: TradeUnion) -> int | None:
    """How many a district may recommend; None where nothing limits it."""
    return call.quotas.get(str(district.id))


def titles_in_scope(user: User) -> list[tuple[Title, Site]]:
    """The titles of the sites that a person may see, the youngest first."""
    ids = sites_in_scope(user).with_only_columns(Site.id).order_by(None)
    rows = select(Title, Site).join(Site, Site.id == Title.site_id).where(Title.site_id.in_(ids))
    return [
        (title, site) for title, site in db.session.execute(rows.order_by(Title.granted_on.desc(), Title.id.desc()))
    ]


def get_title(user: User, title_id: int) -> Title:
    """The title `title_id`. Raises NotFound when it is of no site that the person may see."""
    ids = sites_in_scope(user).with_only_columns(Site.id).order_by(None)
    title = db.session.scalar(select(Title).where(Title.id == title_id, Title.site_id.in_(ids)))
    if title is None:
        raise NotFound(N_("There is no such title"))
    return title


def titles_of(site_id: int) -> list[Title]:
    """All titles of a site, revoked ones included; the youngest first."""
    titles = select(Title).where(Title.site_id == site_id)
    return list(db.session.scalars(titles.order_by(Title.granted_on.desc(), Title.id.desc())))


def standing_titles(site_ids: Sequence[int], on: date) -> dict[int, list[Title]]:
    """The titles in force on a local date, by site id."""
    titles = select(Title).where(
        Title.site_id.in_(site_ids), Title.granted_on <= on, or_(Title.revoked_on.is_(None), Title.revoked_on > on)
    )
    found: dict[int, list[Title]] = {}
    for title in db.session.scalars(titles.order_by(Title.granted_on.desc(), Title.id.desc())):
        found.setdefault(title.site_id, []).append(title)
    return found


def published_titles(on: date) -> list[tuple[Title, Site]]:
    """Every title in force on a local date with its site, as the notices have named them; the latest year first.

    What is deregistered holds none any more.
    """
    rows = (
        select(Title, Site)
        .join(Site, Site.id == Title.site_id)
        .where(Title.granted_on <= on, or_(Title.revoked_on.is_(None), Title.revoked_on > on))
        .where(Site.status != SiteStatus.CLOSED)
        .order_by(Title.year.desc(), Site.name, Title.id)
    )
    return [(title, site) for title, site in db.session.execute(rows)]
