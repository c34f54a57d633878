"""What an application has to bring, under Qingdao's and Dalian's rules."""

from datetime import date
from typing import Any

import pytest

from app.db import db, unit_of_work
from app.errors import Conflict, DomainError, Invalid, NotFound
from app.programme import decisions
from app.programme.cases.models import Case
from app.programme.demonstration.models import Title
from app.programme.models import Decision
from tests.factories import Factories
from tests.programme.demonstration.helpers import Scene


def refused(scene: Scene, case: Case, error: type[DomainError]) -> DomainError:
    """Why an application is not taken."""
    with pytest.raises(error) as caught:
        scene.cases.act(scene.applicants[0], case, "apply")
    return caught.value


def test_the_verdict_is_frozen_with_the_application(scene: Scene) -> None:
    case = scene.applied(0)
    scene.factories.tally(scene.rooms[0], "2026-11", 1)
    frozen = scene.read(lambda: decisions.latest_of(case.id))
    assert isinstance(frozen, Decision)
    assert (frozen.verdict, frozen.on, frozen.decided_by_id) == ("met", scene.today(), scene.applicants[0].id)
    [uses] = [one for one in frozen.report["zh"]["findings"] if one["id"] == "R8"]
    assert uses["value"] == 120
    html = scene.browser(scene.municipal).get(f"/manage/cases/{case.id}/review")
    assert frozen.rulebook_digest[:12] in html


def test_an_application_without_its_sheet_or_its_conditions_is_not_taken(scene: Scene) -> None:
    case = scene.begun(0)
    assert list(refused(scene, case, Invalid).fields) == ["self_check"]
    weak = scene.make_room(scene.units[0], uses=99)
    case = scene.begun(0, weak)
    scene.cases.sheet(weak, "self_check", scene.applicants[0], case=case)
    assert list(refused(scene, case, Invalid).fields) == ["verdict"]
    unknown = scene.make_room(scene.units[0], ratings=(0, 0, 0, 0, 29))
    case = scene.begun(0, unknown)
    scene.cases.sheet(unknown, "self_check", scene.applicants[0], case=case)
    assert list(refused(scene, case, Invalid).fields) == ["verdict"]
    assert scene.read(lambda: decisions.latest_of(case.id)) is None


def test_dates_hold(scene: Scene) -> None:
    late, returned = scene.begun(0), scene.applied(1)
    scene.cases.act(scene.officers[1], returned, "return", reasons=[{"item": "self_check", "reason": "补照片"}])
    scene.clock.advance(days=11)
    assert isinstance(refused(scene, late, Conflict), Conflict)
    scene.cases.act(scene.applicants[1], returned, "apply")  # what was returned may come back while districts recommend
    with pytest.raises(Conflict, match="Applications are taken from 2026-11-20 to 2026-11-30"):
        scene.begun(0)


def test_one_application_a_site_and_none_beside_a_call(scene: Scene) -> None:
    scene.begun(0)
    with pytest.raises(Conflict, match="applied under this call already"):
        scene.begun(0)
    with pytest.raises(Invalid) as caught:
        scene.cases.open(scene.applicants[1], "demonstration", scene.rooms[1])
    assert list(caught.value.fields) == ["call"]
    other = Scene(scene.factories)
    with pytest.raises(NotFound):
        scene.cases.open(scene.applicants[1], "demonstration", scene.rooms[1], call_id=other.call.id)


@pytest.fixture
def dalian(factories: Factories) -> Scene:
    """Dalian's rules."""
    return Scene(factories, "dalian-2017")


def test_dalian_asks_for_photos_and_a_short_presentation(dalian: Scene) -> None:
    case, unit = dalian.begun(0), dalian.browser(dalian.applicants[0])
    path = f"/manage/cases/{case.id}"
    dalian.cases.sheet(
        dalian.rooms[0], "self_check", dalian.applicants[0], case=case, rulebook="dalian-2017", is_passed=None
    )
    dalian.add_files(case, "photo", 4)
    assert list(refused(dalian, case, Invalid).fields) == ["photos"]
    assert "4 / 5" in unit.get(f"{path}/review")
    dalian.add_files(case, "photo", 1)
    assert list(refused(dalian, case, Invalid).fields) == ["presentation"]
    dalian.add_files(case, "presentation", 1)
    assert list(refused(dalian, case, Invalid).fields) == ["presentation_minutes"]
    for wrong in ("3.5", "0", "x", "NaN", ""):
        assert unit.post(f"{path}/presentation", presentation_minutes=wrong).status_code == 422
    assert unit.post(f"{path}/presentation", presentation_minutes="2.5").status_code == 302
    dalian.cases.act(dalian.applicants[0], case, "apply")
    assert unit.post(f"{path}/presentation", presentation_minutes="2").status_code == 409


def test_dalian_holders_may_not_apply_again(dalian: Scene) -> None:
    title = Title(site_id=dalian.rooms[0].id, name="市级示范", year=2016, granted_on=date(2016, 12, 1))
    dalian.factories.add(title)
    with pytest.raises(Conflict, match="holders may not apply again"):
        dalian.begun(0)
    assert "已有称号" in dalian.browser(dalian.applicants[0]).get(f"/manage/calls/{dalian.call.id}")
    with dalian.app.app_context(), unit_of_work():
        db.session.get_one(Title, title.id).revoked_on = date(2020, 1, 1)
    assert dalian.begun(0).state == "draft"


def test_qingdao_holders_may(scene: Scene) -> None:
    values: dict[str, Any] = {"name": "示范", "year": 2024, "granted_on": date(2024, 12, 1)}
    scene.factories.add(Title(site_id=scene.rooms[0].id, **values))
    assert scene.applied(0).state == "submitted"
