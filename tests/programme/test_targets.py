"""Year targets: the rulebook's for who has chosen it, a union's own, and progress."""

from datetime import date

import pytest

from app.accounts.models import RulebookChoice, TradeUnion
from app.errors import Conflict, Invalid
from app.programme.targets import Target, set_targets, targets
from tests.factories import Factories
from tests.programme.test_views import token


def by_kind(found: list[Target]) -> dict[str, tuple[int | None, int, int]]:
    return {one.kind: (one.number, one.accepted, one.preparing) for one in found}


def test_the_rulebooks_targets_are_those_of_who_has_chosen_it(factories: Factories) -> None:
    city, district, unit = factories.tree()
    factories.add(RulebookChoice(trade_union_id=city.id, from_on=date(2020, 1, 1), rulebook_id="qingdao-2020"))
    factories.site(unit, accepted_on=date(2020, 5, 1))
    factories.site(unit, accepted_on=date(2020, 12, 31), kind="holiday_care")
    factories.site(unit, accepted_on=date(2021, 1, 1))
    factories.site(unit, accepted_on=None, status="preparing")
    with factories.app.app_context():
        found = by_kind(targets(city, 2020, "qingdao-2023"))
        assert found["holiday_care"] == (200, 1, 0)
        assert found["room"] == (100, 1, 1)
        assert found["nursery"] == (None, 0, 0)
        assert by_kind(targets(district, 2020, "qingdao-2023"))["room"] == (None, 1, 1)
        assert by_kind(targets(city, 2021, "qingdao-2023"))["room"] == (None, 1, 1)


def test_a_union_sets_its_own(factories: Factories) -> None:
    _, district, unit = factories.tree()
    client = factories.login(factories.user("district_union", district))
    path = f"/manage/unions/{district.id}/targets"
    data = {"csrf_token": token(client, path), "year": "2026", "room": "4", "nursery": ""}
    assert client.post(path, data=data).status_code == 302
    factories.site(unit, accepted_on=date(2026, 3, 1))
    with factories.app.app_context():
        found = targets(district, 2026, "qingdao-2023")
        assert by_kind(found)["room"] == (4, 1, 0)
        assert found[0].percent == 25
    assert "1</b> / 4" in client.get(f"/manage/unions/{district.id}").get_data(as_text=True)
    wrong = client.post(path, data={**data, "room": "many"})
    assert wrong.status_code == 422
    assert 'id="room-error"' in wrong.get_data(as_text=True)
    assert client.post(path, data={**data, "room": ""}).status_code == 302
    with factories.app.app_context():
        assert by_kind(targets(district, 2026, "qingdao-2023"))["room"] == (None, 1, 0)
    for year in ("26", "x", "1999"):
        assert client.get(f"{path}?year={year}").status_code == 422


def test_who_may_not_set_them(factories: Factories) -> None:
    tree: tuple[TradeUnion, ...] = factories.tree()
    user = factories.user("unit_union", tree[2])
    with factories.app.app_context():
        with pytest.raises(Conflict):
            set_targets(user, tree[2], 2026, {"room": "1"})
        with pytest.raises(Conflict):
            set_targets(user, tree[1], 2026, {"room": "1"})
        with pytest.raises(Invalid):
            set_targets(factories.user("municipal_union", tree[0]), tree[0], 2026, {"room": "-1"})
