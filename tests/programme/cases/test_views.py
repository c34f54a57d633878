"""The pages of cases, as the people of a city use them."""

import io

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.attachments.models import AttachmentView
from app.db import db
from app.programme.cases import listing
from app.programme.cases.models import Case, CaseAttachment
from app.sites.models import Site, SiteStatus
from tests.factories import Factories
from tests.forms import submit, token_of
from tests.programme.cases.conftest import City
from tests.programme.cases.helpers import ACCEPTANCE, Cases

NEW = {
    "name": "西楼小屋", "kind": "room", "premises": "mall", "address": "香港中路 10 号", "floor_label": "2 楼",
    "open_to_public": "yes",
}  # fmt: skip
FORM = {
    "union_head_name": "周洁", "union_head_phone": "0532-8888 6666", "manager_name": "张敏",
    "manager_phone": "13800000000", "premises": "mall", "serves": "有需要的女性", "open_to_public": "yes",
    "address": "香港中路 10 号", "postcode": "266000",
}  # fmt: skip


def of(case: Case) -> str:
    return f"/manage/cases/{case.id}"


def send(client: FlaskClient, case: Case, act: str, /, **values: str) -> TestResponse:
    page = f"{of(case)}/acts/{act}"
    state = client.get(page).text.split('name="seen_state" value="')[1].split('"')[0]
    return submit(client, page, **{"seen_state": state, **values})


def only_case(cases: Cases) -> Case:
    with cases.app.app_context():
        return db.session.scalars(select(Case)).one()


def test_a_new_site_from_the_first_line_to_the_plaque(cases: Cases, city: City, factories: Factories) -> None:
    unit, district, municipal = (factories.login(one) for one in (city.unit, city.district, city.municipal))
    answer = submit(unit, "/manage/cases/new", **NEW)
    case = only_case(cases)
    assert answer.location == f"{of(case)}/form"
    with cases.app.app_context():
        site = db.session.get_one(Site, case.site_id)
        assert (site.status, site.location_kind, site.is_public) == (SiteStatus.PREPARING, "public", False)
    assert "香港中路 10 号" in unit.get(f"{of(case)}/form").text
    saved = submit(unit, f"{of(case)}/form", seen_state="draft", do="save", **FORM)
    assert saved.status_code == 302
    early = submit(unit, f"{of(case)}/form", seen_state="draft", do="submit", **FORM)
    assert early.status_code == 422
    assert "填自查表" in early.text
    cases.sheet(site, "self_check", city.unit, case=case)
    assert submit(unit, f"{of(case)}/form", seen_state="draft", do="submit", **FORM).status_code == 302
    page = district.get(of(case)).text
    assert "轮到您办" in page
    assert "开始现场验收" in page
    cases.sheet(site, "acceptance", city.district, case=case)
    accepted = send(district, case, "accept", accepted_on="2026-11-20", **ACCEPTANCE)
    assert accepted.status_code == 302
    assert send(municipal, case, "file").status_code == 302
    assert "2026-0001" in unit.get(of(case)).text
    assert send(municipal, case, "issue_plaque", plaque_number="QD-1").status_code == 302
    assert "已挂牌" in unit.get(of(case)).text
    assert "西楼小屋" in unit.get(f"/sites/{site.id}").text


def test_what_is_wrong_on_a_new_site_is_named_and_kept(city: City, factories: Factories, cases: Cases) -> None:
    unit = factories.login(city.unit)
    wrong = {"premises": "", "open_to_public": "", "address": "", "kind": "x"}
    answer = submit(unit, "/manage/cases/new", **{**NEW, **wrong})
    assert answer.status_code == 422
    for field in wrong:
        assert f'id="{field}-error"' in answer.text
    assert "西楼小屋" in answer.text
    taken = submit(unit, "/manage/cases/new", **{**NEW, "name": "东楼 小屋"})
    assert taken.status_code == 422
    assert 'id="name-error"' in taken.text
    with cases.app.app_context():
        assert db.session.scalars(select(Case)).all() == []


def test_only_the_unit_builds_new_sites(city: City, factories: Factories) -> None:
    manager = factories.login(city.manager)
    page = manager.get("/manage/cases/new")
    assert "新建一个阵地" not in page.text
    assert "东楼小屋" in page.text
    token = token_of(manager, "/manage/cases/new")
    assert manager.post("/manage/cases/new", data={"csrf_token": token, **NEW}).status_code == 403
    assert factories.login(city.district).get("/manage/cases/new").status_code == 403


def test_begun_twice_is_the_same_draft(city: City, factories: Factories, cases: Cases) -> None:
    manager = factories.login(city.manager)
    page, action = f"/manage/sites/{city.site.id}", f"/manage/sites/{city.site.id}/cases"
    first = submit(manager, page, action, kind="application")
    second = submit(manager, page, action, kind="application")
    assert first.location == second.location == f"{of(only_case(cases))}/form"
    assert submit(manager, page, action, kind="dance").status_code == 422
    assert "建设申请" in manager.get(page).text


