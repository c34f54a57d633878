"""The whole way of an application, as each person walks it on the pages."""

import pytest

from app.db import db
from app.finder.services import DirectoryKeeper
from app.programme.cases.models import Case
from app.programme.demonstration import queries
from app.programme.demonstration.models import DemonstrationCall
from tests.programme.demonstration.helpers import Scene


def test_from_the_call_to_the_recommendation(scene: Scene) -> None:
    page = f"/manage/calls/{scene.call.id}"
    unit, district = scene.browser(scene.applicants[0]), scene.browser(scene.officers[0])

    html = unit.get(page)
    assert "申报中" in html
    assert scene.rooms[0].name in html
    assert scene.rooms[1].name not in html
    begun = unit.post(f"{page}/applications", site_id=scene.rooms[0].id)
    assert begun.status_code == 302
    case_id = int(begun.location.rsplit("/", 1)[1])
    assert unit.post(f"{page}/applications", site_id=scene.rooms[0].id).status_code == 409
    case = scene.read(lambda: db.session.get_one(Case, case_id))
    assert "完整的自查表" in unit.get(f"/manage/cases/{case_id}/review")
    scene.cases.sheet(scene.rooms[0], "self_check", scene.applicants[0], case=case)
    scene.cases.act(scene.applicants[0], case, "apply")

    review = f"/manage/cases/{case_id}/review"
    assert "申报时的数字" in district.get(review)
    assert scene.rooms[0].name in district.get(page)
    refused = district.post(f"{page}/decide", case_id=case_id, act="recommend", seen_state="submitted")
    assert refused.status_code == 422
    assert "Visit the site first" in refused.get_data(as_text=True) or "察看" in refused.get_data(as_text=True)
    assert (
        district.post(f"/manage/cases/{case_id}/look", mode="on_site", result="passed", note="整洁").status_code == 302
    )
    unchecked = district.post(f"{page}/decide", case_id=case_id, act="recommend", seen_state="submitted")
    assert unchecked.status_code == 422
    assert "推荐前要现场或视频核查，并点数核对" in unchecked.get_data(as_text=True)
    look = {"mode": "video", "result": "passed", "note": "看了录像", "recount_uses": "3"}
    look |= {"recount_from": "2026-11-20T07:00", "recount_until": "2026-11-20T09:00"}
    for wrong in ("2026-11-20T06:00", "2026-11-21T06:00", ""):
        answer = district.post(f"/manage/cases/{case_id}/look", **{**look, "recount_until": wrong})
        assert answer.status_code == 422
        assert 'id="recount_until-error"' in answer.get_data(as_text=True)
    assert district.post(f"/manage/cases/{case_id}/look", **look).status_code == 302
    assert "看到 3 次，系统计入 0 次" in district.get(review)
    assert district.post(f"{page}/decide", case_id=case_id, act="recommend", seen_state="submitted").status_code == 302


def test_from_the_panel_to_the_title_and_back(scene: Scene) -> None:
    page, case_id = f"/manage/calls/{scene.call.id}", scene.recommended(0).id
    city, expert = scene.browser(scene.municipal), scene.browser(scene.assessor)
    assert expert.status(page) == 404
    assert city.post(f"{page}/assessors", assessor=scene.assessor.id).status_code == 302
    assert scene.rooms[0].name in expert.get(page)
    assert expert.post(f"/manage/cases/{case_id}/score", points="92.5", remark="好").status_code == 302
    assert city.post(f"/manage/cases/{case_id}/score", points="90", remark="").status_code == 302
    assert city.post(f"/manage/cases/{case_id}/look", mode="video", result="passed", note="视频连线").status_code == 302
    html = city.get(page)
    assert "91.25" in html
    assert city.post(f"{page}/decide", case_id=case_id, act="nominate", seen_state="recommended").status_code == 302
    assert "将获得称号的阵地（1）" in city.get(f"{page}/publish")
    scene.end()
    sent = {"name": "海滨市示范小屋", "number": "海工〔2026〕1号", "granted_on": "2026-11-20", "text": "现予公布。"}
    assert city.post(f"{page}/publish", **sent).status_code == 302

    call = scene.read(lambda: db.session.get_one(DemonstrationCall, scene.call.id))
    assert call.state == "published"
    assert [one["name"] for one in call.notice["sites"]] == [scene.rooms[0].name]
    public = scene.app.test_client().get("/titles").get_data(as_text=True)
    assert scene.rooms[0].name in public


def test_a_title_is_looked_at_again_and_revoked_by_who_has_published_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = DirectoryKeeper(scene.app, check_every_s=0, patience_s=30)
    monkeypatch.setitem(scene.app.extensions, "directory", directory)
    scene.candidate(0)
    scene.publish()
    unit, district, city = (scene.browser(one) for one in (scene.applicants[0], scene.officers[0], scene.municipal))
    finder = scene.app.test_client()
    assert "★ 海滨市示范小屋" in finder.get(f"/sites/{scene.rooms[0].id}").get_data(as_text=True)
    [title] = scene.read(lambda: queries.titles_of(scene.rooms[0].id))
    assert (str(title.granted_on), str(title.recheck_by)) == ("2026-11-20", "2027-11-20")
    at = f"/manage/titles/{title.id}"
    assert "撤销称号" not in district.get(at)
    looked = {"seen_state": "titled", "seen_recheck": "2027-11-20", "note": "仍符合"}
    assert district.post(f"{at}/recheck", **looked).status_code == 302
    assert city.post(f"{at}/revoke", seen_state="titled", note="").status_code == 422
    assert district.post(f"{at}/revoke", seen_state="titled", note="弄虚作假").status_code == 403
    assert city.post(f"{at}/revoke", seen_state="titled", note="弄虚作假").status_code == 302
    assert "弄虚作假" in unit.get(at)
    assert scene.rooms[0].name not in scene.app.test_client().get("/titles").get_data(as_text=True)
    assert "★" not in finder.get(f"/sites/{scene.rooms[0].id}").get_data(as_text=True)


def test_who_has_withdrawn_may_apply_again_and_does_not_count_as_an_application(scene: Scene) -> None:
    page = f"/manage/calls/{scene.call.id}"
    case, unit = scene.begun(0), scene.browser(scene.applicants[0])
    assert f'action="{page}/applications"' not in unit.get(page)
    withdrawn = unit.post(f"/manage/cases/{case.id}/acts/withdraw", seen_state="draft", note="")
    assert withdrawn.status_code == 302
    assert f'action="{page}/applications"' in unit.get(page)
    assert '<td class="num">1</td>' not in scene.browser(scene.municipal).get(page)
    assert unit.post(f"{page}/applications", site_id=scene.rooms[0].id).status_code == 302
