"""Looks at a site under a call, there or by video: the district's visit, the panel's spot check (art. 17)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from app.accounts.models import User
from app.db import Model, db
from app.errors import N_, Conflict, Forbidden, Invalid
from app.months import local_date
from app.programme import recounts
from app.programme.cases import queries as cases
from app.programme.cases.models import Case
from app.programme.demonstration import queries
from app.programme.demonstration.applying import call_of
from app.programme.demonstration.services import require_open
from app.programme.recounts import Recount
from app.programme.scoring.models import FilledSheet
from app.web import DISTRICT_UNION

MODES, RESULTS = ("on_site", "video"), ("passed", "rectify", "failed")
LONGEST_NOTE = 1000
STATES = ("submitted", "recommended", "candidate")


def looks_at(case: Case) -> Sequence[Any]:
    """What has been looked at under the call, the latest first: rows of the table of inspections and who did it."""
    table = Model.metadata.tables["inspection"]  # its model belongs to a part that is built on this one
    rows = select(table, User.display_name, User.username).join(User, User.id == table.c.done_by_id)
    rows = rows.where(table.c.call_id == case.call_id, table.c.site_id == case.site_id, table.c.done_at.is_not(None))
    return db.session.execute(rows.order_by(table.c.id.desc())).all()


def sheets_for(case: Case) -> list[FilledSheet]:
    """The score sheets handed in for an application, in the order in which they came."""
    sheets = select(FilledSheet).where(FilledSheet.case_id == case.id, FilledSheet.submitted_at.is_not(None))
    return list(db.session.scalars(sheets.order_by(FilledSheet.id)))


def has_been_visited(case: Case) -> bool:
    """Whether somebody other than the applicant has looked at the site for this application."""
    applicants = cases.actors_of(case.id, ("open", "apply"))
    by_sheet = any(one.use != "self_check" and one.filled_by_id not in applicants for one in sheets_for(case))
    return by_sheet or any(row.done_by_id not in applicants for row in looks_at(case))


def may_record(actor: User, case: Case) -> bool:
    """Whether a person looks at the site for the call: its district while it recommends, then who has called."""
    call = call_of(case)
    level = queries.union_of(call).level
    calls = actor.trade_union_id == call.trade_union_id and actor.role == f"{level}_union"
    district = queries.district_of(cases.site_of(case))
    return calls or (actor.role == DISTRICT_UNION and actor.trade_union_id == district.id)


def record(
    actor: User, case: Case, *, mode: str, result: str, note: str, now: datetime, recount: Recount | None = None
) -> None:
    """Record that somebody has looked at the site of an application, there or by video, and what she has recounted.

    Raises Conflict when it is not hers to look at now, Forbidden for the applicant, `Invalid` naming ``mode``,
    ``result`` or ``note``.
    """
    call = call_of(case)
    require_open(call)
    if case.state not in STATES:
        raise Conflict(N_("This application is not being judged"))
    if not may_record(actor, case):
        raise Conflict(N_("The district that recommends looks at the site, and the union that has called"))
    if cases.acted_before(case, actor, ("open", "apply")) is not None:
        raise Forbidden(N_("You have handed this in yourself; another person has to judge it"))
    _check(mode, result, note)
    kind = "supervision" if actor.trade_union_id == call.trade_union_id else "spot_check"
    row = {
        "site_id": case.site_id, "trade_union_id": actor.trade_union_id, "kind": kind, "year": local_date(now).year,
        "due_on": local_date(now), "call_id": call.id, "inspector_id": actor.id, "mode": mode, "planned_at": now,
        "planned_by_id": actor.id, "done_at": now, "done_by_id": actor.id, "result": result, "note": note.strip(),
        "plan_reason": "", "findings": [], "cancel_reason": "", **recounts.columns(case.site_id, recount),
    }  # fmt: skip
    db.session.execute(insert(Model.metadata.tables["inspection"]).values(row))


def _check(mode: str, result: str, note: str) -> None:
    message = N_("Choose one of the answers")
    for name, value, known in (("mode", mode, MODES), ("result", result, RESULTS)):
        if value not in known:
            raise Invalid(message, {name: message})
    if not note.strip() or len(note) > LONGEST_NOTE or "\0" in note:
        message = N_("Write what was seen, in at most 1000 characters")
        raise Invalid(message, {"note": message})
