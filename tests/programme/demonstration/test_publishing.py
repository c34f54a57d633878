"""Publication, titles, re-checks, revocation, titles from elsewhere, and what waits in the inbox."""

from datetime import date

import pytest

from app.accounts.inbox import inbox
from app.accounts.models import User
from app.db import db, unit_of_work
from app.errors import Conflict, Invalid
from app.programme.cases import queries as cases
from app.programme.demonstration import publishing, queries
from app.programme.demonstration.models import DemonstrationCall, Title
from app.sites.models import Site
from tests.programme.demonstration.helpers import Scene


def waiting(scene: Scene, user: User) -> set[str]:
    """Keys of what waits for somebody, of calls and titles."""
    with scene.app.test_request_context():
        found = inbox(db.session.get_one(User, user.id), scene.clock())
        keys = [item.key.split("-") for item in found]
        return {f"{key[0]}-{key[-1]}" for key in keys if key[0] in ("call", "title")}


def title_of(scene: Scene, index: int = 0) -> Title:
    """The latest title of a room."""
    found: Title = scene.read(lambda: queries.titles_of(scene.rooms[index].id)[0])
    return found


@pytest.mark.parametrize(
    ("on", "months", "expected"),
    [
        (date(2026, 11, 20), 12, date(2027, 11, 20)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 10, 31), 1, date(2026, 11, 30)),
    ],
)
def test_the_corresponding_day(on: date, months: int, expected: date) -> None:
    assert publishing.later(on, months) == expected


def test_a_notice_needs_a_name_a_date_and_candidates(scene: Scene) -> None:
    case = scene.candidate(0)
    for values, field in (
        ({"name": " "}, "name"),
        ({"name": "长" * 161}, "name"),
        ({"number": "长" * 61}, "number"),
        ({"text": "长" * 2001}, "text"),
        ({"granted_on": date(2026, 11, 21)}, "granted_on"),
        ({"granted_on": date(2026, 11, 18)}, "granted_on"),
    ):
        with pytest.raises(Invalid) as caught:
            scene.publish(**values)
        assert list(caught.value.fields) == [field]
    with pytest.raises(Conflict, match="published together"):
        scene.cases.act(scene.municipal, case, "publish")
    city, page = scene.browser(scene.municipal), f"/manage/calls/{scene.call.id}"
    answer = city.post(f"{page}/publish", name="", granted_on="2026-11-20", text="正文")
    assert answer.status_code == 422
    assert "正文" in answer.get_data(as_text=True)
    scene.publish(text="<b>&公布")
    assert "&lt;b&gt;&amp;公布" in city.get(page)
    with pytest.raises(Conflict, match="over"):
        scene.publish()
    assert city.status(f"{page}/edit") == 409


def test_a_list_waits_for_the_last_day_and_for_what_may_still_come(scene: Scene) -> None:
    scene.candidate(0)
    other, page = scene.applied(1), f"/manage/calls/{scene.call.id}/publish"
    city, district = scene.browser(scene.municipal), scene.browser(scene.officers[1])
    sent = {"name": "示范小屋", "number": "", "granted_on": "2026-11-20", "text": "第一段\n第二段"}

    def refused() -> str:
        answer = city.post(page, **sent)
        assert answer.status_code == 409
        return answer.get_data(as_text=True)

    assert "2026-11-30" in refused()
    scene.clock.advance(days=11)
    html = refused()
    assert scene.rooms[1].name in html
    assert "第一段\n第二段" in html
    reasons = [{"item": "other", "reason": "补照片"}]
    scene.cases.act(scene.officers[1], other, "return", reasons=reasons)
    assert scene.rooms[1].name in refused()
    scene.clock.advance(days=10)
    assert scene.rooms[1].name in city.get(page)
    assert city.post(page, **sent).status_code == 302
    assert 'class="as-typed">第一段' in city.get(f"/manage/calls/{scene.call.id}")
    late = {"case_id": other.id, "act": "decline", "seen_state": "returned", "note": "迟了"}
    assert district.post(f"/manage/calls/{scene.call.id}/decide", **late).status_code == 409


def test_what_a_call_leaves_behind_waits_for_nobody(scene: Scene) -> None:
    draft, handed_in = scene.begun(0), scene.applied(1)
    unit = scene.browser(scene.applicants[0])
    case, act = f"/manage/cases/{draft.id}", f"/manage/cases/{draft.id}/acts/withdraw"
    assert case in unit.get("/manage/inbox")
    assert act in unit.get(case)
    scene.end()
    html = unit.get(case)
    assert "这次申报不再办理" in html
    assert act not in html
    assert case not in unit.get("/manage/inbox")
    assert "继续填报" not in unit.get(f"/manage/calls/{scene.call.id}")
    assert "call-rank" in waiting(scene, scene.officers[1])
    with pytest.raises(Conflict, match="no candidates"):
        scene.publish()
    with scene.app.app_context(), unit_of_work():
        db.session.get_one(DemonstrationCall, scene.call.id).state = "published"
    late = scene.browser(scene.applicants[1])
    assert "名单公布后这次申报随评选结束" in late.get(f"/manage/cases/{handed_in.id}")
    assert f"/manage/cases/{handed_in.id}" not in late.get("/manage/inbox")
    assert scene.read(lambda: cases.pending(cases.cases_of(scene.rooms[1].id), scene.today())) == []


