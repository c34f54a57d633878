"""What the page of a call shows to one person: her sites, her district's ranking, or the panel's table."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from app.accounts.models import TradeUnion, User
from app.db import db
from app.programme import decisions, grades
from app.programme.cases.models import Case
from app.programme.demonstration import queries, ranking, reviewing, services
from app.programme.demonstration.applying import judged
from app.programme.demonstration.checking import RequiredCheck, required_check
from app.programme.demonstration.looking import has_been_visited
from app.programme.demonstration.models import DemonstrationCall
from app.programme.demonstration.queries import Application
from app.programme.demonstration.reviewing import Candidate
from app.programme.demonstration.stages import is_left_behind
from app.programme.grades import Evidence
from app.programme.models import Decision
from app.rulebooks import Report
from app.sites.models import Site, SiteStatus
from app.sites.queries import sites_in_scope
from app.web import ASSESSOR, DISTRICT_UNION, MUNICIPAL_UNION, SITE_MANAGER, UNIT_UNION

MOST_SITES = 100


@dataclass(frozen=True, slots=True)
class OwnSite:
    """A site that could apply: how it stands today, the application it has, and whether it holds the title."""

    site: Site
    report: Report | None
    case: Case | None
    has_title: bool
    is_left_behind: bool


@dataclass(frozen=True, slots=True)
class Ranked:
    """One application in a district's ranking."""

    application: Application
    decision: Decision | None
    is_visited: bool
    check: RequiredCheck | None
    evidence: Evidence
    place: int


@dataclass(slots=True)
class Board:
    """The parts of the page; empty where they are not for this person. `quota` is null without a limit."""

    own_sites: list[OwnSite] = field(default_factory=list)
    may_apply: bool = False
    district: TradeUnion | None = None
    ranking: list[Ranked] = field(default_factory=list)
    quota: int | None = None
    recommended: int = 0
    is_calling: bool = False
    on_panel: bool = False
    candidates: list[Candidate] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)
    checks: dict[int, RequiredCheck] = field(default_factory=dict)
    evidence: dict[int, Evidence] = field(default_factory=dict)
    own_points: dict[int, str] = field(default_factory=dict)
    undecided: int = 0
    taken: int = 0
    assessors: list[User] = field(default_factory=list)
    invited: list[User] = field(default_factory=list)
    districts: list[tuple[TradeUnion, int | None, Counter[str]]] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)


def board_of(user: User, call: DemonstrationCall, today: date) -> Board:
    """What the person sees of a call and may do about it."""
    board = Board()
    union = queries.union_of(call)
    board.is_calling = user.trade_union_id == union.id and user.role == f"{union.level}_union"
    board.on_panel = reviewing.may_score(user, call)
    if user.role in (SITE_MANAGER, UNIT_UNION):
        _own_sites(board, user, call, today)
    if user.role == DISTRICT_UNION and not queries.rulebook_of(call).workflow.call_by_district:
        _ranking(board, user, call, today)
    if board.is_calling or user.role in (ASSESSOR, MUNICIPAL_UNION):
        _panel(board, user, call, today)
    if board.is_calling:
        _steering(board, user, call)
    return board


def _own_sites(board: Board, user: User, call: DemonstrationCall, today: date) -> None:
    rulebook = queries.rulebook_of(call)
    sites = db.session.scalars(sites_in_scope(user).where(Site.status != SiteStatus.CLOSED).limit(MOST_SITES)).all()
    ids = [site.id for site in sites]
    mine = select(Case).where(Case.call_id == call.id, Case.site_id.in_(ids)).order_by(Case.id)
    cases = {case.site_id: case for case in db.session.scalars(mine)}
    titled = queries.standing_titles(ids, today)
    left = {key for key, case in cases.items() if is_left_behind(case.state, call, today)}
    board.may_apply = True
    board.own_sites = [
        OwnSite(site, judged(site, rulebook, today), cases.get(site.id), site.id in titled, site.id in left)
        for site in sites
        if site.kind in rulebook.kinds
    ]


def _ranking(board: Board, user: User, call: DemonstrationCall, today: date) -> None:
    district = user.trade_union
    board.district, board.quota = district, queries.quota_of(call, district)
    board.recommended = len(services.recommended(call, district))
    ranked = ranking.ranked(user, call, district)
    found, places = grades.evidence_of([one.case.site_id for one in ranked], today), queries.places_of(call.id)
    board.ranking = [
        Ranked(
            one, decisions.latest_of(one.case.id), has_been_visited(one.case),
            required_check(one.case) if one.case.state == "submitted" else None,
            grades.of_site(found, one.case.site_id), places[one.case.id],
        )
        for one in ranked
    ]  # fmt: skip
    board.states = Counter(one.case.state for one in queries.applications(user, call))


def _panel(board: Board, user: User, call: DemonstrationCall, today: date) -> None:
    board.candidates, board.places = reviewing.candidates(user, call), queries.places_of(call.id)
    board.evidence = grades.evidence_of([one.case.site_id for one in board.candidates], today)
    board.checks = {one.case.id: required_check(one.case) for one in board.candidates if one.case.state == "submitted"}
    for one in board.candidates:
        own = reviewing.own_score(one.case.id, user)
        if own is not None:
            board.own_points[one.case.id] = f"{own.points.normalize():f}"
    board.undecided = sum(one.case.state in ("submitted", "recommended") for one in board.candidates)
    board.taken = sum(one.case.state in ("candidate", "titled") for one in board.candidates)


def _steering(board: Board, user: User, call: DemonstrationCall) -> None:
    board.invited = reviewing.invited_to(call)
    there = {person.id for person in board.invited}
    board.assessors = [person for person in reviewing.assessors_for(user) if person.id not in there]
    found = queries.applications(user, call)
    board.states = Counter(one.case.state for one in found)
    for district in queries.districts_of(call):
        states = Counter(one.case.state for one in found if one.district.id == district.id)
        board.districts.append((district, queries.quota_of(call, district), states))
