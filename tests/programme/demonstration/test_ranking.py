"""A district ranks, visits and recommends within its quota."""

import pytest

from app.accounts.models import User
from app.db import db, unit_of_work
from app.errors import Conflict, Forbidden, Invalid
from app.programme.cases.models import Case
from app.programme.demonstration import looking, queries, ranking
from app.programme.demonstration.models import DemonstrationCall
from tests.programme.demonstration.helpers import Scene


def order(scene: Scene) -> list[int]:
    """Ids of the first district's applications as ranked."""
    with scene.app.app_context():
        call = db.session.get_one(DemonstrationCall, scene.call.id)
        return [
            one.case.id
            for one in ranking.ranked(db.session.get_one(User, scene.officers[0].id), call, scene.districts[0])
        ]


def test_up_and_down(scene: Scene) -> None:
    rooms = [scene.rooms[0], scene.make_room(scene.units[0]), scene.make_room(scene.units[0])]
    first, second, third = (scene.applied(0, room).id for room in rooms)
    foreign = scene.applied(1).id
    district, path = scene.browser(scene.officers[0]), f"/manage/calls/{scene.call.id}"
    assert order(scene) == [first, second, third]
    for case_id, direction, expected in (
        (third, "up", [first, third, second]),
        (third, "up", [third, first, second]),
        (third, "up", [third, first, second]),
        (first, "down", [third, second, first]),
    ):
        assert district.post(f"{path}/rank", case_id=case_id, direction=direction).status_code == 302
        assert order(scene) == expected
    for wrong in (foreign, 0, "x"):
        assert district.post(f"{path}/rank", case_id=wrong, direction="up").status_code == 422


def test_who_is_declined_leaves_no_gap(scene: Scene) -> None:
    rooms = [scene.rooms[0], *(scene.make_room(scene.units[0], name=name) for name in ("乙小屋", "丙小屋"))]
    first, second, third = (scene.applied(0, room) for room in rooms)
    district, path = scene.browser(scene.officers[0]), f"/manage/calls/{scene.call.id}"
    scene.cases.act(scene.officers[0], first, "decline", note="材料不实")
    assert scene.read(lambda: queries.places_of(scene.call.id)) == {second.id: 1, third.id: 2}
    assert "区内第 1" in district.get(f"/manage/cases/{second.id}/review")
    assert "区内第" not in district.get(f"/manage/cases/{first.id}/review")
    reasons = [{"item": "other", "reason": "补照片"}]
    scene.cases.act(scene.officers[0], second, "return", reasons=reasons)
    assert district.post(f"{path}/rank", case_id=third.id, direction="up").status_code == 302
    scene.cases.act(scene.applicants[0], second, "apply")
    assert order(scene) == [second.id, third.id]


def test_more_than_the_quota_is_refused_with_the_number(scene: Scene) -> None:
    scene.recommended(0)
    room = scene.make_room(scene.units[0])
    case = scene.applied(0, room)
    scene.cases.sheet(room, "acceptance", scene.officers[0], case=case)
    with pytest.raises(Conflict, match="may recommend 1 and has done so"):
        scene.cases.act(scene.officers[0], case, "recommend")
    answer = scene.browser(scene.officers[0]).post(
        f"/manage/calls/{scene.call.id}/decide", case_id=case.id, act="recommend", seen_state="submitted"
    )
    assert answer.status_code == 409
    assert "已推荐 1 / 名额 1" in answer.get_data(as_text=True)
    scene.cases.act(scene.officers[0], case, "decline", note="名额已满")
    assert scene.cases.fresh(case).state == "not_recommended"


def test_a_recommendation_needs_a_visit_and_comes_in_time(scene: Scene) -> None:
    case = scene.applied(0)
    with pytest.raises(Invalid, match="Visit the site first"):
        scene.cases.act(scene.officers[0], case, "recommend")
    with scene.app.app_context(), unit_of_work():
        found = db.session.get_one(Case, case.id)
        with pytest.raises(Conflict):
            looking.record(scene.officers[1], found, mode="on_site", result="passed", note="x", now=scene.clock())
        for sent in ({"mode": "by phone"}, {"result": "well"}, {"note": " "}):
            with pytest.raises(Invalid) as caught:
                looking.record(
                    scene.officers[0], found,
                    **{"mode": "on_site", "result": "passed", "note": "整洁", **sent}, now=scene.clock(),
                )  # fmt: skip
            assert list(caught.value.fields) == list(sent)
        looking.record(scene.officers[0], found, mode="on_site", result="passed", note="整洁", now=scene.clock())
    scene.clock.advance(days=21)
    with pytest.raises(Conflict, match="Recommendations were due on 2026-12-10"):
        scene.cases.act(scene.officers[0], case, "recommend")


def test_who_applied_does_not_judge(scene: Scene) -> None:
    case = scene.recommended(0)
    with pytest.raises(Forbidden):
        scene.cases.act(scene.applicants[0], case, "nominate")
    other = scene.applied(1)
    with pytest.raises(Forbidden):
        scene.cases.act(scene.applicants[1], other, "recommend")
