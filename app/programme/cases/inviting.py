"""Inviting assessors (专家组, 第三方) to single cases."""

from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Role, User
from app.accounts.queries import users_in_scope
from app.db import db
from app.errors import N_, Conflict, Forbidden, Invalid
from app.programme.cases import queries
from app.programme.cases.models import Case, CaseAssessor
from app.programme.transitions import is_final
from app.web import ASSESSOR, DISTRICT_UNION, MUNICIPAL_UNION

INVITING = (DISTRICT_UNION, MUNICIPAL_UNION)


def invited_to(case: Case) -> list[User]:
    """The assessors of a case."""
    people = select(User).join(CaseAssessor, CaseAssessor.user_id == User.id).where(CaseAssessor.case_id == case.id)
    return list(db.session.scalars(people.order_by(User.id)))


def may_invite(case: Case, user: User) -> bool:
    """Whether a person invites assessors to this case."""
    return user.role in INVITING and not is_final(case.kind, case.state, queries.rulebook_of(case).workflow)


def candidates(case: Case, user: User) -> list[User]:
    """The assessors in the person's subtree who are not invited yet."""
    if not may_invite(case, user):
        return []
    there = {one.id for one in invited_to(case)}
    people = users_in_scope(user).where(User.roles.any(Role.name == ASSESSOR), User.active)
    return [one for one in db.session.scalars(people) if one.id not in there]


def invite(actor: User, case: Case, user_id: int | None, now: datetime) -> None:
    """Let an assessor see the case and fill in its sheets.

    Raises Forbidden, Conflict when the case is over, Invalid for a person who is no assessor of the actor's unions.
    """
    if actor.role not in INVITING:
        raise Forbidden(N_("Only a district or municipal union invites assessors"))
    if not may_invite(case, actor):
        raise Conflict(N_("This case is over; nobody can be invited"))
    if user_id not in {one.id for one in candidates(case, actor)}:
        message = N_("Choose an assessor who has an account at one of your unions")
        raise Invalid(message, {"user_id": message})
    db.session.add(CaseAssessor(case_id=case.id, user_id=user_id, invited_at=now, invited_by_id=actor.id))
    db.session.flush()


def uninvite(case: Case, user_id: int) -> None:
    """Take an invitation back; none, and nothing happens. What the assessor has handed in stays."""
    invitation = db.session.get(CaseAssessor, (case.id, user_id))
    if invitation is not None:
        db.session.delete(invitation)
        db.session.flush()