def test_a_recheck_moves_its_date_and_a_revocation_ends_it(scene: Scene) -> None:
    scene.candidate(0)
    scene.publish()
    scene.clock.advance(days=355, hours=-8)  # early on a day in Beijing it is still the day before in UTC
    assert "title-20" in {key[:8] for key in waiting(scene, scene.municipal)}
    district, city = scene.browser(scene.officers[0]), scene.browser(scene.municipal)
    path = f"/manage/titles/{title_of(scene).id}"
    sent = {"seen_state": "titled", "seen_recheck": "2027-11-20", "note": "在位"}
    assert district.post(f"{path}/recheck", **sent).status_code == 302
    assert title_of(scene).recheck_by == date(2028, 11, 10)
    again = city.post(f"{path}/recheck", **{**sent, "note": "同时在看"})
    assert again.status_code == 409
    assert "同时在看</textarea>" in again.get_data(as_text=True)
    assert "2027-11-10</span> 复核合格" in city.get(path)
    assert city.post(f"{path}/revoke", seen_state="titled", note="发生事故").status_code == 302
    revoked = title_of(scene)
    assert (revoked.revoked_on, revoked.revoked_reason, revoked.revoked_by_id) == (
        scene.today(), "发生事故", scene.municipal.id,
    )  # fmt: skip
    assert city.post(f"{path}/revoke", seen_state="titled", note="再次").status_code == 409
    assert scene.browser(scene.officers[1]).status(path) == 404


def test_titles_from_elsewhere_are_recorded_and_revoked(scene: Scene) -> None:
    city, room = scene.browser(scene.municipal), scene.rooms[0]
    sent = {"site_id": room.id, "name": "省级示范", "year": "2025", "granted_on": "2025-12-01"}
    for wrong in ({"name": ""}, {"year": "25"}, {"granted_on": "2027-01-01"}, {"granted_on": ""}, {"site_id": 0}):
        assert city.post("/manage/titles", **{**sent, **wrong}).status_code == 422
    assert city.post("/manage/titles", **sent).status_code == 302
    path = f"/manage/titles/{title_of(scene).id}"
    assert "省级示范" in city.get(f"/manage/sites/{room.id}")
    assert "省级示范" in scene.app.test_client().get("/titles").get_data(as_text=True)
    assert scene.browser(scene.officers[0]).post(f"{path}/revoke", note="不符").status_code == 409
    assert city.post(f"{path}/revoke", note="").status_code == 422
    assert city.post(f"{path}/revoke", note="不符").status_code == 302
    assert title_of(scene).revoked_on == scene.today()


def test_a_title_ends_with_its_site(scene: Scene) -> None:
    scene.candidate(0)
    scene.publish()
    scene.clock.advance(days=400)
    assert waiting(scene, scene.municipal)
    with scene.app.app_context(), unit_of_work():
        site = db.session.get_one(Site, scene.rooms[0].id)
        site.status, site.closed_on = "closed", scene.today()
    assert not waiting(scene, scene.municipal)
    assert scene.rooms[0].name not in scene.app.test_client().get("/titles").get_data(as_text=True)
    html = scene.browser(scene.municipal).get(f"/manage/titles/{title_of(scene).id}")
    assert "已注销" in html
    assert "/recheck" not in html


def test_the_inbox_says_whose_turn_it_is(scene: Scene) -> None:
    assert waiting(scene, scene.applicants[0]) == {"call-apply"}
    case = scene.applied(0)
    assert waiting(scene, scene.applicants[0]) == set()
    assert waiting(scene, scene.officers[0]) == {"call-rank"}
    assert waiting(scene, scene.officers[1]) == set()
    scene.cases.sheet(scene.rooms[0], "acceptance", scene.officers[0], case=case)
    scene.recounted(scene.rooms[0], scene.officers[0])
    scene.cases.act(scene.officers[0], case, "recommend")
    assert waiting(scene, scene.officers[0]) == set()
    assert waiting(scene, scene.municipal) == {"call-score"}
    scene.browser(scene.municipal).post(f"/manage/cases/{case.id}/score", points="90", remark="")
    scene.clock.advance(days=21)
    assert waiting(scene, scene.municipal) == {"call-publish"}
