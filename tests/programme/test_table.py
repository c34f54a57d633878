"""The union's table: bands, filters, totals, paging, downloads, scope and cost."""

import csv
import io
import re
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import event

from app.accounts.models import RulebookChoice, TradeUnion
from app.cells import harmless
from app.db import db
from app.programme.table import Filter, Table, read_table
from app.sites.models import Site
from tests.factories import Factories
from tests.programme.conftest import MakeRoom

TODAY = date(2026, 11, 20)


@pytest.fixture
def network(factories: Factories, good_room: MakeRoom) -> dict[str, Any]:
    """Two districts; rooms above, near, below and unknown."""
    municipal, east, unit = factories.tree()
    west = factories.union("district", municipal, name="西区总工会")
    other = factories.union("unit", west, name="=cmd|' /C calc'!A0")
    good_room(unit, name="甲小屋", uses=100)
    good_room(unit, name="乙小屋", uses=85)
    good_room(other, name="丙小屋", uses=84)
    good_room(other, name="丁小屋", uses=300, accepted_on=None)
    good_room(other, name="-2+3", uses=42, location_kind="internal")
    factories.site(unit, name="旧小屋", status="closed")
    return {"municipal": municipal, "east": east, "west": west, "unit": unit, "other": other}


def read(factories: Factories, union: TradeUnion, chosen: Filter | None = None) -> Table:
    """The table of a union today."""
    with factories.app.app_context():
        return read_table(db.session.get_one(TradeUnion, union.id), chosen or Filter(), TODAY, "qingdao-2023")


def test_bands_and_totals(factories: Factories, network: dict[str, Any]) -> None:
    table = read(factories, network["municipal"])
    bands = {row.name: row.band for row in table.rows}
    assert bands == {"甲小屋": "above", "乙小屋": "near", "丙小屋": "below", "丁小屋": "unknown", "-2+3": "below"}
    assert table.bands == {"above": 1, "near": 1, "below": 2, "unknown": 1}
    assert table.totals.sites == 5
    assert table.totals.last_month == 100 + 85 + 84 + 300 + 42
    assert table.totals.mean == Fraction(611)
    assert table.totals.ratings == 200
    assert table.totals.score == 95
    assert table.totals.verdicts == {"met": 1, "not_met": 3, "unknown": 1}


def test_filters(factories: Factories, network: dict[str, Any]) -> None:
    municipal = network["municipal"]
    near = read(factories, municipal, Filter(band="near"))
    assert [row.name for row in near.rows] == ["乙小屋"]
    assert near.totals.sites == 1
    assert sum(near.bands.values()) == 5
    assert {row.name for row in read(factories, network["west"]).rows} == {"丙小屋", "丁小屋", "-2+3"}
    with factories.app.app_context():
        west = db.session.get_one(TradeUnion, network["west"].id)
        assert read_table(municipal, Filter(union=west, text="丙 小屋"), TODAY, "qingdao-2023").totals.sites == 1
    assert read(factories, municipal, Filter(text="100%")).rows == ()
    assert read(factories, municipal, Filter(text="西区")).rows == ()
    assert len(read(factories, municipal, Filter(text="calc")).rows) == 3


def test_an_empty_union_has_an_empty_table(factories: Factories) -> None:
    table = read(factories, factories.union("unit"))
    assert table.rows == ()
    assert table.totals.score is None


def test_other_kinds_are_listed_without_a_verdict(factories: Factories) -> None:
    _, _, unit = factories.tree()
    factories.add(RulebookChoice(trade_union_id=unit.id, from_on=date(2026, 1, 1), rulebook_id="qingdao-2020"))
    factories.site(unit, kind="nursery")
    (row,) = read(factories, unit).rows
    assert (row.verdict, row.band, row.mean) == ("", "unknown", None)


def test_the_cost_in_queries_does_not_grow(factories: Factories, network: dict[str, Any], good_room: MakeRoom) -> None:
    def count() -> int:
        statements: list[str] = []
        with factories.app.app_context():
            union = db.session.get_one(TradeUnion, network["municipal"].id)
            listen = lambda *args: statements.append(args[2])  # noqa: E731
            event.listen(db.engine, "before_cursor_execute", listen)
            read_table(union, Filter(), TODAY, "qingdao-2023")
            event.remove(db.engine, "before_cursor_execute", listen)
        return len(statements)

    before = count()
    for _ in range(10):
        good_room(network["unit"])
    assert count() == before <= 16


def page(client: FlaskClient, union: TradeUnion, query: str = "") -> Any:
    """The table's page."""
    return client.get(f"/manage/unions/{union.id}{query}")


def test_the_page_shows_rows_filters_and_totals(factories: Factories, network: dict[str, Any]) -> None:
    client = factories.login(factories.user("municipal_union", network["municipal"]))
    html = page(client, network["municipal"]).get_data(as_text=True)
    for text in ("甲小屋", "西区总工会", "下载 Excel", "可申报", "2026-11"):
        assert text in html
    assert "旧小屋" not in html
    html = page(client, network["municipal"], "?band=near&q=小屋").get_data(as_text=True)
    assert "乙小屋" in html
    assert "甲小屋" not in html
    html = page(client, network["municipal"], f"?district={network['west'].id}").get_data(as_text=True)
    assert "甲小屋" not in html
    assert "没有符合筛选的阵地" in page(client, network["municipal"], "?q=nothing").get_data(as_text=True)


