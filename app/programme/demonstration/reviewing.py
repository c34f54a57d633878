"""The panel's part: members score, somebody looks for herself, candidates are nominated (qingdao-2023 art. 17)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select

from app.accounts.models import TradeUnion, User
from app.accounts.queries import users_in_scope
from app.db import db
from app.errors import N_, Conflict, Forbidden, Invalid
from app.programme import decisions
from app.programme.cases import queries as cases
from app.programme.cases.hooks import requirement
from app.programme.cases.models import Case, CaseAssessor
from app.programme.demonstration import queries
from app.programme.demonstration.applying import KIND, call_of
from app.programme.demonstration.looking import looks_at
from app.programme.demonstration.models import DemonstrationCall, PanelScore
from app.programme.demonstration.queries import Application
from app.programme.demonstration.services import lock, require_open, require_own
from app.programme.models import Decision
from app.programme.scoring.models import FilledSheet
from app.web import ASSESSOR

MOST_POINTS = Decimal(100)
LONGEST_REMARK = 600
OPEN_STATES = ("recommended", "candidate")
JUDGING = ("open", "apply", "recommend")


@dataclass(frozen=True, slots=True)
class Marks:
    """What the panel has given one application. `mean` and `spread` (highest minus lowest) are null without scores."""

    scores: tuple[tuple[PanelScore, str], ...]

    @property
    def mean(self) -> Decimal | None:
        """The mean of the members' points, to two places."""
        points = [score.points for score, _ in self.scores]
        return (sum(points, Decimal(0)) / len(points)).quantize(Decimal("0.01")) if points else None

    @property
    def spread(self) -> Decimal | None:
        """How far the members are apart."""
        points = [score.points for score, _ in self.scores]
        return max(points) - min(points) if points else None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One application as the panel sees it."""

    application: Application
    marks: Marks
    decision: Decision | None
    looks: tuple[Any, ...]
    sheets: tuple[FilledSheet, ...]

    @property
    def case(self) -> Case:
        """Its case."""
        return self.application.case


def candidates(user: User, call: DemonstrationCall) -> list[Candidate]:
    """What has come before the panel and this person may see: by mean points, the unscored last, then rank.

    Where districts call themselves, everything handed in is before the panel.
    """
    states: tuple[str, ...] = queries.IN_REVIEW
    if queries.rulebook_of(call).workflow.call_by_district:
        states = ("submitted", *states)
    found = [_candidate(one) for one in queries.applications(user, call, states)]
    return sorted(found, key=lambda one: (one.marks.mean is None, -(one.marks.mean or 0)))


def _candidate(application: Application) -> Candidate:
    case = application.case
    sheets = select(FilledSheet).where(FilledSheet.case_id == case.id, FilledSheet.submitted_at.is_not(None))
    return Candidate(
        application,
        marks_of(case.id),
        decisions.latest_of(case.id),
        tuple(looks_at(case)),
        tuple(db.session.scalars(sheets.order_by(FilledSheet.id))),
    )


def marks_of(case_id: int) -> Marks:
    """The latest score of each member for an application, by name."""
    rows = (
        select(PanelScore, User.display_name, User.username)
        .join(User, User.id == PanelScore.assessor_id)
        .where(PanelScore.case_id == case_id)
        .order_by(PanelScore.number)
    )
    latest = {score.assessor_id: (score, display or name) for score, display, name in db.session.execute(rows)}
    return Marks(tuple(sorted(latest.values(), key=lambda pair: pair[1])))


def score(actor: User, case: Case, points: str, remark: str, now: datetime) -> PanelScore:
    """What one member of the panel gives an application, 0 to 100; a later score of hers takes its place.

    Raises Conflict when the panel has not got it or she is not on it, Forbidden for who has applied or recommended,
    `Invalid` naming ``points`` or ``remark``.
    """
    call = call_of(case)
    require_open(call)
    if not may_score(actor, call):
        raise Conflict(N_("Only members of the panel give points"))
    if case.state not in before_panel(call):
        raise Conflict(N_("This application is not before the panel"))
    if cases.acted_before(case, actor, JUDGING) is not None:
        raise Forbidden(N_("You have applied or recommended here; another person has to judge it"))
    given = _points(points)
    if len(remark) > LONGEST_REMARK or "\0" in remark:
        message = N_("This text is longer than %(longest)s characters")
        raise Invalid(message, {"remark": message}, longest=LONGEST_REMARK)
    number = 1 + len(_scores_of(case.id, actor.id))
    made = PanelScore(
        case_id=case.id, assessor_id=actor.id, number=number, points=given, remark=remark.strip(), scored_at=now
    )
    db.session.add(made)
    db.session.flush()
    return made


def may_score(actor: User, call: DemonstrationCall) -> bool:
    """Whether a person sits on the panel: invited assessors, and the union that has called."""
    return actor.role == ASSESSOR or (
        actor.trade_union_id == call.trade_union_id and actor.role == f"{queries.union_of(call).level}_union"
    )


def before_panel(call: DemonstrationCall) -> tuple[str, ...]:
    """States of applications that the panel may look at, score and decide about."""
    return ("submitted", *OPEN_STATES) if queries.rulebook_of(call).workflow.call_by_district else OPEN_STATES


def _scores_of(case_id: int, user_id: int) -> Sequence[PanelScore]:
    own = select(PanelScore).where(PanelScore.case_id == case_id, PanelScore.assessor_id == user_id)
    return db.session.scalars(own.order_by(PanelScore.number)).all()


def own_score(case_id: int, user: User) -> PanelScore | None:
    """The score in force that a person has given."""
    made = _scores_of(case_id, user.id)
    return made[-1] if made else None


def _points(text: str) -> Decimal:
    try:
        points = Decimal(text.strip())
    except InvalidOperation:
        points = Decimal(-1)
    if not points.is_finite() or not 0 <= points <= MOST_POINTS or points != points.quantize(Decimal("0.01")):
        message = N_("Points are a number from 0 to 100 with at most two decimals")
        raise Invalid(message, {"points": message})
    return points


def assessors_for(user: User) -> list[User]:
    """The assessors whom a person may invite."""
    found = db.session.scalars(users_in_scope(user).where(User.active)).unique()
    return [one for one in found if one.role == ASSESSOR]


def invited_to(call: DemonstrationCall) -> list[User]:
    """The assessors who are invited to a call, by name."""
    ids = select(CaseAssessor.user_id).join(Case, Case.id == CaseAssessor.case_id).where(Case.call_id == call.id)
    return list(db.session.scalars(select(User).where(User.id.in_(ids)).order_by(User.display_name, User.username)))


def invite(actor: User, call: DemonstrationCall, user_id: int, now: datetime) -> User:
    """Let an assessor see and score all that is before the panel, also what comes before it later.

    Raises Conflict while nothing is, `Invalid` naming ``assessor``.
    """
    require_own(actor, call)
    require_open(call)
    person = next((one for one in assessors_for(actor) if one.id == user_id), None)
    if person is None:
        message = N_("Choose one of the assessors")
        raise Invalid(message, {"assessor": message})
    found = queries.cases_of_call(call.id, *before_panel(call))
    if not found:
        raise Conflict(N_("Nothing is before the panel yet; invite assessors once something has been recommended"))
    for case in found:
        let_see(case, person.id, actor.id, now)
    db.session.flush()
    return person


def let_see(case: Case, user_id: int, by_id: int | None, now: datetime) -> None:
    """Invite an assessor to one case, once."""
    if db.session.get(CaseAssessor, (case.id, user_id)) is None:
        db.session.add(CaseAssessor(case_id=case.id, user_id=user_id, invited_at=now, invited_by_id=by_id))


@requirement(KIND, "nominate")
def _may_nominate(actor: User, case: Case, _now: datetime, _details: Mapping[str, Any]) -> None:
    call = call_of(case)
    lock(call)
    require_own(actor, call)
    require_open(call)
    taken = len(queries.cases_of_call(call.id, "candidate", "titled"))
    if call.places is not None and taken >= call.places:
        raise Conflict(N_("All %(places)s places are taken"), places=call.places)


def recommending_union(case: Case) -> TradeUnion:
    """The district union that an application comes through."""
    return queries.district_of(cases.site_of(case))
