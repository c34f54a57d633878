"""Before anybody is recommended: a check with a recount, near a threshold and for one in ten by lot.

The lot is drawn with a seed that is made with the ledger's key when the call is: its SHA-256 stands on the call's page
from the first day, the seed itself once recommending is over. Nobody can choose it, nobody below the operator can know
it in time, and afterwards everybody can draw again (docs/evidence.md).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from flask import current_app
from sqlalchemy import select

from app.accounts.models import User
from app.db import Model, db
from app.errors import N_, Invalid
from app.months import SHANGHAI
from app.programme import decisions
from app.programme.cases import queries as cases
from app.programme.cases.hooks import requirement
from app.programme.cases.models import Case
from app.programme.demonstration import (
    queries,
    ranking,  # noqa: F401  its requirements come first
)
from app.programme.demonstration.applying import KIND, call_of
from app.programme.demonstration.models import DemonstrationCall
from app.programme.demonstration.stages import CANCELLED, PUBLISHED, REVIEWING, stage
from app.programme.grades import FROM_ABOVE
from app.rulebooks.report import MET, PartFinding
from app.usage import signing

NEAR_PERCENT, ONE_IN = 15, 10
MEASURES = ("mean_monthly_uses", "satisfaction")
"""What somebody could have inflated."""
_WHY = {
    ("near", "drawn"): N_(
        "A number of this site lies at most 15 % above its threshold, and it was drawn: check it on site or by video "
        "and recount its uses before you recommend it"
    ),
    ("near",): N_(
        "A number of this site lies at most 15 % above its threshold: check it on site or by video and recount its "
        "uses before you recommend it"
    ),
    ("drawn",): N_(
        "This site was drawn for a check: check it on site or by video and recount its uses before you recommend it"
    ),
}


@dataclass(frozen=True, slots=True)
class RequiredCheck:
    """Why an application has to be checked first, of ``near`` and ``drawn``, and whether it has been."""

    reasons: tuple[str, ...]
    near: tuple[PartFinding, ...]
    is_done: bool

    @property
    def is_missing(self) -> bool:
        """Whether recommending has to wait."""
        return bool(self.reasons) and not self.is_done


def required_check(case: Case) -> RequiredCheck:
    """What has to be checked about an application that was handed in, by its frozen numbers and by lot."""
    call = call_of(case)
    decision = decisions.latest_of(case.id)
    report = decisions.judge_again(decision) if decision is not None else None
    parts = [report.measured(measure) for measure in MEASURES] if report is not None else []
    near = tuple(part for part in parts if part is not None and is_near(part))
    is_wanted = {"near": bool(near), "drawn": is_drawn(seed_of(call), call.id, case.number)}
    reasons = tuple(name for name, holds in is_wanted.items() if holds)
    return RequiredCheck(reasons, near, bool(reasons) and _has_recount(case, call))


def is_near(part: PartFinding) -> bool:
    """Whether a number reaches its threshold, and lies at most 15 % of it above. Exact."""
    value, threshold = part.value, part.threshold
    if part.result != MET or not isinstance(value, Fraction) or not isinstance(threshold, Fraction):
        return False
    return threshold <= value <= threshold * (100 + NEAR_PERCENT) / 100


def is_drawn(seed: str, call_id: int, number: str) -> bool:
    """Whether the lot falls on a case: SHA-256 of ``SEED/CALL/NUMBER``, as a number, is divisible by ten."""
    drawn = hashlib.sha256(f"{seed}/{call_id}/{number}".encode()).hexdigest()
    return int(drawn, 16) % ONE_IN == 0


def seed_of(call: DemonstrationCall) -> str:
    """The seed of a call, 64 hex digits; secret until recommending is over."""
    key: str = current_app.extensions["settings"].ledger_key
    return signing.sign(key, f"xiaowu draw of call {call.id} at {call.created_at.timestamp():.6f}".encode()).hex()


def revealed_seed(call: DemonstrationCall, today: date) -> str:
    """The seed once nobody can be recommended any more, so that everybody can draw again; empty before."""
    at = stage(call, today)
    is_over = at == REVIEWING and not queries.rulebook_of(call).workflow.call_by_district
    return seed_of(call) if is_over or at in (PUBLISHED, CANCELLED) else ""


def commitment_of(call: DemonstrationCall) -> str:
    """What the call's page says of the seed from the first day: the SHA-256 of its hex digits."""
    return hashlib.sha256(seed_of(call).encode()).hexdigest()


def _has_recount(case: Case, call: DemonstrationCall) -> bool:
    """Whether somebody from above, not the applicant, has recounted the site's uses since the call was opened."""
    table = Model.metadata.tables["inspection"].c  # its model belongs to a part that is built on this one
    opened_at = datetime(call.opens_on.year, call.opens_on.month, call.opens_on.day, tzinfo=SHANGHAI)
    rows = select(table.done_by_id).where(
        table.site_id == case.site_id, table.kind.in_(FROM_ABOVE), table.mode.in_(("on_site", "video")),
        table.done_at >= opened_at, table.recounted_uses.is_not(None),
    )  # fmt: skip
    applicants = cases.actors_of(case.id, ("open", "apply"))
    return any(done_by not in applicants for done_by in db.session.scalars(rows))


@requirement(KIND, "recommend")
def _may_recommend(_actor: User, case: Case, _now: datetime, _details: Mapping[str, Any]) -> None:
    require_check(case)


@requirement(KIND, "nominate")
def _may_nominate(_actor: User, case: Case, _now: datetime, _details: Mapping[str, Any]) -> None:
    """Where districts call themselves, nobody recommends: naming the candidates is that step."""
    if case.state == "submitted":
        require_check(case)


def require_check(case: Case) -> None:
    """Raise Invalid naming ``recount`` when the application has to be checked and has not been."""
    found = required_check(case)
    if found.is_missing:
        message = _WHY[found.reasons]
        raise Invalid(message, {"recount": message})
