"""A year of checks: self-inspections of some rooms, a district's draw with visits, what had to be put right."""

from datetime import date, timedelta

from app.accounts.models import User
from app.db import db
from app.demo.stage import Stage, script
from app.programme.cases.services import act
from app.programme.checks import drawing, rectification, services
from app.programme.checks.models import Inspection
from app.programme.checks.services import ON_SITE, PASSED, RECTIFY, VIDEO
from app.programme.targets import set_targets
from app.sites.models import Site

SELF_AGO, DRAWN_AGO, VISITED_AGO = 100, 62, 47
"""Visited longer ago than there is time to put things right."""
DONE = 6


def check_themselves(stage: Stage) -> None:
    """Full self-inspections of this year, with different totals; the district's target for the year."""
    for number, row in enumerate(script()["self_check"]):
        site = stage.sites[row["site"]]
        _check_itself(stage, site, row["lacking"], SELF_AGO - 7 * number)
    set_targets(stage.user("district"), stage.unions["330114"], stage.today.year, script()["target"])


def _check_itself(stage: Stage, site: Site, lacking: int, days: int) -> None:
    manager, at = stage.manager_of(site), stage.this_year(days)
    inspection = services.begin_full_self(manager, site, at)
    sheet = stage.sheet(manager, site, "self_check", at, lacking=lacking, inspection_id=inspection.id)
    is_low = sheet is not None and sheet.is_passed is False
    text = script()["check"]["low" if is_low else "passed"]
    _finish(stage, manager, inspection, days, result=RECTIFY if is_low else PASSED, note=text, at_year=True)


def draw_and_visit(stage: Stage) -> None:
    """Spot checks drawn by the district: half of them done, one overdue to be put right, one put right and closed.

    The city has one supervision ahead.
    """
    texts, district, union = script()["check"], stage.user("district"), stage.unions["330114"]
    due_on = min(stage.today + timedelta(days=30), date(stage.today.year, 12, 31))
    announced = drawing.announce(
        district, union, size=texts["size"], seed_source=texts["seed_source"], due_on=due_on,
        now=stage.ago(DRAWN_AGO), default=stage.rulebook.id,
    )  # fmt: skip
    planned = drawing.hold(district, announced, texts["seed"], stage.ago(DRAWN_AGO - 1))
    inspectors = stage.user("district-b"), stage.user("assessor")
    for number, inspection in enumerate(planned):
        services.assign(district, inspection, inspectors[number % 2].id)
    free = [one for one in planned if one.site_id not in _reserved(stage)]
    faulty = free[:2]
    for inspection, finding in zip(faulty, texts["finding"], strict=True):
        _visit(stage, inspection, finding["text"])
    for inspection in [one for one in planned if one not in faulty][: DONE - 2]:
        _visit(stage, inspection, "")
    _put_right(stage, *faulty)
    city = stage.user("municipal")
    services.plan(
        city, stage.unions["330100"], stage.sites[script()["call"]["titled"][0]], due_on=due_on,
        inspector_id=stage.user("municipal-b").id, reason=texts["supervision"], now=stage.ago(10),
    )  # fmt: skip


def _reserved(stage: Stage) -> set[int]:
    """Sites that are in other procedures, which something left open would hold up."""
    call, rooms = script()["call"], script()["registers"]["rooms"]
    names = (script()["deregistration"]["site"], call["submitted"], call["recommended"], *rooms)
    return {stage.sites[name].id for name in names}


def _visit(stage: Stage, inspection: Inspection, finding: str) -> None:
    inspector = db.session.get_one(User, inspection.inspector_id)
    site = stage.site(inspection.site_id)
    is_video = not finding and inspection.site_id % 2 == 0
    if not is_video:
        services.scan(inspector, inspection, site.door_codes[0].code, stage.ago(VISITED_AGO))
        stage.sheet(
            inspector, site, "inspection", stage.ago(VISITED_AGO), lacking=3 if finding else 1,
            inspection_id=inspection.id,
        )  # fmt: skip
    note = script()["check"]["video" if is_video else "passed"] if not finding else ""
    result = RECTIFY if finding else PASSED
    _finish(stage, inspector, inspection, VISITED_AGO, result=result, note=note or finding, is_video=is_video)


def _finish(
    stage: Stage, actor: User, inspection: Inspection, days: int, *, result: str, note: str, is_video: bool = False,
    at_year: bool = False,
) -> None:  # fmt: skip
    services.finish(
        actor, inspection, mode=VIDEO if is_video else ON_SITE, result=result, note=note,
        findings=[{"item": "", "text": note}], rulebook=stage.rulebook,
        now=stage.this_year(days) if at_year else stage.ago(days),
    )  # fmt: skip


def _put_right(stage: Stage, overdue: Inspection, closed: Inspection) -> None:
    district, at = stage.user("district"), stage.ago(VISITED_AGO - 1)
    rectification.demand_after(district, overdue, now=at, default=stage.rulebook.id)
    case = rectification.demand_after(district, closed, now=at, default=stage.rulebook.id)
    manager = stage.manager_of(stage.site(closed.site_id))
    texts = script()["check"]
    act(manager, case, "submit", seen_state=case.state, now=stage.ago(VISITED_AGO - 9), note=texts["closed"])
    act(district, case, "close", seen_state=case.state, now=stage.ago(VISITED_AGO - 12), note=texts["approved"])
