"""What has to hold for the union side of the demonstration: every procedure is under way, by different people."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from app.accounts.models import User
from app.care.models import CareAttendance, CareChild, CombinedPart
from app.care.queries import figures_of
from app.db import db
from app.demo.stage import script
from app.months import local_date
from app.programme.cases.models import Case, CaseEvent
from app.programme.checks.drawing import is_true
from app.programme.checks.models import Draw, Inspection
from app.programme.checks.rectification import overdue_of
from app.programme.demonstration.models import DemonstrationCall, Title
from app.programme.scoring.models import FilledSheet
from app.programme.scoring.services import recompute
from app.programme.targets import targets
from app.registers.models import Keeper
from app.registers.queries import low_stock
from app.reports.models import PublicReport
from app.sites.models import Site
from tests.conftest import Clock

RULEBOOK = "qingdao-2023"


def assert_alive(clock: Clock) -> None:
    """Everything at once, within an application's context."""
    cases()
    checks(clock)
    calls(clock)
    daily_work(clock)
    care()


def cases() -> None:
    """Each kind of case in its states; nobody judges what is her own."""
    states = Counter(db.session.execute(select(Case.kind, Case.state)).all())
    assert {state for kind, state in states if kind == "application"} == {"draft", "submitted", "returned", "accepted"}
    assert states["deregistration", "confirmed"] == states["suspension", "requested"] == 1
    assert states["demonstration", "titled"] == 2
    assert {"draft", "submitted", "recommended"} <= {state for kind, state in states if kind == "demonstration"}
    assert {state for kind, state in states if kind == "rectification"} == {"open", "closed"}
    returned = db.session.scalars(select(CaseEvent).filter_by(act="return")).one()
    assert len(returned.reasons) == 2
    for case in db.session.scalars(select(Case)):
        acts = db.session.scalars(select(CaseEvent).filter_by(case_id=case.id)).all()
        applied = {one.actor_id for one in acts if one.act in ("open", "submit", "apply")}
        judged = {one.actor_id for one in acts if one.act in ("accept", "return", "confirm", "recommend", "publish")}
        assert not applied & judged


def checks(clock: Clock) -> None:
    """Sheets say what their answers say; the draw gives itself again; one rectification is overdue."""
    sheets = db.session.scalars(select(FilledSheet).where(FilledSheet.submitted_at.is_not(None))).all()
    assert all((sheet.total, sheet.is_passed) == recompute(sheet) for sheet in sheets)
    own = [sheet.total for sheet in sheets if sheet.use == "self_check" and sheet.inspection_id]
    assert len(set(own)) > 3
    assert is_true(db.session.scalars(select(Draw)).one())
    spots = db.session.scalars(select(Inspection).filter_by(kind="spot_check", call_id=None)).all()
    assert Counter(one.result for one in spots) == {None: 6, "passed": 4, "rectify": 2}
    district = db.session.scalars(select(User).filter_by(username="district")).one()
    assert len(overdue_of(district.trade_union_id, local_date(clock()))) == 1
    goals = {one.kind: one.number for one in targets(district.trade_union, local_date(clock()).year, RULEBOOK)}
    assert goals["room"] == int(script()["target"]["room"])


def calls(clock: Clock) -> None:
    """Last year's call is published, this year's takes applications."""
    year = local_date(clock()).year
    found = {call.year: call for call in db.session.scalars(select(DemonstrationCall))}
    assert found.keys() == {year - 1, year}
    assert found[year - 1].state == "published"
    assert found[year].opens_on < local_date(clock()) < found[year].closes_on
    assert db.session.scalar(select(func.count()).select_from(Title)) == 2


def daily_work(clock: Clock) -> None:
    """Registers, reports, and made-up texts that say so."""
    today = local_date(clock())
    site = db.session.scalars(select(Site).filter_by(name=script()["registers"]["rooms"][0])).one()
    assert [low.item for low in low_stock([site.id])] == ["nappies"]
    ends = set(db.session.scalars(select(Keeper.certificate_until).where(Keeper.site_id == site.id)))
    assert ends == {today + timedelta(days=20), today + timedelta(days=210)}
    reports = Counter(db.session.execute(select(PublicReport.kind, PublicReport.state)).all())
    assert reports == {("out_of_supplies", "confirmed"): 1, ("locked", "open"): 2}
    checked = db.session.scalars(select(Site).where(Site.being_checked_since.is_not(None))).one()
    assert checked.name == script()["reports"]["checked"]
    new = db.session.scalars(select(Site).where(Site.external_code.is_(None), Site.external_source.is_(None))).all()
    assert all("演示" in site.name and site.is_synthetic for site in new)


def care() -> None:
    """A summer of roster numbers, and a centre of two parts."""
    labels = db.session.scalars(select(CareChild.label)).all()
    assert len(labels) >= 20
    assert all(label.isdigit() for label in labels)
    term_id = db.session.scalars(select(CareChild.term_id).distinct()).one()
    figures = figures_of([term_id], datetime(2999, 1, 1, tzinfo=UTC).date())[term_id]
    assert figures.days > 20
    assert db.session.scalar(select(func.count()).select_from(CareAttendance)) > 400
    assert db.session.scalar(select(func.count()).select_from(CombinedPart)) == 2
