"""Procedures under way: rooms in preparation, a deregistration, a suspension that waits for its confirmation."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from app.accounts.models import User
from app.demo.stage import Stage, script
from app.months import local_date
from app.programme.cases import fields, forms, inviting
from app.programme.cases.models import Case
from app.programme.cases.services import act, open_case
from app.sites.models import Site, SiteStatus
from app.sites.services import suspend_site

OPENED_AGO, HANDED_IN_AGO, DECIDED_AGO = 20, 12, 4


def apply_for_new_rooms(stage: Stage) -> None:
    """Applications of rooms in preparation: a draft, one handed in, one returned item by item, one accepted."""
    if not stage.rulebook.workflow.acceptance:
        return
    for row in script()["application"]:
        _apply(stage, row)


def _apply(stage: Stage, row: Mapping[str, Any]) -> None:
    opened, handed_in, decided = (stage.ago(days) for days in (OPENED_AGO, HANDED_IN_AGO, DECIDED_AGO))
    district = stage.user("district")
    site = stage.new_site(
        district, row, opened - timedelta(days=1), kind="room", status=SiteStatus.PREPARING.value,
        facilities={"sofa": 1, "table": 1, "fridge": 1, "curtain": 1, "tissue": 1, "bin": 1},
    )  # fmt: skip
    manager = stage.manager_of(site)
    case = open_case(manager, "application", site, {}, rulebook=stage.rulebook, now=opened)
    until = row["until"]
    if until == "draft":
        return
    _fill(manager, case, site, stage)
    stage.sheet(manager, site, "self_check", handed_in, lacking=1, case_id=case.id)
    act(manager, case, "submit", seen_state=case.state, now=handed_in)
    if until == "returned":
        act(district, case, "return", seen_state=case.state, now=decided, reasons=script()["returned"])
        return
    assessor = stage.user("assessor")
    inviting.invite(district, case, assessor.id, stage.ago(DECIDED_AGO + 3))
    if until == "accepted":
        stage.sheet(assessor, site, "acceptance", decided, case_id=case.id)
        found = {**script()["acceptance"], "accepted_on": local_date(decided).isoformat()}
        act(district, case, "accept", seen_state=case.state, now=decided, details=found)


def _fill(actor: User, case: Case, site: Site, stage: Stage) -> None:
    """Type something into every field of the case's form."""
    asked = fields.asked_of_applicant(forms.fields(case, site))
    known, at = forms.answers(case, site), stage.ago(HANDED_IN_AGO)
    forms.save(actor, case, {one.code: known.get(one.code) or _typed(one, local_date(at)) for one in asked}, at)


def _typed(field: fields.Field, on: date) -> Any:
    texts = script()["form"]
    if field.kind == "date":
        return on.isoformat()
    return texts.get(field.code) or next(iter(field.choices), None) or texts["other"]


def deregister(stage: Stage) -> None:
    """A deregistration that the district has confirmed and the city has not filed yet."""
    if not stage.rulebook.workflow.deregistration:
        return
    site = stage.sites[script()["deregistration"]["site"]]
    unit, district = stage.unit_of(site), stage.user("district")
    case = open_case(unit, "deregistration", site, {}, rulebook=stage.rulebook, now=stage.ago(OPENED_AGO))
    _fill(unit, case, site, stage)
    act(unit, case, "submit", seen_state=case.state, now=stage.ago(HANDED_IN_AGO))
    note = script()["deregistration"]["note"]
    act(district, case, "confirm", seen_state=case.state, now=stage.ago(DECIDED_AGO), note=note)


def suspend(stage: Stage) -> None:
    """A room that its manager closes from tomorrow on; a union above has not said yet whether it counts."""
    texts = script()["suspension"]
    site = stage.sites[texts["site"]]
    first = stage.today + timedelta(days=1)
    suspend_site(
        stage.manager_of(site), site, from_on=first, to_on=first + timedelta(days=13), reason=texts["reason"],
        now=stage.ago(1),
    )  # fmt: skip
