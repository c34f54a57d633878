"""What the inbox says about cases."""

from tests.factories import Factories
from tests.programme.cases.conftest import City
from tests.programme.cases.helpers import Cases


def test_the_inbox_says_whose_turn_it_is(cases: Cases, city: City, factories: Factories) -> None:
    case = cases.submitted(city.manager, "application", city.site)
    assert "建设申请" in factories.login(city.district).get("/manage/inbox").text
    cases.act(city.district, case, "return", reasons=[{"item": "other", "reason": "缺照片"}])
    assert "已退回" in factories.login(city.manager).get("/manage/inbox").text
