"""Suspensions that a site's own people have made: the door follows at once, a union above says whether months count."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import current_app

from app.accounts.models import User
from app.db import db
from app.errors import N_, Conflict
from app.months import local_date
from app.programme.cases import queries, services
from app.programme.cases.hooks import effect, requirement
from app.programme.cases.models import Case
from app.programme.services import rulebook_for
from app.programme.transitions import APPLICANTS, acts_for
from app.rulebooks import load
from app.sites.models import Site, Suspension

KIND = "suspension"


def follow(act: str, actor: User, site: Site, suspension: Suspension, now: datetime) -> None:
    """Open a case about a new suspension that is not official; move it on when the site is open again."""
    if act == "suspend" and not suspension.is_official:
        _request(actor, site, suspension, now)
    if act == "reopen":
        _reopened(actor, site, suspension, now)


def _request(actor: User, site: Site, suspension: Suspension, now: datetime) -> None:
    default = current_app.extensions["settings"].default_rulebook
    rulebook = load(rulebook_for(site, local_date(now), default))
    ends_on = suspension.last_on.isoformat() if suspension.last_on else None
    details = {
        "suspension_id": suspension.id, "starts_on": local_date(suspension.starts_at).isoformat(), "ends_on": ends_on,
        "mode": suspension.mode, "reason": suspension.reason,
    }  # fmt: skip
    services.open_case(actor, KIND, site, details, rulebook=rulebook, now=now)


def _reopened(actor: User, site: Site, suspension: Suspension, now: datetime) -> None:
    never_began = suspension.ends_at == suspension.starts_at
    for case in queries.cases_of(site.id, KIND):
        if case.details.get("suspension_id") != suspension.id:
            continue
        case.details = {**case.details, "ends_on": local_date(suspension.ends_at or now).isoformat()}
        act = "end" if case.state == "approved" else ""
        if never_began and not act:
            act = "withdraw" if actor.role in APPLICANTS else "refuse"
        workflow = queries.rulebook_of(case).workflow
        if act in {row.act for row in acts_for(KIND, case.state, actor.role, workflow)}:
            services.act(actor, case, act, seen_state=case.state, now=now, note=suspension.reason)


def suspension_of(case: Case) -> Suspension | None:
    """The suspension that a case is about; None when it is no longer on record."""
    suspension_id = case.details.get("suspension_id")
    return db.session.get(Suspension, suspension_id) if isinstance(suspension_id, int) else None


@requirement(KIND, "approve")
def _lasts(_actor: User, case: Case, _now: datetime, _details: Mapping[str, Any]) -> None:
    suspension = suspension_of(case)
    if suspension is None or suspension.ends_at == suspension.starts_at:
        raise Conflict(N_("This suspension was called off before it began"))


@effect(KIND, "approve")
def _made_official(_actor: User, case: Case, _now: datetime, _details: Mapping[str, Any]) -> None:
    suspension = suspension_of(case)
    if suspension is not None:
        suspension.is_official = True


@requirement(KIND, "end")
def _is_over(_actor: User, case: Case, now: datetime, _details: Mapping[str, Any]) -> None:
    suspension = suspension_of(case)
    if suspension is not None and (suspension.ends_at is None or suspension.ends_at > now):
        raise Conflict(N_("The site is still suspended; open it again on its own page"))