@pytest.mark.parametrize(
    ("field", "value"),
    [("postcode", "长" * 301), ("manager_phone", "call me"), ("premises", "moon"), ("open_to_public", "maybe")],
)
def test_a_wrong_answer_is_named_at_its_field(
    cases: Cases, city: City, factories: Factories, field: str, value: str
) -> None:
    case = cases.open(city.manager, "application", city.site)
    answer = submit(
        factories.login(city.unit), f"{of(case)}/form", seen_state="draft", do="save", **{**FORM, field: value}
    )
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "周洁" in answer.text


def test_only_a_union_says_where_a_site_is(cases: Cases, city: City, factories: Factories) -> None:
    site = factories.site(city.unit_union, status="preparing", accepted_on=None, location_kind="internal")
    manager_of_it = factories.user("site_manager", city.unit_union, site)
    case = cases.open(city.manager, "application", city.site)
    bare = cases.open(manager_of_it, "application", site)
    manager, unit = factories.login(city.manager), factories.login(city.unit)
    page = manager.get(f"{of(case)}/form").text
    assert 'name="premises"' not in page
    assert "<p>商场</p>" in page
    assert 'name="premises"' in unit.get(f"{of(case)}/form").text
    answer = submit(manager, f"{of(case)}/form", seen_state="draft", do="save", **{**FORM, "premises": "metro"})
    assert answer.status_code == 302
    wrong = submit(
        factories.login(manager_of_it), f"{of(bare)}/form", seen_state="draft", do="submit", **{**FORM, "postcode": ""}
    )
    assert wrong.status_code == 422
    assert 'href="#premises"' in wrong.text
    assert "由工会在阵地资料里登记" in wrong.text
    assert submit(unit, f"{of(bare)}/form", seen_state="draft", do="save", **FORM).status_code == 302
    with cases.app.app_context():
        assert db.session.get_one(Site, city.site.id).premises == "mall"
        stated = db.session.get_one(Site, site.id)
        assert (stated.premises, stated.location_kind) == ("mall", "public")


def test_reasons_stand_at_the_place_they_belong_to(cases: Cases, city: City, factories: Factories) -> None:
    case = cases.submitted(city.manager, "application", city.site)
    district, manager = factories.login(city.district), factories.login(city.manager)
    page = district.get(f"{of(case)}/acts/return").text
    assert 'name="reason-form.address"' in page
    assert 'name="reason-sheet.' in page
    nothing = send(district, case, "return")
    assert nothing.status_code == 422
    assert 'id="reasons-error"' in nothing.text
    assert send(district, case, "return", **{"reason-form.address": "<b>缺门牌号"}).status_code == 302
    form = manager.get(f"{of(case)}/form").text
    assert form.index('id="address-reason"') < form.index("&lt;b&gt;缺门牌号") < form.index('name="address"')
    shown = manager.get(of(case)).text
    assert "退回原因" in shown
    assert "&lt;b&gt;缺门牌号" in shown


def test_who_comes_late_is_told(cases: Cases, city: City, factories: Factories) -> None:
    case = cases.submitted(city.manager, "application", city.site)
    district = factories.login(city.district)
    page = f"{of(case)}/acts/refuse"
    token = token_of(district, page)
    cases.act(city.manager, case, "withdraw")
    late = district.post(page, data={"csrf_token": token, "seen_state": "submitted", "note": "x"})
    assert late.status_code == 409
    assert "已撤回" in late.text
    assert district.get(page).status_code == 409
    assert factories.login(city.manager).get(f"{of(case)}/form").status_code == 409


def test_who_has_acted_before_is_told_to_ask_a_colleague(cases: Cases, city: City, factories: Factories) -> None:
    case = cases.put("application", "submitted", city.site, by=city.district)
    district = factories.login(city.district)
    assert "换一位同事" in district.get(of(case)).text
    assert district.get(f"{of(case)}/acts/accept").status_code == 403


def test_the_list_begins_with_what_waits_for_her(cases: Cases, city: City, factories: Factories) -> None:
    waiting = cases.submitted(city.manager, "application", city.site)
    other = cases.put("demonstration", "titled", city.site)
    page = factories.login(city.district).get("/manage/cases").text
    assert page.index("轮到我办") < page.index(waiting.number) < page.index("其他") < page.index(other.number)
    unit = factories.login(city.unit)
    assert "轮到我办" not in unit.get("/manage/cases").text
    only = unit.get("/manage/cases?kind=demonstration&state=titled&year=2026").text
    assert other.number in only
    assert waiting.number not in only
    assert other.number not in unit.get("/manage/cases?year=2025").text
    for odd in ("kind=x", "year=abc", "page=-1", "page=99999", "kind=application&state=y", "year=9999999"):
        assert unit.get(f"/manage/cases?{odd}").status_code == 200


