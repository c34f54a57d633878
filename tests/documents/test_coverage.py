"""Coverage: units covered, public places by category, women workers, gaps."""

from typing import Any

from flask import Flask

from app.accounts.models import TradeUnion
from app.documents.coverage import Room, coverage_of
from app.documents.sources import units_and_rooms
from tests.documents.paper import book
from tests.factories import Factories


def unit(number: int, women: int | None) -> TradeUnion:
    """A unit with so many women workers."""
    path, name = f"/1/{number}/", f"第{number}单位"
    return TradeUnion(id=number, name=name, code=f"U{number}", level="unit", path=path, women_workers=women)


def room(host: TradeUnion, **values: Any) -> Room:
    """An operating room of a unit."""
    return Room(**{
        "host_id": host.id, "host_path": host.path, "location_kind": "internal", "premises": None,
        "women_workers": None, **values,
    })  # fmt: skip


def test_a_unit_is_covered_by_an_operating_room_only(app: Flask, factories: Factories) -> None:
    _city, district, *_ = factories.tree()
    units = [factories.union("unit", district, women_workers=10) for _ in range(5)]
    for women in (1240, "30"):
        factories.site(units[0], particulars={"women_workers": women})
    for number, values in enumerate(({"status": "preparing"}, {"kind": "nursery"}, {"status": "closed"}), 1):
        factories.site(units[number], **values)
    with app.app_context():
        _units, rooms = units_and_rooms(district)
    assert sorted(rooms) == [room(units[0], location_kind="public", women_workers=women) for women in ("1240", "30")]
    found = coverage_of(units, rooms)
    assert (found.units, found.units_covered, found.rooms, found.women_covered) == (5, 1, 2, 1270)


def test_gaps_are_units_with_a_hundred_women_workers_and_no_room() -> None:
    units = [unit(1, 99), unit(2, 100), unit(3, 500), unit(4, None), unit(5, 300)]
    found = coverage_of(units, [room(units[4])])
    assert [one.id for one in found.gaps] == [3, 2]
    assert (found.units_unstated, found.women, found.women_covered) == (1, 999, 300)


def test_public_places_are_counted_by_category() -> None:
    host = unit(1, 5)
    public = [room(host, location_kind="public", premises=code) for code in ("mall", "mall", "metro", None)]
    found = coverage_of([host], [*public, room(host, premises="enterprise")])
    assert found.places == {"mall": 2, "metro": 1, "": 1}
    assert (found.rooms, found.public_rooms) == (5, 4)


def test_a_room_that_serves_a_park_counts_the_women_it_states() -> None:
    host = unit(1, 5)
    assert coverage_of([host], [room(host, women_workers="1240")]).women_covered == 1240
    assert coverage_of([host], [room(host, women_workers="许多")]).women_covered == 5


def test_page_and_workbook_say_the_same(factories: Factories) -> None:
    city, district, first = factories.tree()
    gap = factories.union("unit", district, name="=缺口单位", women_workers=180)
    factories.site(first, premises="hospital")
    client = factories.login(factories.user("municipal_union", city))
    page = client.get(f"/manage/unions/{city.id}/coverage").text
    for text in ("已覆盖单位", "医院", "=缺口单位", district.name):
        assert text in page
    workbook = book(client.get(f"/manage/unions/{city.id}/coverage.xlsx").data)
    cells = [[cell.value for cell in row] for sheet in workbook for row in sheet.iter_rows()]
    assert ["已覆盖单位", 1] in [row[:2] for row in cells]
    assert [1, "=缺口单位", gap.code, 180] in cells
    assert workbook["待建单位"].freeze_panes == "C4"
    assert ["小屋", 1] in [row[:2] for row in cells]


def test_an_empty_sheet_of_gaps_says_why_it_is_empty(factories: Factories) -> None:
    city, _, first = factories.tree()
    factories.site(first)
    client = factories.login(factories.user("municipal_union", city))
    sheet = book(client.get(f"/manage/unions/{city.id}/coverage.xlsx?lang=en").data)["待建单位"]
    said = [row[0] for row in sheet.iter_rows(min_row=4, values_only=True)]
    assert said[0] == "没有。"
    assert said[1].startswith("1个单位没有填报女职工人数")
    assert "1 个单位未填人数" in client.get(f"/manage/unions/{city.id}/coverage").text.partition("gaps-title")[2]
