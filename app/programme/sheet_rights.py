"""What cases and inspections say about the sheets that are filled in for them; registered as a hook of scoring."""

from sqlalchemy import Select

from app.accounts.models import User
from app.db import db
from app.errors import N_, NotFound
from app.programme.cases.models import Case, CaseAssessor
from app.programme.cases.queries import cases_in_scope, get_case
from app.programme.checks.models import Inspection
from app.programme.checks.queries import get_inspection, inspections_in_scope
from app.programme.checks.services import may_inspect
from app.programme.scoring.rights import Occasion, Occasions


def find(user: User, case_id: int | None, inspection_id: int | None) -> Occasion:
    """The occasion of a sheet as this person stands to it. Raises NotFound for what she may not see."""
    case = get_case(user, case_id) if case_id is not None else None
    inspection = get_inspection(user, inspection_id) if inspection_id is not None else None
    sites = {one.site_id for one in (case, inspection) if one is not None}
    if len(sites) != 1:
        raise NotFound(N_("There is no such site"))
    return Occasion(
        sites.pop(),
        is_invited=case is not None and db.session.get(CaseAssessor, (case.id, user.id)) is not None,
        is_inspector=inspection is not None and may_inspect(user, inspection),
        rulebook_digest=case.rulebook_digest if case is not None else None,
    )


def cases(user: User) -> Select[int]:
    """Ids of the cases that a person may see."""
    return cases_in_scope(user).order_by(None).with_only_columns(Case.id)


def inspections(user: User) -> Select[int]:
    """Ids of the inspections that a person may see."""
    return inspections_in_scope(user).order_by(None).with_only_columns(Inspection.id)


OCCASIONS = Occasions(find, cases, inspections)
