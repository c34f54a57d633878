"""What has to be put right, as a case (qingdao-2023 art. 13-14): after an inspection, a report, a case, or by hand."""

from collections.abc import Sequence
from datetime import date, datetime
from textwrap import wrap
from typing import Any

from sqlalchemy import exists, select

from app.accounts.models import User
from app.accounts.queries import is_union_account
from app.db import db
from app.errors import N_, Conflict
from app.months import local_date
from app.programme import services as programme
from app.programme.cases.models import Case
from app.programme.cases.queries import get_case
from app.programme.cases.services import open_case
from app.programme.checks import services
from app.programme.checks.models import Inspection
from app.programme.checks.services import FAILED, MOST_FINDINGS, RECTIFY, Findings
from app.rulebooks import Rulebook, load
from app.sites.models import Site
from app.sites.services import lock

LONGEST_FINDING = 400


def rulebook_of(site: Site, now: datetime, default: str) -> Rulebook:
    """The rulebook in force for a site today."""
    return load(programme.rulebook_for(site, local_date(now), default))


def demand(
    actor: User, site: Site, findings: Findings, *, now: datetime, default: str, inspection_id: int | None = None,
    origin_id: int | None = None, report_id: int | None = None,
) -> Case:  # fmt: skip
    """Ask the site's people to put `findings` right, each ``{"item": code, "text": …}``, by the rulebook's deadline.

    The same findings, asked for twice before anything was done about them, are one case: people press twice. Raises
    Invalid naming ``findings`` when there is none, and whatever opening a case raises.
    """
    said = [
        {"item": one.get("item", "")[:80], "text": services.text(one.get("text", ""), "findings", LONGEST_FINDING)}
        for one in findings
    ]
    said = [one for one in said if one["text"]][:MOST_FINDINGS]
    if not said:
        raise services.wrong("findings", N_("Please write down what has to be put right"))
    details: dict[str, Any] = {"findings": said}
    if report_id is not None:
        details["report_id"] = report_id
    lock(site)
    for case in open_cases_of(site.id):
        if case.state == "open" and case.details == details and case.inspection_id == inspection_id:
            return case
    return open_case(
        actor, "rectification", site, details, rulebook=rulebook_of(site, now, default), now=now,
        origin_id=origin_id, inspection_id=inspection_id,
    )  # fmt: skip


def demand_after(actor: User, inspection: Inspection, *, now: datetime, default: str) -> Case:
    """The rectification of what an inspection has found. Raises Conflict when there is nothing, or one already."""
    if inspection.result not in (RECTIFY, FAILED):
        raise Conflict(N_("This inspection has found nothing that has to be put right"))
    if case_of(inspection.id) is not None:
        raise Conflict(N_("The rectification of this inspection is under way already"))
    if not services.may_manage(actor, inspection):
        raise Conflict(N_("Only the union itself plans its checks"))
    site = db.session.get_one(Site, inspection.site_id)
    findings = inspection.findings or _lines_of(inspection.note)
    return demand(actor, site, findings, now=now, default=default, inspection_id=inspection.id)


def _lines_of(note: str) -> Findings:
    """A look at an applicant's site has no list of findings, only what was seen."""
    lines = (" ".join(line.split()) for line in note.splitlines())
    return [{"text": part} for line in lines for part in wrap(line, LONGEST_FINDING)]


def follows_at_once(actor: User, inspection: Inspection) -> bool:
    """Whether the inspector herself can open the rectification: an assessor and a site manager cannot."""
    return is_union_account(actor) and services.may_manage(actor, inspection)


def case_of(inspection_id: int) -> Case | None:
    """The rectification that came of an inspection."""
    return db.session.scalar(select(Case).where(Case.kind == "rectification", Case.inspection_id == inspection_id))


def without_case(union_id: int) -> Sequence[Inspection]:
    """The union's inspections that have found something which nobody has asked to be put right yet."""
    has_case = exists().where(Case.inspection_id == Inspection.id, Case.kind == "rectification")
    rows = select(Inspection).where(
        Inspection.trade_union_id == union_id, Inspection.result.in_((RECTIFY, FAILED)), ~has_case
    )
    return db.session.scalars(rows.order_by(Inspection.done_at, Inspection.id)).all()


def overdue_of(union_id: int, today: date) -> list[tuple[Case, Site]]:
    """What people of a union have asked to be put right and was not handed in by its day, with the site."""
    rows = (
        select(Case, Site)
        .join(Site, Site.id == Case.site_id)
        .join(User, User.id == Case.opened_by_id)
        .where(Case.kind == "rectification", Case.state.in_(("open", "returned")), Case.due_on < today)
        .where(User.trade_union_id == union_id)
        .order_by(Case.due_on, Case.id)
    )
    return [(case, site) for case, site in db.session.execute(rows)]


def open_cases_of(site_id: int) -> Sequence[Case]:
    """The rectifications of a site that are not closed."""
    rows = select(Case).where(Case.site_id == site_id, Case.kind == "rectification", Case.closed_at.is_(None))
    return db.session.scalars(rows.order_by(Case.id)).all()


def origin(actor: User, site: Site, case_id: int | None) -> int | None:
    """The case that this comes from, when it is about the same site. Raises NotFound when she may not see it."""
    if case_id is None:
        return None
    case = get_case(actor, case_id)
    if case.site_id != site.id:
        raise Conflict(N_("That case is about another site"))
    return case.id
