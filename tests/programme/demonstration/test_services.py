"""Calls: who may open one, what it proposes, what it refuses."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.db import db, unit_of_work
from app.errors import Conflict, Invalid
from app.programme.demonstration import services
from app.programme.demonstration.models import DemonstrationCall
from app.programme.demonstration.stages import stage
from app.rulebooks import load
from tests.factories import Factories
from tests.programme.demonstration.helpers import Scene


def changed(scene: Scene, **terms: Any) -> DemonstrationCall:
    """The call after its terms were changed by the city."""
    call = scene.call
    kept = {name: getattr(call, name) for name in ("title", "year", "opens_on", "closes_on", "recommend_by", "places")}
    values = {**kept, "quotas": {int(key): number for key, number in call.quotas.items()}, **terms}
    with scene.app.app_context(), unit_of_work():
        found = db.session.get_one(DemonstrationCall, call.id)
        services.change_call(scene.municipal, found, services.Terms(**values), scene.clock())
        return found


def test_dalian_proposes_what_its_text_says(factories: Factories) -> None:
    scene = Scene(factories, "dalian-2017")
    with scene.app.app_context():
        terms = services.proposed(scene.city, load("dalian-2017"), date(2026, 10, 1))
        assert (terms.year, terms.closes_on, terms.places) == (2026, date(2026, 11, 6), 30)
        assert set(terms.quotas.values()) == {2}
        assert services.proposed(scene.city, load("dalian-2017"), date(2026, 11, 7)).closes_on == date(2027, 11, 6)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "长" * 201}, "title"),
        ({"note": "长" * 1001}, "note"),
        ({"closes_on": date(2026, 11, 19)}, "closes_on"),
        ({"opens_on": date(2026, 11, 1), "closes_on": date(2026, 11, 2)}, "closes_on"),
        ({"recommend_by": date(2026, 11, 21)}, "recommend_by"),
        ({"places": 0}, "places"),
    ],
)
def test_wrong_terms_are_named(scene: Scene, terms: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        changed(scene, **terms)
    assert list(caught.value.fields) == [field]


def test_only_who_calls_changes_a_call(scene: Scene) -> None:
    terms = services.Terms("x", 2026, scene.today(), scene.today(), scene.today())
    with scene.app.app_context():
        call = db.session.get_one(DemonstrationCall, scene.call.id)
        for user in (scene.officers[0], scene.applicants[0]):
            with pytest.raises(Conflict):
                services.change_call(user, call, terms, scene.clock())
            with pytest.raises(Conflict):
                services.open_call(user, scene.districts[0], terms, rulebook=load("qingdao-2023"), now=scene.clock())
        with pytest.raises(Conflict):
            services.open_call(scene.municipal, scene.city, terms, rulebook=load("beijing-2021"), now=scene.clock())


def test_a_district_calls_where_the_rulebook_says_so(factories: Factories) -> None:
    scene = Scene(factories)
    terms = services.Terms("星级评定", 2026, scene.today(), scene.today(), scene.today())
    with scene.app.app_context(), unit_of_work():
        call = services.open_call(
            scene.officers[0], scene.districts[0], terms, rulebook=load("beijing-bda-2017"), now=scene.clock()
        )
        assert call.trade_union_id == scene.districts[0].id


def test_the_quota_cannot_fall_below_what_was_recommended(scene: Scene) -> None:
    scene.recommended(0)
    district = scene.districts[0].id
    with pytest.raises(Invalid) as caught:
        changed(scene, quotas={district: 0})
    assert list(caught.value.fields) == [f"quota-{district}"]
    assert changed(scene, quotas={district: 3}).quotas == {str(district): 3}


def test_a_call_is_cancelled_only_while_nobody_has_applied(scene: Scene) -> None:
    def cancel(reason: str) -> str:
        with scene.app.app_context(), unit_of_work():
            call = db.session.get_one(DemonstrationCall, scene.call.id)
            services.cancel_call(scene.municipal, call, reason)
            return stage(call, scene.today())

    with pytest.raises(Invalid):
        cancel(" ")
    assert cancel("改期") == "cancelled"
    with pytest.raises(Conflict):
        cancel("再来")
    scene.call = scene.open_call()
    scene.applied(0)
    with pytest.raises(Conflict):
        cancel("改期")


def test_stages_include_their_last_day(scene: Scene) -> None:
    call, day = scene.call, timedelta(days=1)
    found = [
        stage(call, on)
        for on in (
            call.opens_on - day, call.opens_on, call.closes_on, call.closes_on + day, call.recommend_by,
            call.recommend_by + day,
        )
    ]  # fmt: skip
    assert found == ["upcoming", "applying", "applying", "recommending", "recommending", "reviewing"]


def test_the_form_keeps_what_was_typed(scene: Scene) -> None:
    city = scene.browser(scene.municipal)
    path = f"/manage/unions/{scene.city.id}/calls/new"
    sent = {
        "title": "第二批",
        "year": "20x6",
        "opens_on": "2026-12-01",
        "closes_on": "2026-12-31",
        "recommend_by": "2027-01-20",
    }
    answer = city.post(path, **sent)
    assert answer.status_code == 422
    html = answer.get_data(as_text=True)
    assert 'aria-describedby="year-error"' in html
    assert 'value="第二批"' in html
    quota = f"quota-{scene.districts[0].id}"
    for wrong in ({"opens_on": ""}, {"closes_on": "soon"}, {"places": "-1"}, {quota: "x"}):
        answer = city.post(path, **{**sent, "year": "2026", **wrong})
        assert answer.status_code == 422
        assert f'aria-describedby="{next(iter(wrong))}-error"' in answer.get_data(as_text=True)
    made = city.post(path, **{**sent, "year": "2026", quota: "2"})
    assert made.status_code == 302
    assert "尚未开始" in city.get(made.location)
    edit = made.location + "/edit"
    assert 'value="2"' in city.get(edit)
    assert city.post(edit, **{**sent, "year": "2026", "title": "第三批"}).status_code == 302
    assert city.post(edit, **{**sent, "year": "2026", "title": ""}).status_code == 422
    assert city.post(made.location + "/cancel", reason="改期").status_code == 302
    assert "已取消" in city.get("/manage/calls")
    assert scene.browser(scene.officers[0]).status(path) == 404
