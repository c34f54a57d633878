"""Sheets that belong to a case or an inspection: for whom is invited or asked to inspect, and for nobody else."""

from datetime import date

import pytest
from flask import Flask

from app.accounts.models import User
from app.db import db
from app.errors import Forbidden, NotFound
from app.programme.cases.models import Case, CaseAssessor
from app.programme.scoring import queries
from app.programme.scoring.models import FilledSheet
from app.sites.models import Site
from tests.conftest import Clock
from tests.factories import Factories
from tests.forms import TOKEN
from tests.programme.cases.helpers import Cases
from tests.programme.checks.helpers import inspection_of
from tests.programme.scoring.conftest import Around
from tests.programme.scoring.helpers import begun, submitted


@pytest.fixture
def case(factories: Factories, around: Around) -> Case:
    return Cases(factories).open(around.manager, "application", around.site)


@pytest.fixture
def assessor(factories: Factories, around: Around, case: Case) -> User:
    """Invited to the case."""
    invited = factories.user("assessor", around.district)
    factories.add(
        CaseAssessor(
            case_id=case.id, user_id=invited.id, invited_at=factories.clock(), invited_by_id=around.district_person.id
        )
    )
    return invited


def sees(app: Flask, user: User, sheet: FilledSheet) -> bool:
    with app.app_context():
        try:
            return queries.get_sheet(db.session.get_one(User, user.id), sheet.id).id == sheet.id
        except NotFound:
            return False


def test_an_invited_assessor_fills_in_the_acceptance_of_her_case(
    factories: Factories, around: Around, case: Case, assessor: User
) -> None:
    app, now = factories.app, factories.clock()
    stranger = factories.user("assessor", around.district)
    with pytest.raises(NotFound):
        begun(app, stranger, around.site, now, "acceptance", case_id=case.id)
    with pytest.raises(NotFound):
        begun(app, assessor, around.site, now, "acceptance")
    with pytest.raises(Forbidden):
        begun(app, assessor, around.site, now, "self_check", case_id=case.id)
    sheet = submitted(app, assessor, around.site, now, "acceptance", case_id=case.id)
    everybody = (assessor, around.manager, around.unit_person, around.district_person, around.city_person)
    assert all(sees(app, user, sheet) for user in everybody)
    assert not sees(app, stranger, sheet)
    with app.app_context():
        found = queries.latest(around.site.id, "acceptance", case_id=case.id)
        assert found is not None
        assert found.id == sheet.id


def test_an_assessor_begins_it_from_the_case(factories: Factories, around: Around, case: Case, assessor: User) -> None:
    client = factories.login(assessor)
    page = client.get(f"/manage/cases/{case.id}")
    found = TOKEN.search(page.text)
    assert found
    data = {"csrf_token": found[1], "use": "acceptance", "case_id": str(case.id)}
    started = client.post(f"/manage/sites/{around.site.id}/sheets", data=data)
    assert started.status_code == 302
    text = client.get(started.location).text
    assert f"/manage/cases/{case.id}" in text
    assert f'href="/manage/sites/{around.site.id}' not in text
    other = factories.site(around.unit)
    assert client.post(f"/manage/sites/{other.id}/sheets", data=data).status_code == 404


def test_a_sheet_is_of_the_rulebook_of_its_case(factories: Factories, around: Around, case: Case) -> None:
    sheet = begun(factories.app, around.manager, around.site, factories.clock(), case_id=case.id)
    assert sheet.rulebook_digest == case.rulebook_digest


def test_the_inspector_fills_in_the_inspection(factories: Factories, around: Around, clock: Clock) -> None:
    app = factories.app
    inspector = factories.user("district_union", around.district)
    planned = inspection_of(factories, around.site, around.district, "spot_check", inspector_id=inspector.id)
    for person in (around.district_person, around.city_person):
        with pytest.raises(Forbidden):
            begun(app, person, around.site, clock(), "inspection", inspection_id=planned.id)
    for person in (around.manager, around.unit_person):
        with pytest.raises(NotFound):
            begun(app, person, around.site, clock(), "inspection", inspection_id=planned.id)
    sheet = submitted(app, inspector, around.site, clock(), "inspection", inspection_id=planned.id)
    assert sheet.filled_on == date(2026, 11, 20)
    with app.app_context():
        assert queries.latest(around.site.id, "inspection", inspection_id=planned.id) is not None
        assert queries.latest(around.site.id, "inspection", inspection_id=planned.id + 1) is None


def test_an_occasion_of_another_site_is_none(factories: Factories, around: Around, case: Case) -> None:
    other: Site = factories.site(around.unit)
    with pytest.raises(NotFound):
        begun(factories.app, around.unit_person, other, factories.clock(), case_id=case.id)
