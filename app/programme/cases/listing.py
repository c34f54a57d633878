"""The list of cases: what waits for the person first, then the others, the latest moved first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Select, or_, select

from app.accounts.models import TradeUnion, User
from app.db import db
from app.months import SHANGHAI
from app.programme.cases import presenting, queries
from app.programme.cases.models import Case
from app.programme.transitions import KINDS, RESTING, TRANSITIONS, states
from app.sites.models import Site

PAGE_SIZE = 30
LONGEST_SEARCH = 100
MOST_MINE = 100
"""What waits for one person is read up to this many."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is limited to; empty texts and 0 for no limit."""

    kind: str = ""
    state: str = ""
    year: int = 0
    page: int = 1
    q: str = ""
    """Part of the site's name, of its host's name or of the case's number."""


@dataclass(frozen=True, slots=True)
class Row:
    """One case on the list."""

    case: Case
    site: Site
    situation: presenting.Situation


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the list. `mine` are on the first page only, and not among `others` there."""

    mine: list[Row]
    others: list[Row]
    has_more: bool


def read_filter(values: Mapping[str, str]) -> Wanted:
    """The filter of a query string; what nobody can have meant is left out."""
    kind = values.get("kind", "")
    kind = kind if kind in KINDS else ""
    state = values.get("state", "")
    page, year = (_number(values.get(name, "")) for name in ("page", "year"))
    state = state if kind and state in states(kind) else ""
    text = " ".join(values.get("q", "").replace("\0", "").split())[:LONGEST_SEARCH]
    return Wanted(kind, state, year if 2000 <= year < 2100 else 0, page or 1, text)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def read_list(user: User, wanted: Wanted, today: date) -> Found:
    """The page that is wanted."""
    cases = _filtered(queries.cases_in_scope(user), wanted)
    mine = [row for row in _rows(user, hers(user, cases), today) if row.situation.is_hers]
    mine.sort(key=lambda row: (row.case.due_on or date.max, row.case.id))
    others = cases.where(Case.id.not_in([row.case.id for row in mine])) if mine else cases
    page = others.limit(PAGE_SIZE + 1).offset((wanted.page - 1) * PAGE_SIZE)
    rows = list(db.session.scalars(page))
    shown = _rows(user, rows[:PAGE_SIZE], today)
    return Found(mine if wanted.page == 1 else [], shown, len(rows) > PAGE_SIZE)


def hers(user: User, cases: Select[Case]) -> list[Case]:
    """The cases in states in which the main thing may be hers, whatever the rulebook; at most `MOST_MINE`.

    What is due first comes first: of more than can be shown, the most pressing are never those left out.
    """
    rows = [row for row in TRANSITIONS if user.role in row.roles and row.act not in presenting.SIDE_ACTS]
    wanted = {(row.kind, row.state) for row in rows if row.state} - RESTING
    by_kind = [(Case.kind == kind) & Case.state.in_([s for k, s in wanted if k == kind]) for kind in KINDS]
    pressing = (Case.due_on.is_(None), Case.due_on, Case.updated_at, Case.id)
    return list(db.session.scalars(cases.where(or_(*by_kind)).order_by(None).order_by(*pressing).limit(MOST_MINE)))


def _filtered(cases: Select[Case], wanted: Wanted) -> Select[Case]:
    if wanted.q:
        found = select(Site.id).join(TradeUnion, TradeUnion.id == Site.host_id)
        named = or_(*(name.contains(wanted.q, autoescape=True) for name in (Site.name, TradeUnion.name)))
        numbered = Case.number.contains(wanted.q.upper(), autoescape=True)
        cases = cases.where(or_(numbered, Case.site_id.in_(found.where(named))))
    if wanted.kind:
        cases = cases.where(Case.kind == wanted.kind)
    if wanted.state:
        cases = cases.where(Case.state == wanted.state)
    if wanted.year:
        years = (wanted.year, wanted.year + 1)
        first, after = (datetime(year, 1, 1, tzinfo=SHANGHAI).astimezone(UTC) for year in years)
        cases = cases.where(Case.opened_at >= first, Case.opened_at < after)
    return cases


def _rows(user: User, cases: list[Case], today: date) -> list[Row]:
    ids = {case.site_id for case in cases}
    sites = {site.id: site for site in db.session.scalars(select(Site).where(Site.id.in_(ids)))} if ids else {}
    return [
        Row(case, sites[case.site_id], presenting.situation(case, user, queries.rulebook_of(case), today))
        for case in cases
    ]
