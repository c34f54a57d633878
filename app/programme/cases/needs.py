"""What the transition table's `needs` ask for, each checked by one function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts.models import User
from app.care.models import CombinedPart
from app.db import db
from app.errors import N_, Conflict, Forbidden, Invalid
from app.months import local_date
from app.programme.cases import queries
from app.programme.cases.models import Case, CaseAttachment
from app.programme.transitions import APPLICANT_ACTS, BEFORE, LEVELS, Transition
from app.sites.models import SiteKind

Reasons = Sequence[Mapping[str, str]]
FORM = "form"
FEWEST_PARTS = 2
"""qingdao-2023 art. 6: a combined centre is at least two of the three other kinds together."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An act as it was asked for."""

    actor: User
    case: Case
    row: Transition
    now: datetime
    note: str
    reasons: Reasons
    details: Mapping[str, Any]


def check(asked: Asked) -> None:
    """Ask for everything that the act needs, the form excepted: `services.act` freezes it and so finds what is missing.

    Raises Invalid, Conflict or Forbidden.
    """
    for need in asked.row.needs:
        if need != FORM:
            _CHECKS[need](asked)


def _reasons(asked: Asked) -> None:
    if not asked.reasons:
        message = N_("Say for at least one item what has to be put right")
        raise Invalid(message, {"reasons": message})


def _note(asked: Asked) -> None:
    if not asked.note:
        message = N_("Please say why")
        raise Invalid(N_("This act needs a reason"), {"note": message})


def _evidence(asked: Asked) -> None:
    files = select(CaseAttachment.attachment_id).where(
        CaseAttachment.case_id == asked.case.id,
        CaseAttachment.kind.in_(("evidence", "photo")),
        CaseAttachment.removed_at.is_(None),
    )
    if db.session.scalar(files.limit(1)) is None and not asked.note:
        message = N_("Say what has been done, or add a photo that shows it")
        raise Invalid(message, {"note": message})


def _opener_level(asked: Asked) -> None:
    opening = queries.events_of(asked.case.id)[0]
    opener = opening[1]
    if opening[0].from_state == BEFORE and opener is not None and _level(asked.actor) < _level(opener):
        raise Forbidden(N_("Who has found this, or somebody of her level or above, has to decide"))


def _level(user: User) -> int:
    return LEVELS.index(user.role) if user.role in LEVELS else 0


def _nothing_open(asked: Asked) -> None:
    others = [case for case in queries.cases_of(asked.case.site_id) if case.id != asked.case.id]
    waiting = queries.pending(others, local_date(asked.now))
    if waiting:
        numbers = ", ".join(case.number for case in reversed(waiting))
        message = N_("Other cases about this site are still open: %(numbers)s; finish them first")
        raise Conflict(message, numbers=numbers)


def _self_check(asked: Asked) -> None:
    workflow = queries.rulebook_of(asked.case).workflow
    if not workflow.self_check:
        return
    site = queries.site_of(asked.case)
    ids = _parts(site.id) if site.kind == SiteKind.COMBINED else [site.id]
    sheets = [queries.submitted_sheet(site_id, "self_check") for site_id in ids]
    if len(sheets) < (FEWEST_PARTS if site.kind == SiteKind.COMBINED else 1):
        message = N_("A combined centre needs at least two parts, each with its self-check")
    elif any(sheet is None for sheet in sheets):
        message = N_("The self-check has not been handed in yet")
    elif any(sheet is not None and sheet.is_passed is False for sheet in sheets):
        message = N_("The self-check has not reached the pass mark")
    else:
        return
    raise Invalid(message, {"self_check": message})


def _parts(centre_id: int) -> list[int]:
    return list(db.session.scalars(select(CombinedPart.part_id).where(CombinedPart.centre_id == centre_id)))


def _acceptance(asked: Asked) -> None:
    """The sheet that somebody other than the applicant has filled in there, where the rulebook has one."""
    site, rulebook = queries.site_of(asked.case), queries.rulebook_of(asked.case)
    if rulebook.sheet_for(site.kind, "acceptance", site.premises) is None:
        return
    sheet = queries.submitted_sheet(asked.case.site_id, "acceptance", asked.case.id)
    if sheet is None:
        message = N_("The acceptance sheet of this case has not been handed in yet")
    elif sheet.is_passed is False:
        message = N_("The acceptance sheet has not reached the pass mark; return the case or refuse it")
    elif sheet.filled_by_id in queries.actors_of(asked.case.id, APPLICANT_ACTS):
        message = N_("The acceptance sheet was filled in by the applicant herself")
    else:
        return
    raise Invalid(message, {"acceptance": message})


_CHECKS: Mapping[str, Callable[[Asked], None]] = {
    "self_check": _self_check,
    "acceptance": _acceptance,
    "reasons": _reasons,
    "note": _note,
    "evidence": _evidence,
    "opener_level": _opener_level,
    "nothing_open": _nothing_open,
}
