"""The form of a case: nothing that was typed is lost on the way."""

from tests.factories import Factories
from tests.forms import token_of
from tests.programme.cases.conftest import City
from tests.programme.cases.helpers import Cases
from tests.programme.cases.test_views import FORM, of


def test_who_goes_to_the_self_check_first_finds_the_form_as_she_left_it(
    cases: Cases, city: City, factories: Factories
) -> None:
    case, unit = cases.open(city.unit, "application", city.site), factories.login(city.unit)
    page = f"{of(case)}/form"
    assert 'form="case-form" name="do" value="sheet"' in unit.get(page).text
    token = token_of(unit, page)
    sent = {"csrf_token": token, "seen_state": "draft", "do": "sheet", "use": "self_check", "case_id": case.id, **FORM}
    answer = unit.post(page, data=sent)
    assert answer.status_code == 307
    assert "/manage/sheets/" in unit.post(answer.location, data=sent).location
    assert FORM["serves"] in unit.get(page).text


def test_what_is_still_missing_after_filing_is_said_where_it_was_filed(
    cases: Cases, city: City, factories: Factories
) -> None:
    unplaced = factories.site(city.unit_union, kind="room", status="preparing", lon=None, lat=None)
    case = cases.accepted(city.district, cases.submitted(city.unit, "application", unplaced))
    assert "还没有定位，地图上看不到" in factories.login(city.municipal).get(f"{of(case)}/acts/file").text
    cases.act(city.municipal, case, "file")
    page = factories.login(city.unit).get(of(case)).text
    assert f'href="/manage/sites/{unplaced.id}/edit#place"' in page
    assert f'href="/manage/sites/{unplaced.id}#poster"' in page


def test_nobody_writes_an_acceptance_before_its_sheet(cases: Cases, city: City, factories: Factories) -> None:
    case, district = cases.submitted(city.unit, "application", city.site), factories.login(city.district)
    page = district.get(f"{of(case)}/acts/accept").text
    assert "填验收表" in page
    assert "acceptance_findings" not in page
    cases.sheet(city.site, "acceptance", city.district, case=case)
    assert "acceptance_findings" in district.get(f"{of(case)}/acts/accept").text
