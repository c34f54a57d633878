"""Two calls for the title: last year's, published, and this year's, with applications on their way."""

from datetime import date, timedelta

from app.db import db
from app.demo.stage import Stage, script
from app.months import local_date
from app.programme.cases.models import Case, CaseEvent
from app.programme.cases.services import act
from app.programme.demonstration import applying, looking, publishing
from app.programme.demonstration.models import DemonstrationCall
from app.programme.demonstration.services import Terms, open_call
from app.programme.recounts import Recount, counted_between
from app.sites.models import Site


def _is_called(stage: Stage) -> bool:
    workflow = stage.rulebook.workflow
    return workflow.demonstration and not workflow.call_by_district


def _open(stage: Stage, year: int, opens_on: date, closes_on: date) -> DemonstrationCall:
    texts = script()["call"]
    terms = Terms(
        title=texts["title"].format(year=year), year=year, opens_on=opens_on, closes_on=closes_on,
        recommend_by=closes_on + timedelta(days=20), places=texts["places"],
        quotas={stage.unions[code].id: texts["quota"] for code in ("330114", "330102")}, note=texts["note"],
    )  # fmt: skip
    return open_call(
        stage.user("municipal"), stage.unions["330100"], terms, rulebook=stage.rulebook, now=stage.at(opens_on, 9)
    )


def call_last_year(stage: Stage) -> None:
    """Last year's call, from its opening to the published list of two."""
    if not _is_called(stage):
        return
    texts, year, city = script()["call"], stage.today.year - 1, stage.user("municipal")
    call = _open(stage, year, date(year, 9, 1), date(year, 9, 30))
    for name in texts["titled"]:
        site = stage.sites[name]
        case = applying.start(stage.unit_of(site), call, site, stage.at(date(year, 9, 5), 10))
        _handed_in_then(stage, case, year)
        _recommend(stage, case, date(year, 10, 9))
        decided = stage.at(date(year, 10, 28), 10)
        act(city, case, "nominate", seen_state=case.state, now=decided, note=texts["nominated"])
    granted_on = date(year, 11, 12)
    publishing.publish(
        city, call, name=texts["name"], number=texts["number"].format(year=year), granted_on=granted_on,
        text=texts["text"], now=stage.at(granted_on, 10),
    )  # fmt: skip


def _handed_in_then(stage: Stage, case: Case, year: int) -> None:
    """Hand in as of last year. Written here, as the service judges by uses from before the made-up history begins."""
    at, told = stage.at(date(year, 9, 20), 10), script()["call"]["told"].format(year=year)
    row = CaseEvent(
        case_id=case.id, number=2, at=at, actor_id=case.opened_by_id, act="apply", from_state=case.state,
        to_state="submitted", rulebook_digest=case.rulebook_digest, note=told,
    )  # fmt: skip
    db.session.add(row)
    case.state, case.updated_at, case.rank = row.to_state, at, 1
    db.session.flush()


def _recommend(stage: Stage, case: Case, on: date) -> None:
    """Visited, two hours recounted, and recommended by the district on a local date."""
    district, at = stage.user("district"), stage.at(on, 12)
    seen = counted_between(case.site_id, at - timedelta(hours=2), at)
    recount = Recount(at - timedelta(hours=2), at, seen)
    note = script()["call"]["visit"]
    looking.record(district, case, mode="on_site", result="passed", note=note, now=at, recount=recount)
    act(district, case, "recommend", seen_state=case.state, now=at)


def call_this_year(stage: Stage) -> None:
    """This year's call, open for another ten days: one application begun, one handed in, one recommended."""
    if not _is_called(stage):
        return
    texts, today = script()["call"], stage.today
    call = _open(stage, today.year, today - timedelta(days=20), today + timedelta(days=10))
    draft = stage.sites[texts["draft"]]
    applying.start(stage.manager_of(draft), call, draft, stage.ago(6))
    _apply(stage, call, stage.sites[texts["submitted"]])
    case = _apply(stage, call, stage.sites[texts["recommended"]])
    if case.state == "submitted":
        _recommend(stage, case, today - timedelta(days=2))


def _apply(stage: Stage, call: DemonstrationCall, site: Site) -> Case:
    """Handed in; a draft where the rulebook asks for what a made-up application has not got, such as photos."""
    unit, at = stage.unit_of(site), stage.ago(5)
    case = applying.start(unit, call, site, stage.ago(8))
    stage.sheet(unit, site, "self_check", at, lacking=1, case_id=case.id)
    if all(need.is_met for need in applying.needs_of(case, local_date(at))):
        act(unit, case, "apply", seen_state=case.state, now=at)
    return case