def test_many_sites_come_in_pages(factories: Factories) -> None:
    _, district, unit = factories.tree()
    for number in range(52):
        factories.site(unit, name=f"小屋{number:02d}")
    client = factories.login(factories.user("district_union", district))
    first = page(client, district).get_data(as_text=True)
    assert first.count('scope="row"') == 50
    following = re.search(r'href="[^"]*(\?after=\d+)"', first)
    assert following is not None
    second = page(client, district, following[1]).get_data(as_text=True)
    assert second.count('scope="row"') == 2
    assert 'rel="next"' not in second
    assert "回到第一页" in second
    assert page(client, district, "?after=999999").get_data(as_text=True).count('scope="row"') == 50


WRONG = ("band=best", "district=x", "district=999999", "after=-1", "after=x", "sort=best", f"q={'a' * 61}", "q=%00")


def test_wrong_filters_are_422(factories: Factories) -> None:
    _, district, _ = factories.tree()
    client = factories.login(factories.user("district_union", district))
    assert {query: page(client, district, f"?{query}").status_code for query in WRONG} == dict.fromkeys(WRONG, 422)


def test_scope(factories: Factories, network: dict[str, Any], client: FlaskClient) -> None:
    west = factories.login(factories.user("district_union", network["west"]))
    for ending in ("", "/sites.csv", "/sites.xlsx"):
        assert page(west, network["west"], ending).status_code == 200
        assert page(west, network["other"], ending).status_code == 200
        for foreign in ("east", "municipal", "unit"):
            assert page(west, network[foreign], ending).status_code == 404
        assert page(client, network["west"], ending).status_code == 302
    manager = factories.login(factories.user("site_manager", network["unit"]))
    assert page(manager, network["unit"]).status_code == 403
    assert page(west, network["west"], f"?district={network['unit'].id}").status_code == 422


def test_csv_is_for_spreadsheets_and_holds_no_formula(factories: Factories, network: dict[str, Any]) -> None:
    client = factories.login(factories.user("municipal_union", network["municipal"]))
    answer = page(client, network["municipal"], "/sites.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert len(rows) == 6
    assert all(len(row) == 13 for row in rows)
    by_name = {row[1]: row for row in rows}
    assert "'-2+3" in by_name
    assert by_name["'-2+3"][0].startswith("'=cmd")
    assert by_name["甲小屋"][3:9] == ["0", "100", "100", "100", "95", "40"]
    filtered = page(client, network["municipal"], "/sites.csv?band=near").data.decode()
    assert filtered.count("\r\n") == 2


def test_xlsx_opens_frozen_and_holds_no_formula(factories: Factories, network: dict[str, Any]) -> None:
    client = factories.login(factories.user("municipal_union", network["municipal"]))
    answer = page(client, network["municipal"], "/sites.xlsx")
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    book = load_workbook(io.BytesIO(answer.data))
    sheet, months = book.worksheets
    assert sheet.freeze_panes == "C2"
    for one in (sheet, months):
        assert (one.page_setup.orientation, one.page_setup.paperSize, one.page_setup.fitToHeight) == ("landscape", 9, 0)
        assert one.print_title_rows == "$1:$1"
    assert all(cell.data_type != "f" for one in (sheet, months) for row in one.iter_rows() for cell in row)
    rows = {row[1]: row for row in sheet.iter_rows(values_only=True)}
    assert rows["甲小屋"][3:9] == (0, 100, 100, 100, 95, 40)
    assert rows["甲小屋"][-1] == "实际登记"
    assert rows["-2+3"][0] == "=cmd|' /C calc'!A0"
    assert list(sheet.iter_rows(values_only=True))[-1][4] == 611
    assert [cell.value for cell in months[1]][2:-1] == [str(month) for month in month_heads()]
    assert [cell.value for cell in months[2]][-3:-1] in ([100, 0], [85, 0], [84, 0], [300, 0], [42, 0])


def month_heads() -> list[str]:
    """The thirteen months up to November 2026."""
    return ["2025-11", "2025-12", *(f"2026-{n:02d}" for n in range(1, 12))]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "  =1", "＝1"])
def test_formulas_are_disarmed(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_other_cells_stay_as_they_are() -> None:
    assert [harmless(cell) for cell in ("甲", "1-2", 5, None, -3)] == ["甲", "1-2", 5, None, -3]


def test_the_rulebook_of_the_nearest_union_counts(factories: Factories) -> None:
    municipal = factories.union("municipal")
    factories.add(RulebookChoice(trade_union_id=municipal.id, from_on=TODAY, rulebook_id="qingdao-2023"))
    unit = factories.union("unit", factories.union("district", municipal))
    site: Site = factories.site(unit)
    with factories.app.app_context():
        table = read_table(db.session.get_one(TradeUnion, unit.id), Filter(), TODAY, "none-by-default")
    assert table.rows[0].id == site.id
