"""What cases and inspections say about the sheets that are filled in for them; registered as a hook of scoring."""

from sqlalchemy import ColumnElement, Select, and_, or_, select

from app.accounts.models import User
from app.accounts.queries import is_union_account
from app.db import db
from app.errors import N_, NotFound
from app.programme.cases.models import Case, CaseAssessor
from app.programme.cases.queries import cases_in_scope, get_case
from app.programme.checks.models import Inspection
from app.programme.scoring.rights import Occasion, Occasions


def find(user: User, case_id: int | None, inspection_id: int | None) -> Occasion:
    """The occasion of a sheet as this person stands to it. Raises NotFound for what she may not see."""
    site_ids, is_invited, is_inspector, digest = set(), False, False, None
    if case_id is not None:
        case = get_case(user, case_id)
        site_ids.add(case.site_id)
        digest = case.rulebook_digest
        is_invited = db.session.get(CaseAssessor, (case_id, user.id)) is not None
    if inspection_id is not None:
        inspection = db.session.scalar(select(Inspection).where(Inspection.id == inspection_id, _is_hers(user)))
        if inspection is None:
            raise NotFound(N_("There is no such inspection"))
        site_ids.add(inspection.site_id)
        is_inspector = True
    if len(site_ids) != 1:
        raise NotFound(N_("There is no such inspection"))
    return Occasion(site_ids.pop(), is_invited, is_inspector, digest)


def _is_hers(user: User) -> ColumnElement[bool]:
    nobodys = and_(Inspection.inspector_id.is_(None), Inspection.trade_union_id == user.trade_union_id)
    mine = Inspection.inspector_id == user.id
    return and_(Inspection.cancelled_at.is_(None), or_(mine, nobodys) if is_union_account(user) else mine)


def cases(user: User) -> Select[int]:
    """Ids of the cases that a person may see."""
    return cases_in_scope(user).order_by(None).with_only_columns(Case.id)


def inspections(user: User) -> Select[int]:
    """Ids of the inspections that a person makes."""
    return select(Inspection.id).where(_is_hers(user))


OCCASIONS = Occasions(find, cases, inspections)
