"""What an application for the title has to bring, checked when it is handed in (qingdao-2023 art. 15-17, dalian-2017).

The numbers are the evaluator's, frozen with the case. What else is asked for, people look at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import func, select

from app.accounts.models import User
from app.anomalies.services import freeze as freeze_flags
from app.db import db
from app.errors import N_, Conflict, Forbidden, Invalid
from app.months import local_date
from app.programme import decisions, services
from app.programme.cases import queries as cases
from app.programme.cases.hooks import effect, ending, requirement
from app.programme.cases.models import Case, CaseAttachment
from app.programme.cases.services import open_case
from app.programme.demonstration import queries
from app.programme.demonstration.models import DemonstrationCall
from app.programme.demonstration.stages import APPLYING, is_left_behind, stage
from app.programme.transitions import is_pending
from app.rulebooks import NoConditions, Report, Rulebook, evaluate
from app.rulebooks.report import MET
from app.sites.models import Site

KIND = "demonstration"
LENGTH = "presentation_minutes"
"""Where a case keeps how long its presentation is, and the setting with the most that a rulebook allows."""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing an application has to bring. `has` and `wanted` are numbers where it is a matter of how many."""

    code: str
    is_met: bool
    message: str
    has: int = 0
    wanted: int = 0


def start(actor: User, call: DemonstrationCall, site: Site, now: datetime) -> Case:
    """Begin an application of a site under a call. Raises what `open_case` raises."""
    return open_case(actor, KIND, site, {}, rulebook=queries.rulebook_of(call), now=now, call_id=call.id)


def call_of(case: Case) -> DemonstrationCall:
    """The call that an application answers. Raises `Invalid` when there is none."""
    call = db.session.get(DemonstrationCall, case.call_id) if case.call_id is not None else None
    if call is None:
        message = N_("An application for the title answers a call; choose one first")
        raise Invalid(message, {"call": message})
    return call


@ending(KIND)
def _has_ended(case: Case, today: date) -> bool:
    call = db.session.get(DemonstrationCall, case.call_id) if case.call_id is not None else None
    return call is not None and is_left_behind(case.state, call, today)


def require_application(case: Case) -> None:
    """Raise Conflict for a case of another kind."""
    if case.kind != KIND or case.call_id is None:
        raise Conflict(N_("This case is no application for the title"))


@requirement(KIND, "open")
def _may_begin(actor: User, case: Case, now: datetime, _details: Mapping[str, Any]) -> None:
    call = call_of(case)
    queries.get_call(actor, call.id)
    site = db.session.get_one(Site, case.site_id)
    if not site.host.path.startswith(queries.union_of(call).path):
        raise Forbidden(N_("The call is not for this site"))
    _require_time(call, local_date(now))
    _require_no_title(queries.rulebook_of(call), site.id, local_date(now))
    if site.kind not in queries.rulebook_of(call).kinds:
        raise Conflict(N_("The rulebook of the call says nothing about this kind of site"))
    others = [one for one in cases.cases_of(site.id, KIND) if one.call_id == call.id]
    waiting = [one for one in others if is_pending(KIND, one.state, queries.rulebook_of(call).workflow)]
    if waiting or any(one.state == "titled" for one in others):
        raise Conflict(N_("The site has applied under this call already"))


def _require_time(call: DemonstrationCall, today: date) -> None:
    if stage(call, today) != APPLYING:
        message = N_("Applications are taken from %(opens)s to %(closes)s")
        raise Conflict(message, opens=call.opens_on.isoformat(), closes=call.closes_on.isoformat())


def _require_no_title(rulebook: Rulebook, site_id: int, today: date) -> None:
    if not rulebook.workflow.holders_may_reapply and queries.standing_titles([site_id], today):
        raise Conflict(N_("The site holds the title; holders may not apply again"))


