"""The panel scores and nominates; the system only counts."""

import pytest

from app.accounts.models import User
from app.db import db, unit_of_work
from app.errors import Conflict, Invalid
from app.programme.cases.models import Case
from app.programme.demonstration import publishing, reviewing
from app.programme.demonstration.models import DemonstrationCall
from tests.programme.demonstration.helpers import Scene


def test_the_latest_score_of_each_member_counts(scene: Scene) -> None:
    case, city = scene.recommended(0), scene.browser(scene.municipal)
    path = f"/manage/cases/{case.id}/score"
    for points in ("80", "84.5"):
        assert city.post(path, points=points, remark="看过").status_code == 302
    assert city.post(f"/manage/calls/{scene.call.id}/assessors", assessor=scene.assessor.id).status_code == 302
    assert scene.browser(scene.assessor).post(path, points="90", remark="").status_code == 302
    marks = scene.read(lambda: reviewing.marks_of(case.id))
    assert (len(marks.scores), str(marks.mean), str(marks.spread)) == (2, "87.25", "5.50")
    for wrong in ("101", "-1", "x", "", "1e1000000", "90.125", "NaN"):
        answer = city.post(path, points=wrong, remark="")
        assert answer.status_code == 422
        assert 'id="points-error"' in answer.get_data(as_text=True)
    assert city.post(path, points="90", remark="长" * 601).status_code == 422


def test_who_is_not_on_the_panel_gives_no_points(scene: Scene) -> None:
    case = scene.recommended(0)
    path = f"/manage/cases/{case.id}/score"
    assert scene.browser(scene.officers[0]).post(path, points="90").status_code == 409
    assert scene.browser(scene.assessor).post(path, points="90").status_code == 404
    early = f"/manage/cases/{scene.applied(1).id}/score"
    assert scene.browser(scene.municipal).post(early, points="90").status_code == 409


def test_assessors_are_invited_once_there_is_something(scene: Scene) -> None:
    with scene.app.app_context(), unit_of_work():
        call = db.session.get_one(DemonstrationCall, scene.call.id)
        city = db.session.get_one(User, scene.municipal.id)
        with pytest.raises(Conflict):
            reviewing.invite(city, call, scene.assessor.id, scene.clock())
        with pytest.raises(Invalid):
            reviewing.invite(city, call, scene.officers[0].id, scene.clock())
    scene.recommended(0)
    city = scene.browser(scene.municipal)
    assert city.post(f"/manage/calls/{scene.call.id}/assessors", assessor="x").status_code == 422
    assert "专家李" in city.get(f"/manage/calls/{scene.call.id}")


def test_an_invited_assessor_sees_what_is_recommended_later(scene: Scene) -> None:
    scene.recommended(0)
    page = f"/manage/calls/{scene.call.id}"
    scene.browser(scene.municipal).post(f"{page}/assessors", assessor=scene.assessor.id)
    later = scene.recommended(1)
    assert scene.browser(scene.assessor).status(f"/manage/cases/{later.id}/review") == 200


def test_no_more_candidates_than_places(scene: Scene) -> None:
    cases = [scene.recommended(0), scene.recommended(1)]
    with scene.app.app_context(), unit_of_work():
        db.session.get_one(DemonstrationCall, scene.call.id).places = 1
    scene.cases.act(scene.municipal, cases[0], "nominate")
    with pytest.raises(Conflict, match="All 1 places are taken"):
        scene.cases.act(scene.municipal, cases[1], "nominate")
    city, page = scene.browser(scene.municipal), f"/manage/calls/{scene.call.id}"
    assert city.post(f"{page}/publish", name="示范", granted_on="2026-11-20").status_code == 409
    assert city.post(f"{page}/reject-rest", note="").status_code == 422
    assert city.post(f"{page}/reject-rest", note="名额已满").status_code == 302
    assert scene.cases.fresh(cases[1]).state == "not_selected"
    with scene.app.app_context():
        call = db.session.get_one(DemonstrationCall, scene.call.id)
        assert publishing.undecided(call) == []
        assert db.session.get_one(Case, cases[1].id).closed_at is not None
