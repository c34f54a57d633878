"""The pages for staff, as forms send them: what is kept, what is said, what the files hold."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta

import pypdfium2
import pytest
import zxingcpp
from flask.testing import FlaskClient
from openpyxl import load_workbook

from app.care.models import CareAttendance, CareChild, CareTerm, NurseryReturn
from app.db import db
from app.sites.models import Site
from app.sites.printing import poster_of
from tests.care import helpers
from tests.care.conftest import Care
from tests.conftest import Clock
from tests.factories import Factories
from tests.forms import submit, token_of


def test_a_term_is_entered_children_pasted_and_cards_printed(care: Care, factories: Factories) -> None:
    new = f"/manage/sites/{care.site.id}/terms/new"
    dates = {"starts_on": "2027-01-20", "ends_on": "2027-02-10"}
    answer = submit(care.client, new, name="2027 年寒假", staff="3", **dates)
    assert answer.status_code == 302
    page = answer.location
    answer = submit(care.client, page, lines="ZXM 3\n07 1", enrolled_on="2027-01-20", has_agreement="y")
    assert answer.status_code == 302
    text = care.client.get(page).text
    assert "ZXM" in text
    assert "缺保险" in text
    assert "缺协议" not in text
    pdf = care.client.get(page.replace("children", "cards.pdf"))
    assert pdf.mimetype == "application/pdf"
    with pypdfium2.PdfDocument(pdf.data) as document:
        image = document[0].render(scale=3).to_pil()
    codes = {symbol.text for symbol in zxingcpp.read_barcodes(image)}
    with factories.app.app_context():
        kept = {f"http://127.0.0.1:8000/c/{child.code}" for child in db.session.query(CareChild)}
    assert codes == kept
    assert "2027 年寒假" in care.client.get(f"/manage/sites/{care.site.id}/terms").text


def test_a_form_that_cannot_be_comes_again_with_what_was_typed(care: Care) -> None:
    new = f"/manage/sites/{care.site.id}/terms/new"
    answer = submit(care.client, new, name="", starts_on="x", ends_on="2027-02-10", places="-1")
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 3
    assert 'value="2027-02-10"' in answer.text
    edit = f"/manage/terms/{care.term.id}/edit"
    assert submit(care.client, edit, name="x", starts_on="2026-11-20", ends_on="2026-11-10").status_code == 422
    assert submit(care.client, edit, name="冬令营", starts_on="2026-11-10", ends_on="2026-11-30").status_code == 302
    assert "冬令营" in care.client.get(f"/manage/terms/{care.term.id}").text


def test_names_are_refused_line_by_line_and_nothing_is_stored(care: Care, factories: Factories) -> None:
    page = f"/manage/terms/{care.term.id}/children"
    answer = submit(care.client, page, lines="ZXM 3\n张小明 2", enrolled_on="2026-11-10")
    assert answer.status_code == 422
    assert "第 2 行“张小明 2”：" in answer.text
    assert "ZXM 3\n张小明 2" in answer.text.replace("\r\n", "\n")
    with factories.app.app_context():
        assert db.session.query(CareChild).count() == 0
    assert submit(care.client, page, lines="", enrolled_on="2026-11-10").status_code == 422
    assert submit(care.client, page, lines="A 1", enrolled_on="2026-01-10").status_code == 422


def test_a_childs_page_changes_her_entry(care: Care, factories: Factories) -> None:
    one = helpers.child(factories, care.term)
    page = f"/manage/children/{one.id}"
    assert submit(care.client, page, grade="9").status_code == 422
    answer = submit(care.client, page, grade="4", left_on="2026-11-19", is_insured="y")
    assert answer.location.endswith(f"/manage/terms/{care.term.id}/children#child-{one.id}")
    assert "2026-11-19 退出" in care.client.get(f"/manage/terms/{care.term.id}/children").text
    assert care.client.get(f"/manage/terms/{care.term.id}/cards.pdf").status_code == 409
    assert submit(care.client, page, f"{page}/code").status_code == 302
    assert submit(care.client, page, f"{page}/remove").status_code == 302
    assert care.client.get(page).status_code == 404


def take(client: FlaskClient, care: Care, accept: str = "text/html", **values: str) -> tuple[int, str]:
    page = f"/manage/terms/{care.term.id}/attendance"
    data = {"csrf_token": token_of(client, page), "on": "2026-11-20", **values}
    answer = client.post(page, data=data, headers={"Accept": accept})
    return answer.status_code, answer.text


def test_the_roll_by_taps_without_a_script(care: Care, factories: Factories) -> None:
    one, other = helpers.child(factories, care.term), helpers.child(factories, care.term, "07")
    page = f"/manage/terms/{care.term.id}/attendance"
    assert "实到 0 / 应到 2" in care.client.get(page).text
    assert take(care.client, care, present=str(one.id))[0] == 302
    text = care.client.get(page).text
    assert "实到 1 / 应到 2" in text
    assert "到 10:00" in text
    assert take(care.client, care, all="1")[0] == 302
    assert take(care.client, care, left=str(other.id))[0] == 302
    assert "离开 10:00" in care.client.get(page).text
    assert take(care.client, care, absent=str(other.id))[0] == 302
    assert "实到 1 / 应到 2" in care.client.get(page).text
    assert take(care.client, care, present="999")[0] == 422
    assert take(care.client, care, present="x")[0] == 422
    assert take(care.client, care, on="yesterday", present=str(one.id))[0] == 422
    assert "11月10日" in care.client.get(f"{page}?on=2020-01-01").text
    assert care.client.get(f"{page}?on=x").status_code == 422


def test_a_script_gets_the_row_back(care: Care, factories: Factories) -> None:
    one = helpers.child(factories, care.term)
    status, body = take(care.client, care, "application/json", present=str(one.id))
    assert status == 200
    assert json.loads(body)["counted"] == "实到 1 / 应到 1"
    status, body = take(care.client, care, "application/json", present="999")
    assert status == 422
    assert '"child"' in body


def test_a_day_is_marked_and_taken_back(care: Care, factories: Factories) -> None:
    helpers.child(factories, care.term)
    page, days = f"/manage/terms/{care.term.id}/attendance", f"/manage/terms/{care.term.id}/days"
    assert submit(care.client, page, days, on="2026-11-19", safety_checked="y", note="消防").status_code == 302
    text = care.client.get(f"/manage/terms/{care.term.id}").text
    assert "2026-11-19" in text
    assert "消防" in text
    assert submit(care.client, page, days, on="2026-11-19", unmark="1").status_code == 302
    assert "2026-11-19" not in care.client.get(f"/manage/terms/{care.term.id}").text
    assert submit(care.client, page, days, on="").status_code == 422


def test_a_term_is_closed_and_its_pages_only_show(care: Care, factories: Factories, clock: Clock) -> None:
    one = helpers.child(factories, care.term)
    page = f"/manage/terms/{care.term.id}"
    assert submit(care.client, f"{page}/edit", f"{page}/close").status_code == 409
    assert submit(care.client, f"{page}/edit", f"{page}/remove").status_code == 409
    clock.advance(days=12)
    assert submit(care.client, f"{page}/edit", f"{page}/close").status_code == 302
    for path in (page, f"{page}/attendance", f"{page}/children", f"/manage/children/{one.id}"):
        answer = care.client.get(path)
        assert answer.status_code == 200
        assert "<button" not in answer.text.partition("<main")[2]
    ahead = care.today + timedelta(days=60)
    empty = helpers.term(factories, care.site, starts_on=ahead, ends_on=ahead)
    again = f"/manage/terms/{empty.id}"
    assert submit(care.client, f"{again}/edit", f"{again}/remove").status_code == 302
    with factories.app.app_context():
        assert db.session.query(CareTerm).count() == 1


@pytest.fixture
def term_with_days(care: Care, factories: Factories) -> Care:
    """Two children; one came on both days, the other on one and left after it."""
    one = helpers.child(factories, care.term, has_agreement=True)
    other = helpers.child(factories, care.term, "07", grade=1, left_on=care.today)
    helpers.ran(factories, care.term, care.today - timedelta(days=1), one, other, safety_checked=True)
    helpers.ran(factories, care.term, care.today, one)
    return care


def test_the_files_hold_labels_days_and_the_rate(term_with_days: Care) -> None:
    care = term_with_days
    answer = care.client.get(f"/manage/terms/{care.term.id}/attendance.csv?lang=en")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0][-2:] == ["2026-11-19", "2026-11-20"]
    assert rows[1] == ["07", "1", "no", "no", "1", "1", "100.0", "1", ""]
    assert rows[2] == ["ZXM", "3", "yes", "no", "2", "2", "100.0", "1", "1"]
    book = load_workbook(io.BytesIO(care.client.get(f"/manage/terms/{care.term.id}/attendance.xlsx?lang=en").data))
    summary, table = book.worksheets
    said = {name.value: value.value for name, value in summary.iter_rows(max_col=2)}
    assert (said["Site"], said["Children"], said["Days that ran"]) == ("钱塘爱心托管驿站", 2, 2)
    assert (said["Of these with a safety check"], said["Attendance in per cent"]) == (1, 100)
    assert table.freeze_panes == "B2"
    assert (table.print_title_rows, table.print_title_cols) == ("$1:$1", "$A:$A")
    assert (table["H1"].alignment.textRotation, table.page_setup.paperSize) == (90, 9)
    assert table.oddHeader.left.text == "钱塘爱心托管驿站 " + care.term.name
    assert [cell.value for cell in table[3]][:3] == ["ZXM", 3, "yes"]


def test_incidents_are_recorded_and_retracted_on_their_page(care: Care, factories: Factories) -> None:
    page = f"/manage/sites/{care.site.id}/incidents"
    assert submit(care.client, page, happened_on="2026-11-19", description="x").status_code == 422
    values = {"kind": "accident", "happened_on": "2026-11-19", "description": "滑倒，已送医"}
    assert submit(care.client, page, **values).status_code == 302
    text = care.client.get(page).text
    assert "滑倒，已送医" in text
    assert "登记错了，撤回" not in text
    above = factories.login(factories.user("district_union", care.district))
    assert "登记错了，撤回" in above.get(page).text
    number = above.get(page).text.partition('id="incident-')[2].partition('"')[0]
    wrong = submit(above, page, f"/manage/incidents/{number}/retract", reason="")
    assert wrong.status_code == 422
    assert f'aria-describedby="reason-error-{number}"' in wrong.text
    assert submit(above, page, f"/manage/incidents/{number}/retract", reason="登记错了").status_code == 302
    assert "已撤回" in care.client.get(page).text
    assert submit(above, page, f"/manage/incidents/{number}/retract", reason="again").status_code == 409
    assert submit(care.client, page, f"/manage/incidents/{number}/retract", reason="x").status_code == 403


def test_a_nursery_reports_on_its_page(factories: Factories) -> None:
    *_, unit = factories.tree()
    site = factories.site(unit, kind="nursery")
    client = factories.login(factories.user("site_manager", unit, site))
    page = f"/manage/sites/{site.id}/nursery"
    assert "还没有填报过" in client.get(page).text
    values = {"as_of": "2026-11-20", "places": "40", "enrolled": "50", "own_employees_children": "x"}
    wrong = submit(client, page, **values)
    assert wrong.status_code == 422
    assert 'value="50"' in wrong.text
    values |= {"enrolled": "35", "own_employees_children": "25", "class_types": "full_day", "indoor_area_m2": "330"}
    assert submit(client, page, **values).status_code == 302
    text = client.get(page).text
    assert "62.5 %" in text
    assert "8.25" in text
    assert 'value="40"' in text
    assert client.get(f"/manage/sites/{site.id}/terms").status_code == 409
    with factories.app.app_context():
        assert db.session.query(NurseryReturn).one().price_yuan is None


def test_a_union_chooses_the_parts_of_a_centre(factories: Factories) -> None:
    *_, unit = factories.tree()
    centre = factories.site(unit, kind="combined")
    room, nursery = factories.site(unit), factories.site(unit, kind="nursery", name="托育园")
    client = factories.login(factories.user("unit_union", unit))
    page = f"/manage/sites/{centre.id}/parts"
    wrong = submit(client, page, parts=[room.id])
    assert wrong.status_code == 422
    assert f'value="{room.id}" checked' in wrong.text
    assert submit(client, page, parts=[room.id, nursery.id]).status_code == 302
    text = client.get(page).text
    assert "现在还不够" not in text
    assert f'href="/manage/sites/{nursery.id}"' in text
    manager = factories.login(factories.user("site_manager", unit, centre))
    text = manager.get(page).text
    assert "托育园" in text
    assert f'href="/manage/sites/{nursery.id}"' not in text
    assert "属于综合服务中心" in client.get(f"/manage/sites/{room.id}").text


def test_each_kinds_page_shows_its_panel(care: Care, factories: Factories) -> None:
    helpers.incident(factories, care.site)
    text = care.client.get(f"/manage/sites/{care.site.id}").text
    assert "2026 年寒假" in text
    assert f'href="/manage/terms/{care.term.id}/attendance"' in text
    unit = factories.login(factories.user("unit_union", care.unit))
    site = factories.site(care.unit, kind="nursery")
    assert "该填报了" in unit.get(f"/manage/sites/{site.id}").text
    helpers.report(factories, site)
    assert "75.0 %" in unit.get(f"/manage/sites/{site.id}").text
    centre = factories.site(care.unit, kind="combined")
    assert "不足两类" in unit.get(f"/manage/sites/{centre.id}").text


def test_no_attendance_is_left_behind_by_a_get(care: Care, factories: Factories) -> None:
    helpers.child(factories, care.term)
    for path in ("", "/attendance", "/children", "/attendance.csv", "/cards.pdf"):
        assert care.client.get(f"/manage/terms/{care.term.id}{path}").status_code == 200
    with factories.app.app_context():
        assert db.session.query(CareAttendance).count() == 0


def test_the_form_of_another_kind_asks_for_what_it_has(care: Care) -> None:
    page = f"/manage/sites/{care.site.id}/edit"
    text = care.client.get(page).text
    assert "对社会开放" in text
    assert "室内面积（平方米）" in text
    assert "仅限女性" not in text
    seen = text.partition('name="seen_at" value="')[2].partition('"')[0]
    values = {"name": "新名称", "admission": "anyone", "open_to_outsiders": "yes", "women_only": "", "datum": "wgs84"}
    answer = submit(care.client, page, seen_at=seen, **values)
    assert answer.status_code in (302, 422), answer.text
    assert "对社会开放" in care.client.get(f"/manage/sites/{care.site.id}").text


def test_the_history_speaks_of_these_records(care: Care, factories: Factories) -> None:
    one = helpers.child(factories, care.term)
    assert take(care.client, care, on="2026-11-18", present=str(one.id))[0] == 302
    text = care.client.get(f"/manage/sites/{care.site.id}/history").text
    assert "补记、更改托管日" in text
    assert "到了的孩子" in text
    assert "care_" not in text


def test_only_a_rooms_poster_bears_the_networks_name(care: Care, factories: Factories) -> None:
    settings = replace(factories.app.extensions["settings"], network_name="妈咪暖心网")
    room, code = factories.site(care.unit), factories.door_code(care.site)
    with factories.app.app_context():
        signs = [
            poster_of(db.session.get_one(Site, site.id), code, settings, factories.clock()).sign
            for site in (room, care.site)
        ]
    assert signs == ["妈咪暖心网", ""]
