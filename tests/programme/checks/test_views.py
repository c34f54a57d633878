"""The pages of the checks: what people enter, what they are told, and that nothing typed is lost."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.db import db
from app.programme.cases.models import Case
from app.programme.checks.models import Inspection
from app.usage.models import UsageRecord
from tests.factories import Factories
from tests.forms import submit
from tests.programme.checks.conftest import Net
from tests.programme.checks.helpers import inspection_of, submitted_sheet

FOUND = {"mode": "on_site", "result": "rectify", "note": "", "item": "", "finding": "窗帘破损 <b>&"}


def jpeg(side: int = 400) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(out, "JPEG")
    out.seek(0)
    return out


def at(inspection: Inspection, act: str = "") -> str:
    return f"/manage/inspections/{inspection.id}" + (f"/{act}" if act else "")


def follow(client: FlaskClient, answer: TestResponse) -> str:
    assert answer.status_code == 302, answer.text[-600:]
    return client.get(answer.location).text


def test_planning_by_hand(net: Net, factories: Factories) -> None:
    client, page = factories.login(net.anna), f"/manage/sites/{net.sites[0].id}/check"
    wrong = submit(client, page, due_on="2020-01-01", reason="有人反映门锁着", inspector_id=str(net.emma.id))
    assert wrong.status_code == 422
    assert re.search(r'id="due_on"[^>]*aria-invalid="true"', wrong.text)
    assert 'value="有人反映门锁着"' in wrong.text
    assert f'value="{net.emma.id}" selected' in wrong.text
    for values in ({"due_on": "soon"}, {"due_on": "2026-12-01", "inspector_id": "x"}, {"due_on": "2026-12-01"}):
        assert submit(client, page, **values).status_code == 422
    made = submit(client, page, due_on="2026-12-01", reason="有人反映门锁着", inspector_id="")
    assert "有人反映门锁着" in follow(client, made)
    assert submit(client, page, due_on="2026-12-01", reason="再查").status_code == 409
    assert "已安排" in client.get("/manage/checks").text


def test_the_year_at_each_level(net: Net, factories: Factories) -> None:
    inspection_of(
        factories, net.sites[0], net.district, "spot_check", done_at=factories.clock(), result="passed"
    )
    district = factories.login(net.anna)
    page = district.get("/manage/checks").text
    assert "至少要查 2 个，还差 1 个" in page
    assert "至少要查 3 个，还差 3 个" in district.get("/manage/checks?kind=full_self").text
    assert net.sites[0].name not in district.get("/manage/checks?state=open").text
    assert net.sites[1].name in district.get("/manage/checks?state=open&page=9").text
    city = factories.login(net.clara).get
    assert "至少要查 1 个，还差 1 个" in city("/manage/checks").text
    assert "1 / 3" in " ".join(city("/manage/checks?kind=spot_check").text.split())
    assert net.sites[1].name in city(f"/manage/checks?kind=spot_check&union={net.district.id}").text
    assert "开始自查" in factories.login(net.bella).get("/manage/checks").text
    assert factories.login(net.bella).get(f"/manage/checks?union={net.district.id}").status_code == 404
    assert district.get("/manage/checks?union=x").status_code == 422
    assert "2025 年检查" in district.get("/manage/checks?year=2025").text
    assert "2026 年检查" in district.get("/manage/checks?year=9999").text


def test_an_inspection_that_finds_something_becomes_a_rectification(
    net: Net, factories: Factories, app: Flask
) -> None:
    inspection = inspection_of(factories, net.sites[0], net.district, "spot_check", inspector_id=net.anna.id)
    client = factories.login(net.anna)
    missing = submit(client, at(inspection), at(inspection, "finish"), **{**FOUND, "finding": " "})
    assert missing.status_code == 422
    assert 'id="findings-error"' in missing.text
    assert re.search(r'value="rectify" checked', missing.text)
    page = follow(client, submit(client, at(inspection), at(inspection, "finish"), **FOUND))
    assert "窗帘破损 &lt;b&gt;&amp;" in page
    with app.app_context():
        case = db.session.scalars(select(Case)).one()
        assert (case.kind, case.state, case.inspection_id) == ("rectification", "open", inspection.id)
        assert case.details["findings"] == [{"item": "", "text": "窗帘破损 <b>&"}]
        assert case.due_on is not None
    assert case.number in page
    assert submit(client, "/manage/account", at(inspection, "rectification")).status_code == 409
    assert "窗帘破损" in factories.login(net.dora).get(at(inspection)).text


def test_what_an_assessor_finds_waits_for_the_union(net: Net, factories: Factories, app: Flask) -> None:
    inspection = inspection_of(factories, net.sites[0], net.district, "spot_check", inspector_id=net.emma.id)
    emma, anna = factories.login(net.emma), factories.login(net.anna)
    assert net.sites[0].name in emma.get("/manage/checks").text
    page = follow(emma, submit(emma, at(inspection), at(inspection, "finish"), **FOUND))
    assert "等安排检查的工会" in page
    assert net.sites[0].name in anna.get("/manage/inbox").text
    page = follow(anna, submit(anna, at(inspection), at(inspection, "rectification")))
    assert "整改 R2026-" in page
    with app.app_context():
        assert db.session.scalars(select(Case.inspection_id)).all() == [inspection.id]


def test_what_was_seen_at_an_applicants_site_can_be_put_right(net: Net, factories: Factories, app: Flask) -> None:
    seen = {"done_at": factories.clock(), "result": "rectify", "mode": "on_site", "note": "窗帘破损\n" + "锁" * 500}
    look = inspection_of(factories, net.sites[0], net.district, "spot_check", done_by_id=net.anna.id, **seen)
    assert submit(factories.login(net.anna), at(look), at(look, "rectification")).status_code == 302
    with app.app_context():
        found = db.session.scalars(select(Case)).one().details["findings"]
        assert [len(one["text"]) for one in found] == [4, 400, 100]


def test_a_passed_inspection_opens_nothing(net: Net, factories: Factories, app: Flask) -> None:
    inspection = inspection_of(factories, net.sites[0], net.district, "spot_check", inspector_id=net.anna.id)
    client = factories.login(net.anna)
    values = {"mode": "video", "result": "passed", "note": "", "finding": "没有用"}
    assert "合格" in follow(client, submit(client, at(inspection), at(inspection, "finish"), **values))
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Case)) == 0
    assert submit(client, "/manage/account", at(inspection, "rectification")).status_code == 409
    assert submit(client, "/manage/account", at(inspection, "finish"), **values).status_code == 409


def test_the_sheet_of_an_inspection(net: Net, factories: Factories) -> None:
    inspection = inspection_of(factories, net.sites[0], net.district, "spot_check", inspector_id=net.emma.id)
    emma = factories.login(net.emma)
    first = submit(emma, at(inspection), at(inspection, "sheet"))
    again = submit(emma, at(inspection), at(inspection, "sheet"))
    assert first.status_code == again.status_code == 302
    assert first.location == again.location
    assert first.location.startswith("/manage/sheets/")
    assert submit(factories.login(net.anna), at(inspection), at(inspection, "sheet")).status_code == 409


def test_the_full_self_inspection_of_a_unit(net: Net, factories: Factories, app: Flask) -> None:
    client = factories.login(net.dora)
    begun = submit(client, "/manage/checks", f"/manage/sites/{net.sites[0].id}/full-self")
    assert "开始打分" in follow(client, begun)
    with app.app_context():
        inspection = db.session.scalars(select(Inspection)).one()
    path = at(inspection, "finish")
    values = {"mode": "on_site", "result": "passed", "note": ""}
    early = submit(client, at(inspection), path, **values)
    assert early.status_code == 422
    assert "请先填好评分表并提交" in early.text
    submitted_sheet(factories, inspection, net.dora, "92.5", "self_check")
    assert "92.5" in client.get(at(inspection)).text
    assert "合格" in follow(client, submit(client, at(inspection), path, **values))
    assert "合格" in factories.login(net.bella).get("/manage/checks").text


def test_photos(net: Net, factories: Factories) -> None:
    inspection = inspection_of(factories, net.sites[0], net.district, "spot_check", inspector_id=net.anna.id)
    client, add = factories.login(net.anna), at(inspection, "photos")
    wrong = submit(client, at(inspection), add, photo=(io.BytesIO(b"no photo"), "x.jpg"))
    assert wrong.status_code == 422
    assert 'id="photo-error"' in wrong.text
    assert submit(client, at(inspection), add).status_code == 422
    page = follow(client, submit(client, at(inspection), add, photo=(jpeg(), "门口.jpg")))
    assert at(inspection, "photos/1") in page
    shown = client.get(at(inspection, "photos/1"), buffered=True)
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert client.get(at(inspection, "photos/2")).status_code == 404
    assert factories.login(net.dora).get(at(inspection, "photos/1")).status_code == 404


def test_assigning_and_calling_off(net: Net, factories: Factories) -> None:
    inspection = inspection_of(factories, net.sites[0], net.district, "spot_check")
    client = factories.login(net.anna)
    for values in ({"inspector_id": ""}, {"inspector_id": str(net.bella.id)}):
        assert submit(client, at(inspection), at(inspection, "assign"), **values).status_code == 422
    page = follow(client, submit(client, at(inspection), at(inspection, "assign"), inspector_id=str(net.emma.id)))
    assert f'value="{net.emma.id}" selected' in page
    assert submit(client, at(inspection), at(inspection, "cancel"), reason="").status_code == 422
    assert "重复了" in follow(client, submit(client, at(inspection), at(inspection, "cancel"), reason="重复了"))
    for act in ("assign", "cancel", "finish", "sheet", "photos", "scan"):
        values = {"inspector_id": str(net.emma.id), **FOUND}
        assert submit(client, "/manage/account", at(inspection, act), **values).status_code == 409


def test_a_rectification_outside_any_inspection(net: Net, factories: Factories, app: Flask) -> None:
    client, page = factories.login(net.bella), f"/manage/sites/{net.sites[0].id}/rectification"
    assert "门锁着" in client.get(page, query_string={"text": "门锁着", "report_id": "7"}).text
    assert submit(client, page, finding="").status_code == 422
    made = submit(client, page, finding="门锁着", report_id="7")
    assert made.status_code == 302
    assert submit(client, page, finding="门锁着", report_id="7").location == made.location
    with app.app_context():
        case = db.session.scalars(select(Case)).one()
        assert case.details == {"findings": [{"item": "", "text": "门锁着"}], "report_id": 7}
    second = f"/manage/sites/{net.sites[1].id}/rectification"
    assert submit(client, second, finding="x", case_id=str(case.id)).status_code == 409
    assert submit(client, second, finding="x", case_id="999").status_code == 404
    assert submit(client, page, finding="x", case_id=str(case.id)).status_code == 302
    site = client.get(f"/manage/sites/{net.sites[0].id}").text
    assert case.number in site


# ------------------------------------------------------------------------------------------------ at the door


def uses(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(UsageRecord)) or 0


@pytest.mark.parametrize("closed", [False, True])
def test_an_inspection_scan_is_no_use(net: Net, factories: Factories, app: Flask, closed: bool) -> None:
    site = net.sites[0]
    code = factories.door_code(site).code
    if closed:
        factories.suspension(site, factories.clock())
    inspection = inspection_of(factories, site, net.district, "spot_check", inspector_id=net.anna.id)
    client = factories.login(net.anna)
    page = client.get(f"/r/{code}").text
    assert page.index("我来检查") < (page.index("自己要用小屋") if not closed else len(page))
    answer = submit(client, f"/r/{code}", at(inspection, "scan"), code=code)
    assert "扫过门上的码" in follow(client, answer)
    assert uses(app) == 0
    other = factories.door_code(net.sites[1]).code
    assert submit(client, at(inspection), at(inspection, "scan"), code=other).status_code == 422


def test_the_door_of_everybody_else_is_as_it_was(net: Net, factories: Factories) -> None:
    code = factories.door_code(net.sites[0]).code
    inspection_of(factories, net.sites[0], net.district, "spot_check", inspector_id=net.anna.id)

    def page(client: Any) -> str:
        return re.sub(r'(value|nonce)="[^"]*"', "", client.get(f"/r/{code}").text)

    visitor = factories.app.test_client()
    assert "Set-Cookie" not in visitor.get(f"/r/{code}").headers
    stranger = page(visitor)
    assert "检查" not in stranger
    people: list[User] = [net.bella, net.dora, net.clara]
    assert {page(factories.login(one)) for one in people} == {stranger}
