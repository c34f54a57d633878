"""What the evaluator gets about sites of all kinds, and that every page and the API judge all four."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.db import db
from app.months import Month, local_date
from app.programme import queries
from app.programme.bulk import Known
from app.programme.demonstration.models import Title
from app.programme.models import Attestation
from app.programme.scoring.models import FilledSheet
from app.programme.services import facts_for
from app.registers.models import Activity
from app.rulebooks import ActivityFacts, Facts, TitleFacts, evaluate, load
from app.sites.models import Site, Suspension
from tests.care import helpers
from tests.factories import Factories
from tests.programme.conftest import MakeRoom

TODAY = date(2026, 11, 20)
QINGDAO = "qingdao-2023"


def facts(app: Flask, site: Site, on: date = TODAY) -> Facts:
    with app.app_context():
        return facts_for(db.session.get_one(Site, site.id), load(QINGDAO), on)


def attest_all(factories: Factories, site: Site) -> None:
    at = factories.clock() - timedelta(days=20)
    for one in load(QINGDAO).attestations_for(site.kind, site.location_kind):
        factories.add(Attestation(site_id=site.id, item=one.id, holds=True, stated_on=local_date(at), stated_at=at))


def rate(factories: Factories, site: Site) -> None:
    month = Month.of(factories.clock())
    for back in range(12, 0, -1):
        factories.tally(site, str(month - back), 120, (0, 0, 0, 10, 30) if back == 1 else (0, 0, 0, 0, 0))


def equip(factories: Factories, host: Any, kind: str, **values: Any) -> Site:
    """A site of a kind with code, photo, ratings and every statement."""
    site = factories.site(host, **{"kind": kind, "area_m2": 400, **values})
    factories.door_code(site)
    factories.photo(site)
    rate(factories, site)
    attest_all(factories, site)
    return site


def sheet(factories: Factories, site: Site, total: int, **values: Any) -> FilledSheet:
    now = factories.clock()
    author = factories.user("site_manager", factories.tree()[2])
    defaults = {
        "client_key": uuid4(), "use": "self_check", "rulebook_id": QINGDAO, "rulebook_digest": "0" * 64, "sheet": "x",
        "filled_on": TODAY, "filled_by_id": author.id, "created_at": now, "updated_at": now,
        "submitted_at": now - timedelta(days=1), "total": Decimal(total),
    }  # fmt: skip
    made: FilledSheet = factories.add(FilledSheet(site_id=site.id, **{**defaults, **values}))
    return made


def test_codes_and_photos_are_those_of_the_day_asked_about(app: Flask, factories: Factories) -> None:
    site = factories.site()
    factories.door_code(site, revoked_at=factories.clock())
    factories.photo(site)
    found = [facts(app, site, day).system for day in (TODAY - timedelta(days=1), TODAY)]
    assert [(one["has_live_code"], one["has_photo"], one["has_outside_photo"]) for one in found] == [
        (True, False, False), (False, True, True),
    ]  # fmt: skip


@pytest.fixture
def care_site(factories: Factories) -> Site:
    """A holiday-care site that meets everything: 20 children on 20 days."""
    site = equip(factories, factories.tree()[2], "holiday_care")
    term = helpers.term(factories, site, starts_on=TODAY - timedelta(days=60), ends_on=TODAY - timedelta(days=30))
    children = [helpers.child(factories, term, f"{number:02d}") for number in range(20)]
    for number in range(20):
        helpers.ran(factories, term, term.starts_on + timedelta(days=number), *children[:14], safety_checked=True)
    return site


@pytest.fixture
def nursery_site(factories: Factories) -> Site:
    """A nursery that meets everything."""
    site = equip(factories, factories.tree()[2], "nursery")
    helpers.report(factories, site, has_health_title=True)
    return site


@pytest.fixture
def centre(factories: Factories, care_site: Site, nursery_site: Site) -> Site:
    """A combined centre of both."""
    site = equip(factories, factories.tree()[2], "combined")
    helpers.join(factories, site, care_site, nursery_site)
    for part in (care_site, nursery_site):
        sheet(factories, part, 85)
    return site


def verdict(app: Flask, site: Site) -> dict[str, str]:
    """What is not met, by condition."""
    report = evaluate(load(QINGDAO), facts(app, site), TODAY)
    return {finding.id: finding.result for finding in report.findings if finding.result != "met"}


def test_holiday_care_is_judged_by_its_term(app: Flask, care_site: Site, factories: Factories) -> None:
    found = facts(app, care_site)
    assert found.care
    assert [(term.children, term.days_run, term.expected, term.attended) for term in found.care.terms] == [
        (20, 20, 400, 280)
    ]
    assert verdict(app, care_site) == {}
    helpers.incident(factories, care_site)
    assert set(verdict(app, care_site).values()) == {"not_met"}


def test_a_nursery_is_judged_by_its_report(app: Flask, nursery_site: Site, factories: Factories) -> None:
    assert verdict(app, nursery_site) == {}
    helpers.report(factories, nursery_site, places=29, enrolled=29, own_employees_children=10)
    assert "not_met" in verdict(app, nursery_site).values()


def test_a_centre_is_judged_by_its_parts(app: Flask, centre: Site, care_site: Site, factories: Factories) -> None:
    parts = facts(app, centre).parts or ()
    assert [(part.facts.kind, part.self_check_score) for part in parts] == [("holiday_care", 85), ("nursery", 85)]
    assert verdict(app, centre) == {}
    sheet(factories, care_site, 79)
    sheet(factories, care_site, 99, use="acceptance")
    sheet(factories, care_site, 99, submitted_at=None)
    sheet(factories, care_site, 99, submitted_at=factories.clock() + timedelta(days=1))
    assert [part.self_check_score for part in facts(app, centre).parts or ()] == [Fraction(79), Fraction(85)]
    assert "not_met" in verdict(app, centre).values()


def test_parts_that_are_closed_are_left_out(app: Flask, factories: Factories) -> None:
    host = factories.tree()[2]
    centre, part = factories.site(host, kind="combined"), factories.site(host, status="closed", closed_on=TODAY)
    assert facts(app, centre).parts == ()
    helpers.join(factories, centre, part)
    assert facts(app, centre).parts == ()
    assert facts(app, part).parts is None


def test_what_registers_and_titles_say(app: Flask, good_room: MakeRoom, factories: Factories) -> None:
    site = good_room(premises="mall", plaque_issued_on=date(2026, 11, 20))
    now = factories.clock()
    common = {"title": "x", "topic": "health", "recorded_at": now}
    for kind, back in (("lecture", 30), ("activity", 3), ("activity", 3000)):
        at = now - timedelta(days=back)
        factories.add(Activity(site_id=site.id, kind=kind, starts_at=at, ends_at=at + timedelta(hours=1), **common))
    for name, granted, revoked in (("甲", date(2024, 1, 1), TODAY), ("乙", TODAY, TODAY + timedelta(days=1))):
        factories.add(Title(site_id=site.id, name=name, year=granted.year, granted_on=granted, revoked_on=revoked))
    factories.add(Title(site_id=site.id, name="丙", year=2026, granted_on=TODAY + timedelta(days=1)))
    found = facts(app, site)
    assert found.activities == (
        ActivityFacts("lecture", date(2026, 10, 21)), ActivityFacts("activity", date(2026, 11, 17)),
    )  # fmt: skip
    assert found.titles == (TitleFacts("甲", date(2024, 1, 1), TODAY), TitleFacts("乙", TODAY, None))
    assert (found.premises, found.system["has_plaque"]) == ("mall", True)
    before = facts(app, site, TODAY - timedelta(days=1))
    assert not before.system["has_plaque"]
    assert before.titles == (TitleFacts("甲", date(2024, 1, 1), None),)


def test_facts_to_decide_by_hold_the_latest_statements(app: Flask, good_room: MakeRoom, factories: Factories) -> None:
    sites = [good_room(), good_room(), factories.site()]
    at = factories.clock() - timedelta(days=20)
    restated = (
        ("privacy", 0, 1, False),
        ("privacy", 0, 2, True),
        ("privacy", 3, 1, False),
        ("separate_space", 0, 1, False),
        ("separate_space", -9, 5, True),
        ("plaque_and_signs", 30, 0, False),
    )
    for item, days, hours, holds in restated:
        moment = at + timedelta(hours=hours)
        values = {"holds": holds, "stated_on": local_date(at) + timedelta(days=days), "stated_at": moment}
        factories.add(Attestation(site_id=sites[0].id, item=item, **values))
    with app.app_context():
        first, rows = Month.of_date(TODAY) - 12, db.session.execute(select(*queries.site_columns())).all()
        ids = [one.id for one in sites]
        whole, bare = (
            queries.facts_of(rows, ids, TODAY, first, to_decide=known)
            for known in (None, Known.of(ids, TODAY, [first]))
        )
    for site in sites:
        stated = {item: (one.holds, one.stated_on) for item, one in whole[site.id].attestations.items()}
        assert {item: (one.holds, one.stated_on) for item, one in bare[site.id].attestations.items()} == stated
    held = {item: whole[sites[0].id].attestations[item].holds for item, *_ in restated}
    assert held == {"privacy": False, "separate_space": False, "plaque_and_signs": True}


def test_an_empty_register_is_no_statement(app: Flask, good_room: MakeRoom) -> None:
    found = facts(app, good_room())
    assert (found.activities, found.titles, found.incidents, found.care, found.nursery) == (None, (), (), None, None)


def test_only_official_closures_are_suspensions(app: Flask, good_room: MakeRoom, factories: Factories) -> None:
    site, at = good_room(), factories.clock()
    official = factories.suspension(site, at - timedelta(days=9), at - timedelta(days=8))
    for values in ({"is_official": False}, {"mode": "scan_only"}):
        factories.add(Suspension(site_id=site.id, starts_at=at, ends_at=None, reason="x", **values))
    assert [one.starts_at for one in facts(app, site).suspensions] == [official.starts_at]


@pytest.mark.parametrize("kind", ["care_site", "nursery_site", "centre"])
def test_every_page_and_the_api_judge_the_kind(app: Flask, request: Any, factories: Factories, kind: str) -> None:
    site: Site = request.getfixturevalue(kind)
    with app.app_context():
        host = db.session.get_one(Site, site.id).host
    client = factories.login(factories.user("unit_union", host))
    page = client.get(f"/manage/sites/{site.id}/verdict")
    assert page.status_code == 200
    assert "所有条件都已达到" in page.text
    assert client.get(f"/api/v1/sites/{site.id}/eligibility").json["verdict"] == "met"
    assert "示范条件" in client.get(f"/manage/sites/{site.id}").text
    assert "达到" in client.get(f"/manage/unions/{host.id}").text
    assert client.get(f"/manage/sites/{site.id}/statements").status_code == 200
    assert client.get(f"/manage/unions/{host.id}/sites.xlsx").status_code == 200


def test_a_kind_that_the_rulebook_does_not_know_is_said_to_be_so(
    app: Flask, nursery_site: Site, factories: Factories
) -> None:
    with app.app_context():
        host = db.session.get_one(Site, nursery_site.id).host
    client = factories.login(factories.user("unit_union", host))
    page = client.get(f"/manage/sites/{nursery_site.id}/verdict?rulebook=dalian-2017")
    assert page.status_code == 200
    assert "没有对这类阵地规定示范条件" in page.text
    answer = client.get(f"/api/v1/sites/{nursery_site.id}/eligibility?rulebook=dalian-2017")
    assert answer.status_code == 422


def test_centres_cost_a_fixed_number_of_queries(app: Flask, factories: Factories) -> None:
    host = factories.tree()[2]

    def make() -> None:
        centre, room, care = (factories.site(host, kind=kind) for kind in ("combined", "room", "holiday_care"))
        helpers.join(factories, centre, room, care)
        helpers.ran(factories, helpers.term(factories, care), TODAY)

    def count(act: Callable[[], object]) -> int:
        seen: list[str] = []

        def listen(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            if not statement.startswith("BEGIN"):
                seen.append(statement)

        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", listen)
            act()
            event.remove(db.engine, "before_cursor_execute", listen)
        return len(seen)

    def read() -> None:
        sites = db.session.execute(select(*queries.site_columns())).all()
        queries.facts_of(sites, select(Site.id), TODAY, Month.of_date(TODAY) - 12)

    make()
    before = count(read)
    make()
    make()
    assert count(read) == before <= 26
