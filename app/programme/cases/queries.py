"""Which cases a person may see, and what belongs to one."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import Select, select

from app.accounts.models import TradeUnion, User
from app.accounts.queries import is_in_subtree
from app.db import db
from app.errors import N_, NotFound
from app.programme import decisions
from app.programme.cases.hooks import is_left_behind
from app.programme.cases.models import Case, CaseAssessor, CaseEvent
from app.programme.scoring.models import FilledSheet
from app.programme.transitions import is_pending
from app.rulebooks import Rulebook
from app.sites.models import Site, SiteManager
from app.web import ASSESSOR, SITE_MANAGER


def cases_in_scope(user: User) -> Select[Case]:
    """A site manager's cases are those of her sites, an assessor's those she is invited to, a union's its subtree's.

    The latest moved first.
    """
    cases = select(Case).join(Site, Site.id == Case.site_id)
    if user.role == SITE_MANAGER:
        mine = cases.join(SiteManager, SiteManager.site_id == Site.id).where(SiteManager.user_id == user.id)
    elif user.role == ASSESSOR:
        mine = cases.join(CaseAssessor, CaseAssessor.case_id == Case.id).where(CaseAssessor.user_id == user.id)
    else:
        mine = cases.join(TradeUnion, TradeUnion.id == Site.host_id).where(is_in_subtree(user))
    return mine.order_by(Case.updated_at.desc(), Case.id.desc())


def get_case(user: User, case_id: int) -> Case:
    """The case `case_id`. Raises NotFound when there is none that the person may see."""
    case = db.session.scalar(cases_in_scope(user).where(Case.id == case_id))
    if case is None:
        raise NotFound(N_("There is no such case"))
    return case


def site_of(case: Case) -> Site:
    """The site that a case is about."""
    return db.session.get_one(Site, case.site_id)


def rulebook_of(case: Case) -> Rulebook:
    """The rulebook that a case is carried through under: the text kept when it was opened."""
    return decisions.rulebook_of(case.rulebook_digest)


def events_of(case_id: int) -> list[tuple[CaseEvent, User | None]]:
    """What has happened to a case and who did it, the first act first."""
    rows = (
        select(CaseEvent, User)
        .outerjoin(User, User.id == CaseEvent.actor_id)
        .where(CaseEvent.case_id == case_id)
        .order_by(CaseEvent.number)
    )
    return [(event, user) for event, user in db.session.execute(rows)]


def cases_of(site_id: int, *kinds: str) -> list[Case]:
    """All cases about a site, of all `kinds` unless some are named; the latest first."""
    cases = select(Case).where(Case.site_id == site_id).order_by(Case.id.desc())
    return list(db.session.scalars(cases.where(Case.kind.in_(kinds)) if kinds else cases))


def pending(cases: Iterable[Case], today: date) -> list[Case]:
    """Those of `cases` about which somebody has to do something."""
    waiting = [case for case in cases if is_pending(case.kind, case.state, rulebook_of(case).workflow)]
    return [case for case in waiting if not is_left_behind(case, today)]


def submitted_sheet(site_id: int, use: str, case_id: int | None = None) -> FilledSheet | None:
    """The sheet of a site that was handed in last for a use; with `case_id` only those filled in for that case."""
    sheets = select(FilledSheet).where(
        FilledSheet.site_id == site_id, FilledSheet.use == use, FilledSheet.submitted_at.is_not(None)
    )
    if case_id is not None:
        sheets = sheets.where(FilledSheet.case_id == case_id)
    return db.session.scalar(sheets.order_by(FilledSheet.submitted_at.desc(), FilledSheet.id.desc()).limit(1))


def last_reasons(events: Sequence[tuple[CaseEvent, User | None]]) -> list[dict[str, str]]:
    """Why the case was returned, when that is what has happened to it last."""
    return list(events[-1][0].reasons) if events and events[-1][0].act == "return" else []


def acted_before(case: Case, actor: User, acts: Iterable[str]) -> CaseEvent | None:
    """The first of `acts` that this person has done in this case; None when she has done none of them."""
    mine = select(CaseEvent).where(CaseEvent.case_id == case.id, CaseEvent.actor_id == actor.id)
    return db.session.scalar(mine.where(CaseEvent.act.in_(list(acts))).order_by(CaseEvent.number).limit(1))


def actors_of(case_id: int, acts: Iterable[str]) -> set[int | None]:
    """Ids of the people who have done one of `acts` in a case."""
    actors = select(CaseEvent.actor_id).where(CaseEvent.case_id == case_id, CaseEvent.act.in_(list(acts)))
    return set(db.session.scalars(actors))