def needs_of(case: Case, today: date) -> list[Need]:
    """Everything the application has to bring, in the order of the work, each with whether it is there."""
    rulebook = cases.rulebook_of(case)
    site = cases.site_of(case)
    found = []
    has_sheet = rulebook.sheet_for(site.kind, "self_check", site.premises) is not None
    if rulebook.workflow.demonstration_self_check and has_sheet:
        sheet = cases.submitted_sheet(site.id, "self_check", case.id)
        found.append(
            Need("self_check", sheet is not None, N_("Fill in the self-check of this application and hand it in"))
        )
    found += _material(case, rulebook, today)
    report = judged(site, rulebook, today)
    if report is not None:
        message = N_("The conditions are not all met; see the verdict for what is missing")
        found.append(Need("verdict", report.verdict == MET, message))
    return found


def needs_now(case: Case, today: date) -> list[Need]:
    """What an application has to bring as long as its people can still hand it in; nothing before or after that."""
    return needs_of(case, today) if case.state in ("draft", "returned") and not _has_ended(case, today) else []


def _material(case: Case, rulebook: Rulebook, today: date) -> list[Need]:
    found = []
    wanted = rulebook.workflow.minimum_photos
    if wanted:
        has = count_files(case.id, "photo")
        found.append(Need("photos", has >= wanted, N_("Photos are missing: %(has)s of %(wanted)s"), has, wanted))
    if rulebook.workflow.presentation_required:
        present = count_files(case.id, "presentation") > 0
        found.append(Need("presentation", present, N_("Add the presentation")))
        most = rulebook.setting(LENGTH, today, 0)
        if most:
            message = N_("Say how long the presentation is; at most %(wanted)s minutes")
            found.append(Need(LENGTH, length_of(case) is not None, message, wanted=most))
    return found


def count_files(case_id: int, kind: str) -> int:
    """How many files of a kind a case has."""
    files = select(func.count()).where(
        CaseAttachment.case_id == case_id, CaseAttachment.kind == kind, CaseAttachment.removed_at.is_(None)
    )
    return db.session.scalar(files) or 0


def length_of(case: Case) -> Decimal | None:
    """How many minutes the presentation of an application takes, as its people have said."""
    stated = case.details.get(LENGTH)
    return Decimal(stated) if stated else None


def state_length(actor: User, case: Case, text: str, now: datetime) -> None:
    """State how many minutes the presentation takes.

    Raises `Conflict` once the application is handed in, `Forbidden`, `Invalid` naming the field.
    """
    if case.state not in ("draft", "returned"):
        raise Conflict(N_("The application has been handed in and is not changed any more"))
    if actor.role not in ("site_manager", "unit_union"):
        raise Forbidden(N_("Your account may not do this"))
    most = cases.rulebook_of(case).setting(LENGTH, local_date(now), 0)
    try:
        minutes = Decimal(text.strip())
    except InvalidOperation:
        minutes = Decimal(0)
    if not minutes.is_finite() or minutes <= 0 or (most and minutes > most):
        message = N_("The presentation takes at most %(most)s minutes; write a number such as 2.5")
        raise Invalid(message, {LENGTH: message}, most=most)
    case.details = {**case.details, LENGTH: str(minutes)}
    case.updated_at = now
    db.session.flush()


def judged(site: Site, rulebook: Rulebook, today: date) -> Report | None:
    """The verdict as of a local date; None where the rulebook has no conditions for such a site."""
    try:
        return evaluate(rulebook, services.facts_for(site, rulebook, today), today)
    except NoConditions:
        return None


@requirement(KIND, "apply")
def _may_apply(_actor: User, case: Case, now: datetime, _details: Mapping[str, Any]) -> None:
    call, today = call_of(case), local_date(now)
    # What was returned comes back while districts still recommend.
    if case.state == "draft" or today > call.recommend_by:
        _require_time(call, today)
    _require_no_title(cases.rulebook_of(case), case.site_id, today)
    for need in needs_of(case, today):
        if not need.is_met:
            raise Invalid(need.message, {need.code: need.message}, has=need.has, wanted=need.wanted)


@effect(KIND, "apply")
def _freeze(actor: User, case: Case, now: datetime, _details: Mapping[str, Any]) -> None:
    """Freeze the verdict and what stands out with the application: whoever decides later sees these numbers."""
    site, rulebook, today = cases.site_of(case), cases.rulebook_of(case), local_date(now)
    if judged(site, rulebook, today) is not None:
        decisions.decide(site, rulebook, today, case_id=case.id, actor=actor, now=now)
    freeze_flags(site, case.id, now)