def test_the_list_is_paged(cases: Cases, city: City, factories: Factories, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    for _ in range(3):
        cases.put("demonstration", "titled", city.site)
    client = factories.login(city.unit)
    first, second = (client.get(f"/manage/cases?page={number}").text for number in (1, 2))
    assert (first.count("case-card"), second.count("case-card")) == (2, 1)
    assert "下一页" in first
    assert "上一页" in second


def picture() -> FileStorage:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "red").save(out, "JPEG")
    return FileStorage(io.BytesIO(out.getvalue()), filename="健康证.jpg")


def hand_in(client: FlaskClient, case: Case, kind: str, *files: FileStorage) -> TestResponse:
    data = {"csrf_token": token_of(client, of(case)), "kind": kind, "file": list(files)}
    return client.post(f"{of(case)}/files", data=data, content_type="multipart/form-data")


def its_file(cases: Cases) -> CaseAttachment:
    with cases.app.app_context():
        return db.session.scalars(select(CaseAttachment)).one()


def test_certificates_are_for_reviewers_and_each_look_is_noted(cases: Cases, city: City, factories: Factories) -> None:
    case = cases.open(city.manager, "application", city.site)
    manager, unit, district = (factories.login(one) for one in (city.manager, city.unit, city.district))
    assert hand_in(manager, case, "certificate", picture()).status_code == 302
    path = f"{of(case)}/files/{its_file(cases).attachment_id}"
    for client, status in ((manager, 200), (district, 200), (unit, 403)):
        answer = client.get(path)
        answer.close()
        assert answer.status_code == status
    assert "仅审核人员可看" in unit.get(of(case)).text
    with cases.app.app_context():
        looks = [look.user_id for look in db.session.scalars(select(AttachmentView).order_by(AttachmentView.id))]
    assert looks == [city.manager.id, city.district.id]


def test_a_file_is_taken_back_by_who_handed_it_in(cases: Cases, city: City, factories: Factories) -> None:
    case = cases.open(city.manager, "application", city.site)
    manager, unit = factories.login(city.manager), factories.login(city.unit)
    hand_in(manager, case, "photo", picture())
    remove = f"{of(case)}/files/{its_file(cases).attachment_id}/remove"
    assert submit(unit, of(case), remove).status_code == 409
    assert submit(manager, of(case), remove).status_code == 302
    assert its_file(cases).removed_at is not None
    assert submit(manager, of(case), remove).status_code == 404


def test_what_cannot_be_handed_in_is_explained(cases: Cases, city: City, factories: Factories) -> None:
    case = cases.open(city.manager, "application", city.site)
    manager = factories.login(city.manager)
    assert hand_in(manager, case, "photo").status_code == 422
    assert hand_in(manager, case, "secret", picture()).status_code == 422
    wrong = hand_in(manager, case, "photo", FileStorage(io.BytesIO(b"hello"), filename="a.exe"))
    assert wrong.status_code == 422
    token = token_of(manager, of(case))
    cases.act(city.manager, case, "withdraw")
    data = {"csrf_token": token, "kind": "photo", "file": picture()}
    late = manager.post(f"{of(case)}/files", data=data, content_type="multipart/form-data")
    assert late.status_code == 409


def assessor_of(factories: Factories, city: City) -> User:
    return factories.user("assessor", city.district_union, display_name="专家甲")


def test_an_assessor_sees_the_case_she_is_invited_to(cases: Cases, city: City, factories: Factories) -> None:
    expert = assessor_of(factories, city)
    case = cases.submitted(city.manager, "application", city.site)
    theirs = factories.login(expert)
    assert theirs.get(of(case)).status_code == 404
    district = factories.login(city.district)
    assert "专家甲" in district.get(of(case)).text
    assert submit(district, of(case), f"{of(case)}/assessors", user_id=str(expert.id)).status_code == 302
    assert theirs.get(of(case)).status_code == 200
    assert case.number in theirs.get("/manage/cases").text
    assert "开始现场验收" in theirs.get(of(case)).text
    assert "开始现场验收" in theirs.get("/manage/inbox").text
    cases.sheet(city.site, "acceptance", expert, case=case)
    assert "开始现场验收" not in theirs.get("/manage/inbox").text
    again = submit(district, of(case), f"{of(case)}/assessors", user_id=str(expert.id))
    assert again.status_code == 422
    assert submit(district, of(case), f"{of(case)}/assessors/{expert.id}/remove").status_code == 302
    assert theirs.get(of(case)).status_code == 404
    stranger = factories.user("assessor", factories.tree()[0])
    for wrong in (str(stranger.id), str(city.unit.id), "x", ""):
        assert submit(district, of(case), f"{of(case)}/assessors", user_id=wrong).status_code == 422
