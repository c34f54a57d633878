"""Which rulebook a union works by: its page, its history, what another one would change."""

from datetime import date

import pytest
from flask.testing import FlaskClient

from app.accounts.models import RulebookChoice, TradeUnion
from app.db import db
from app.errors import Conflict, Invalid
from app.programme import choices, services
from app.sites.models import Site
from tests.factories import Factories
from tests.programme.conftest import MakeRoom
from tests.programme.test_views import token


@pytest.fixture
def tree(factories: Factories) -> tuple[TradeUnion, TradeUnion, TradeUnion]:
    """A city that works by qingdao-2023 since 2024, a district and a unit."""
    city, district, unit = factories.tree()
    factories.add(RulebookChoice(trade_union_id=city.id, from_on=date(2024, 1, 1), rulebook_id="qingdao-2023"))
    return city, district, unit


def post(client: FlaskClient, union: TradeUnion, ending: str = "", **values: str) -> int:
    """The status that a choice is answered with."""
    path = f"/manage/unions/{union.id}/rulebook"
    return client.post(path + ending, data={"csrf_token": token(client, path), **values}).status_code


def test_a_choice_takes_effect_on_its_date(
    factories: Factories, tree: tuple[TradeUnion, TradeUnion, TradeUnion]
) -> None:
    city, district, unit = tree
    site = factories.site(unit)
    client = factories.login(factories.user("district_union", district))
    assert post(client, district, rulebook="dalian-2017", from_on="2027-01-01") == 302
    page = client.get(f"/manage/unions/{district.id}/rulebook").get_data(as_text=True)
    assert city.name in page
    assert "2027-01-01" in page
    with factories.app.app_context():
        site = db.session.get_one(Site, site.id)
        assert services.rulebook_for(site, date(2026, 12, 31), "beijing-2021") == "qingdao-2023"
        assert services.rulebook_for(site, date(2027, 1, 1), "beijing-2021") == "dalian-2017"
    assert "dalian-2017" in client.get(f"/manage/unions/{district.id}").get_data(as_text=True)
    unit_page = client.get(f"/manage/unions/{unit.id}/rulebook").get_data(as_text=True)
    assert "单位工会按所在区" in unit_page


def test_a_coming_choice_can_be_changed_and_taken_back(
    factories: Factories, tree: tuple[TradeUnion, TradeUnion, TradeUnion]
) -> None:
    _, district, _ = tree
    client = factories.login(factories.user("district_union", district))
    for name in ("dalian-2017", "beijing-2021"):
        assert post(client, district, rulebook=name, from_on="2027-01-01") == 302
    with factories.app.app_context():
        assert [row.rulebook_id for row, _ in choices.choices_of(district)] == ["beijing-2021"]
    assert post(client, district, "/withdraw", from_on="2027-01-01") == 302
    assert post(client, district, "/withdraw", from_on="2027-01-01") == 409
    assert post(client, district, "/withdraw", from_on="") == 422


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"rulebook": "qingdao-2023", "from_on": "2026-11-19"}, "from_on"),
        ({"rulebook": "qingdao-2023", "from_on": ""}, "from_on"),
        ({"rulebook": "qingdao-2023", "from_on": "soon"}, "from_on"),
        ({"rulebook": "none", "from_on": "2027-01-01"}, "rulebook"),
    ],
)
def test_what_is_wrong_is_named(
    factories: Factories, tree: tuple[TradeUnion, TradeUnion, TradeUnion], values: dict[str, str], field: str
) -> None:
    city, *_ = tree
    client = factories.login(factories.user("municipal_union", city))
    path = f"/manage/unions/{city.id}/rulebook"
    for answer in (
        client.post(path, data={"csrf_token": token(client, path), **values}),
        client.get(path, query_string=values),
    ):
        assert answer.status_code == 422
        assert f'aria-describedby="{field}-error"' in answer.get_data(as_text=True)


def test_the_past_is_not_rewritten(factories: Factories, tree: tuple[TradeUnion, TradeUnion, TradeUnion]) -> None:
    city, district, unit = tree
    user = factories.user("municipal_union", city)
    with factories.app.app_context():
        choices.choose(city, "dalian-2017", date(2026, 11, 20), user, factories.clock())
        with pytest.raises(Invalid, match="begun today"):
            choices.choose(city, "qingdao-2023", date(2026, 11, 20), user, factories.clock())
        with pytest.raises(Conflict):
            choices.withdraw(city, date(2026, 11, 20), date(2026, 11, 20))
        with pytest.raises(Conflict):
            choices.choose(unit, "dalian-2017", date(2027, 1, 1), user, factories.clock())
        assert choices.in_force(district, date(2026, 11, 19), "x").rulebook_id == "qingdao-2023"
        assert choices.in_force(district, date(2026, 11, 20), "x").rulebook_id == "dalian-2017"
        assert choices.in_force(district, date(2020, 1, 1), "x") == choices.InForce("x", None, None)


def test_a_preview_says_who_gains_and_who_loses(
    factories: Factories, tree: tuple[TradeUnion, TradeUnion, TradeUnion], good_room: MakeRoom
) -> None:
    city, district, unit = tree
    good_room(unit, name="好小屋")
    other = factories.union("district", city)
    good_room(factories.union("unit", other), name="别区小屋")
    factories.add(RulebookChoice(trade_union_id=other.id, from_on=date(2025, 1, 1), rulebook_id="qingdao-2023"))
    client = factories.login(factories.user("municipal_union", city))
    asked = {"rulebook": "beijing-2021", "from_on": "2027-01-01"}
    page = client.get(f"/manage/unions/{city.id}/rulebook", query_string=asked).get_data(as_text=True)
    assert "不再符合" in page
    assert "好小屋" in page
    assert "别区小屋" not in page  # its district has chosen for itself
    english = client.get(f"/manage/unions/{district.id}/rulebook", query_string={**asked, "lang": "en"})
    assert english.status_code == 200


def test_the_choice_of_another_city_is_nobody_elses(
    factories: Factories, tree: tuple[TradeUnion, TradeUnion, TradeUnion]
) -> None:
    stranger = factories.login(factories.user("municipal_union", factories.union("municipal")))
    assert stranger.get(f"/manage/unions/{tree[0].id}/rulebook").status_code == 404
