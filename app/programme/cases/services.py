"""Opening cases and moving them: only here does a case's state change. Nothing commits or asks for the time."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.accounts.models import User
from app.db import db
from app.errors import N_, Conflict, Forbidden, Invalid
from app.months import local_date
from app.programme import decisions
from app.programme.cases import forms, hooks, needs, queries
from app.programme.cases.models import Case, CaseEvent
from app.programme.cases.needs import Asked, Reasons
from app.programme.transitions import BEFORE, OPEN, Transition, is_final, is_pending, transition
from app.rulebooks import Rulebook
from app.sites.models import Site, SiteStatus
from app.sites.queries import get_site
from app.sites.services import lock as lock_site

PREFIXES: Mapping[str, str] = {
    "application": "A", "deregistration": "D", "suspension": "S", "demonstration": "M", "rectification": "R"
}  # fmt: skip
ONE_AT_A_TIME = ("application", "deregistration")
LONGEST_NOTE, LONGEST_REASON, LONGEST_ITEM = 1000, 400, 80
MOVED = N_("Somebody else has moved this case in the meantime; look at what has happened, then decide again")


def open_case(
    actor: User, kind: str, site: Site, details: Mapping[str, Any], *, rulebook: Rulebook, now: datetime,
    call_id: int | None = None, origin_id: int | None = None, inspection_id: int | None = None,
) -> Case:  # fmt: skip
    """A new case about `site`, carried through under `rulebook` as it reads now. `details` is plain JSON.

    Raises NotFound when the site is not hers to see, Conflict when the rulebook has no such procedure, the site is
    closed or has such a case already, Forbidden when her role opens no such case, and whatever the requirements of the
    kind's act ``open`` raise.
    """
    get_site(actor, site.id)
    lock_site(site, "status")
    row = transition(kind, BEFORE, OPEN, rulebook.workflow)
    if row is None:
        raise Conflict(N_("The rulebook in force for this site has no such procedure"))
    if actor.role not in row.roles:
        raise Forbidden(N_("Your account may not do this"))
    _require_free(kind, site, local_date(now))
    case = Case(
        number=f"new-{kind[:4]}-{site.id}",
        kind=kind,
        state=BEFORE,
        site_id=site.id,
        rulebook_id=rulebook.id,
        rulebook_digest=decisions.remember(rulebook, now),
        details=dict(details),
        call_id=call_id,
        origin_id=origin_id,
        inspection_id=inspection_id,
        opened_at=now,
        opened_by_id=actor.id,
        updated_at=now,
    )
    hooks.check(actor, case, OPEN, now, details)
    db.session.add(case)
    db.session.flush()
    case.number = f"{PREFIXES[kind]}{local_date(now).year}-{case.id:05d}"
    _move(Asked(actor, case, row, now, "", (), details), rulebook)
    return case


def act(
    actor: User, case: Case, act: str, *, seen_state: str, now: datetime, note: str = "", reasons: Reasons = (),
    details: Mapping[str, Any] | None = None,
) -> CaseEvent:  # fmt: skip
    """Move a case. `seen_state` is the state on the page that the person saw; `details` (plain JSON) join the case's.

    `reasons` are ``{"item": code, "reason": text}``. Raises NotFound when the case is not hers to see, Conflict when it
    has moved meanwhile or its state knows no such act, Forbidden when her role may not do it or she herself has done an
    act that this one has to be apart from, Invalid when something is missing.
    """
    queries.get_case(actor, case.id)
    _lock(case)
    if case.state != seen_state:
        raise Conflict(MOVED)
    rulebook = queries.rulebook_of(case)
    row = transition(case.kind, case.state, act, rulebook.workflow)
    if row is None:
        raise Conflict(N_("This cannot be done to a case in its present state"))
    if actor.role not in row.roles:
        raise Forbidden(N_("Your account may not do this"))
    require_apart(actor, case, row)
    told = dict(details or {})
    if needs.FORM in row.needs:
        told |= forms.frozen(case, queries.site_of(case), now)
    asked = Asked(actor, case, row, now, _text(note, "note", LONGEST_NOTE), _read(reasons), told)
    needs.check(asked)
    hooks.check(actor, case, act, now, asked.details)
    return _move(asked, rulebook)


def require_apart(actor: User, case: Case, row: Transition) -> None:
    """Raise Forbidden when this person has done an act in this case that `row` has to be apart from."""
    before = queries.acted_before(case, actor, row.apart_from)
    if before is None:
        return
    if before.act in ("open", "submit", "apply"):
        raise Forbidden(N_("You have handed this in yourself; another person has to judge it"))
    raise Forbidden(N_("You have judged this case before; another person has to take this step"))


def _move(asked: Asked, rulebook: Rulebook) -> CaseEvent:
    case, row = asked.case, asked.row
    event = CaseEvent(
        case_id=case.id,
        number=1 + (db.session.scalar(select(func.max(CaseEvent.number)).where(CaseEvent.case_id == case.id)) or 0),
        at=asked.now,
        actor_id=asked.actor.id,
        act=row.act,
        from_state=case.state,
        to_state=row.to_state,
        rulebook_digest=case.rulebook_digest,
        reasons=[dict(reason) for reason in asked.reasons],
        note=asked.note,
        details=dict(asked.details),
    )
    db.session.add(event)
    case.state, case.updated_at = row.to_state, asked.now
    case.details = {**case.details, **asked.details}
    case.due_on = _due_on(row, rulebook, local_date(asked.now))
    case.closed_at = asked.now if is_final(case.kind, case.state, rulebook.workflow) else None
    db.session.flush()
    hooks.bring_about(asked.actor, case, row.act, asked.now, asked.details)
    db.session.flush()
    return event


def _due_on(row: Transition, rulebook: Rulebook, today: date) -> date | None:
    """The last local day for the next step; None where nobody waits for it or the rulebook sets no such deadline."""
    if row.deadline is None or row.deadline not in rulebook.deadlines:
        return None
    if not is_pending(row.kind, row.to_state, rulebook.workflow):
        return None
    return today + timedelta(days=rulebook.deadline_days(row.deadline, today))


def _require_free(kind: str, site: Site, today: date) -> None:
    if site.status == SiteStatus.CLOSED:
        raise Conflict(N_("The site is closed for good"))
    others = queries.pending(queries.cases_of(site.id), today)
    same = [case.number for case in others if case.kind == kind]
    if kind in ONE_AT_A_TIME and same:
        raise Conflict(N_("The site has such a case already: %(number)s"), number=same[0])
    leaving = [case.number for case in others if case.kind == "deregistration" and case.state != "draft"]
    if leaving and kind not in ("suspension", "rectification"):
        raise Conflict(N_("The site is being deregistered: %(number)s"), number=leaving[0])


def _lock(case: Case) -> None:
    db.session.execute(select(Case.id).where(Case.id == case.id).with_for_update())
    db.session.refresh(case, ["state", "details", "due_on", "updated_at", "closed_at"])


def _read(reasons: Reasons) -> Reasons:
    """The reasons that say something."""
    longest = {"item": LONGEST_ITEM, "reason": LONGEST_REASON}
    said = [{name: _text(one.get(name, ""), "reasons", most) for name, most in longest.items()} for one in reasons]
    return [one for one in said if one["reason"]]


def _text(text: str, name: str, longest: int) -> str:
    if len(text) > longest or "\0" in text:
        message = N_("This text is longer than %(longest)s characters")
        raise Invalid(message, {name: message}, longest=longest)
    return text.strip()
