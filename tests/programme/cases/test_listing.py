"""The list of cases: one among many is found again."""

from datetime import timedelta

import pytest

from app.months import local_date
from app.programme.cases import listing
from tests.factories import Factories
from tests.programme.cases.conftest import City
from tests.programme.cases.helpers import Cases


@pytest.mark.parametrize("part", ["东楼", "number", "host"])
def test_a_case_is_found_by_its_site_its_host_or_its_number(
    cases: Cases, city: City, factories: Factories, part: str
) -> None:
    case = cases.put("application", "submitted", city.site)
    other = cases.put("application", "submitted", factories.site(name="别处小屋"))
    wanted = {"number": case.number.lower(), "host": city.unit_union.name}.get(part, part)
    page = factories.login(city.municipal).get("/manage/cases", query_string={"q": wanted}).text
    assert f'href="/manage/cases/{case.id}"' in page
    assert f'href="/manage/cases/{other.id}"' not in page
    assert f'value="{wanted}"' in page
    none = factories.login(city.municipal).get("/manage/cases", query_string={"q": "100%_\0"}).text
    assert f'href="/manage/cases/{case.id}"' not in none


def test_of_too_many_the_most_pressing_are_shown_as_hers(
    cases: Cases, city: City, factories: Factories, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_MINE", 1)
    long_ago = cases.clock() - timedelta(days=90)
    late = cases.put("application", "submitted", city.site, updated_at=long_ago, due_on=local_date(long_ago))
    cases.put("application", "submitted", factories.site(city.unit_union), due_on=local_date(cases.clock()))
    cases.put("suspension", "approved", city.site)
    mine = factories.login(city.district).get("/manage/cases").text.partition('id="others-title"')[0]
    assert f'href="/manage/cases/{late.id}"' in mine
