"""Rows beside those of `tests.access.Network`, so that every page which shows somebody's words has some to show."""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import update

from app.db import db, unit_of_work
from app.programme.cases.models import CaseEvent
from app.programme.checks.models import Inspection
from app.programme.demonstration.models import DemonstrationCall, PanelScore, Title
from app.programme.models import Attestation
from app.programme.scoring.models import SheetAnswer
from app.registers.models import Activity, FixedAsset, RegisterEntry, SubsidyEntry, SupplyMovement
from app.reports.models import PublicReport
from app.rulebooks import load
from app.sites.models import SiteChange
from tests.access import OWN, SIBLING, Network, Place
from tests.usage.helpers import Phone


def furnish(network: Network) -> None:
    """Give the first two places everything that people write into, and the second a past: things done and decided."""
    for name in (OWN, SIBLING):
        place = network.places[name]
        for row in (*_registers(place), *_programme(network, place)):
            network.factories.add(row)
        rated(network, place)
    _past(network)


def rated(network: Network, place: Place) -> None:
    """A rating with a comment."""
    phone = Phone(network.app, place.code.code)
    answer = phone.rate(phone.logged(), 2, details="1", comment="脏")
    assert answer.status_code == 303, answer.text


def _registers(place: Place) -> list[object]:
    site, day = place.site.id, date(2026, 11, 19)
    at = place.suspension.starts_at
    marks = {"recorded_at": at}
    return [
        *(
            RegisterEntry(
                site_id=site, register=book, done_on=day, done_by="x", note="x", findings={"fire": False}, **marks
            )
            for book in ("cleaning", "maintenance", "safety")
        ),
        Activity(
            site_id=site, kind="lecture", topic="health", title="x", note="x", starts_at=at,
            ends_at=at + timedelta(hours=1), **marks,
        ),
        SupplyMovement(site_id=site, item="tissues", quantity=3, moved_on=day, source="x", note="x", **marks),
        FixedAsset(site_id=site, number="x", name="x", source="bought", disposed_on=day, disposal="x", **marks),
        SubsidyEntry(
            site_id=site, booked_on=day, amount_yuan=Decimal(5), purpose="equipment", source="x", note="x", **marks
        ),
    ]  # fmt: skip


def _programme(network: Network, place: Place) -> list[object]:
    at, case = network.factories.clock(), place.case.case
    first = next(iter(load("qingdao-2023").score_sheets.values())).items[0]
    return [
        Attestation(
            site_id=place.site.id, item="rules", holds=True, stated_on=at.date(), stated_at=at, note="x",
            user_id=place.person.id,
        ),
        CaseEvent(
            case_id=case.id, number=2, act="return", from_state="submitted", to_state="returned", at=at,
            actor_id=place.person.id, rulebook_digest=case.rulebook_digest, note="x",
        ),
        PanelScore(
            case_id=case.id, assessor_id=place.person.id, number=1, points=Decimal(80), remark="x", scored_at=at
        ),
        SheetAnswer(
            filled_sheet_id=place.sheets.sheet.id, item=first.id, note="x"
        ),
        SiteChange(site_id=place.site.id, at=at, user_id=place.person.id, act="edit", note="x"),
    ]  # fmt: skip


def _past(network: Network) -> None:
    """At the sibling everything is over: checked, published, answered, revoked."""
    place, at = network.places[SIBLING], network.factories.clock()
    done = {"done_at": at, "done_by_id": place.person.id, "result": "rectify", "mode": "on_site"}
    ended = {
        Inspection: (place.checks.inspection.id, done),
        DemonstrationCall: (place.call.call.id, {"state": "published", "published_at": at}),
        Title: (place.call.title.id, {"revoked_on": at.date()}),
        PublicReport: (place.report.id, {"state": "resolved"}),
    }
    with network.app.app_context(), unit_of_work():
        for model, (key, values) in ended.items():
            known = {name: value for name, value in values.items() if name in model.__table__.columns}
            assert known, model
            db.session.execute(update(model).where(model.__table__.c.id == key).values(known))
