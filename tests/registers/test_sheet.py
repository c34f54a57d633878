"""The monthly sheet, opened as people open it."""

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import openpyxl

from app.db import db
from app.months import SHANGHAI
from app.registers import services
from tests.conftest import Clock
from tests.factories import Factories
from tests.registers.conftest import TODAY, World
from tests.sites.poster_pages import page_sizes_mm, page_texts

Act = Callable[..., Any]
AWKWARD = "=1+1 <b>& ＡＢＣ ＝ 𠮷䶮 http://x.example"


def fill(act: Act, clock: Clock) -> None:
    """A month with something of everything."""
    act(services.record_check, "cleaning", done_on=date(2026, 11, 17), done_by="王姐", note=AWKWARD)
    act(services.record_check, "cleaning", done_on=date(2026, 10, 17), done_by="上个月")
    act(services.record_check, "safety", done_on=TODAY, findings={"fire": True, "water": False}, note="已报修")
    soon = clock() + timedelta(days=2)
    act(services.record_activity, kind="lecture", topic="health", title="护理讲座", starts_at=soon)
    act(services.move_supplies, item="wipes", direction="in", quantity=50, moved_on=date(2026, 10, 1))
    act(services.move_supplies, item="wipes", direction="out", quantity=20, moved_on=TODAY, note="日常")
    act(services.add_asset, name="小冰箱", quantity=1, source="union", value_yuan=Decimal(1299), acquired_on=TODAY)
    act(services.book_money, direction="in", amount_yuan=Decimal(100), purpose="equipment", booked_on=date(2026, 10, 1))
    act(services.book_money, direction="out", amount_yuan=Decimal("100.50"), purpose="supplies", booked_on=TODAY)
    act(services.add_keeper, name="王红", kind="officer", phone="13800138000")
    wrong = act(services.move_supplies, item="wipes", direction="in", quantity=500, moved_on=TODAY)

    def void(manager: Any, _site: Any, **values: Any) -> None:
        services.void(manager, db.session.merge(wrong), "多写一个零", **values)

    act(void)


def printed(content: bytes) -> str:
    """The text of all pages without blanks: the typesetter puts some between Chinese and Latin."""
    return "".join("".join(page_texts(content)).replace("\u200b", "").split())


def test_the_spreadsheet_opens_frozen_and_holds_every_character(world: World, act: Act, clock: Clock) -> None:
    fill(act, clock)
    answer = world.browsers["manager"].get(f"{world.base}/sheet.xlsx")
    assert "attachment" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == [
        "概况", "保洁记录", "安全检查", "活动与讲座", "用品收发", "固定资产", "补助经费", "管理人员", "作废的记录",
    ]  # fmt: skip
    for page in book:
        assert page.freeze_panes == "A2"
        assert page.print_title_rows == "$1:$1"
        assert not any(cell.data_type == "f" or cell.hyperlink for row in page for cell in row)
    cleaning = [[cell.value for cell in row] for row in book["保洁记录"]]
    assert cleaning == [["日期", "谁做的", "备注"], [datetime(2026, 11, 17), "王姐", AWKWARD]]  # noqa: DTZ001
    assert [cell.value for cell in book["用品收发"][2]] == ["湿巾", 50, 0, 20, 30, "日常"]
    money = [[cell.value for cell in row] for row in book["补助经费"]]
    assert money[1][:2] == ["上月结余", 100]
    assert money[2][2] == 100.5
    assert [money[3][0], money[3][1], money[3][4]] == ["本月结余", -0.5, "支出多于收到"]
    assert [cell.value for cell in book["作废的记录"][2]][2] == "多写一个零"
    assert not any("13800138000" in str(cell.value) for page in book for row in page for cell in row)


def test_an_activity_over_several_days_says_on_which_day_it_ends(world: World, act: Act) -> None:
    at = datetime(2026, 11, 18, 9, tzinfo=SHANGHAI)
    act(services.record_activity, kind="activity", topic="health", title="营", starts_at=at, hours=Decimal(32))
    client = world.browsers["manager"]
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{world.base}/sheet.xlsx").data))
    assert book["活动与讲座"]["A2"].value == "11-18 09:00–11-19 17:00"
    assert "2026-11-18 09:00–11-19 17:00" in client.get(f"{world.base}/activity").text


def test_the_paper_holds_the_same(world: World, act: Act, clock: Clock) -> None:
    fill(act, clock)
    content = world.browsers["manager"].get(f"{world.base}/sheet.pdf").data
    assert set(page_sizes_mm(content)) == {(210, 297)}
    text = printed(content)
    for words in (
        world.site.name, "2026-11", "王姐", "=1+1", "<b>&", "ＡＢＣ", "𠮷䶮", "有问题：用水", "护理讲座", "湿巾",
        "小冰箱", "支出多于收到", "本月没有记录", "多写一个零", "管理负责人（签字）", "第1页",
    ):  # fmt: skip
        assert words in text, words
    assert "上个月" not in text
    assert "演示数据" not in text


def test_other_months_languages_and_synthetic_sites(factories: Factories, world: World) -> None:
    site = factories.site(world.unit, name="<i>&样例", is_synthetic=True)
    client = world.browsers["unit"]
    base = f"/manage/sites/{site.id}/registers/sheet"
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{base}.xlsx?month=2026-10&lang=en").data))
    assert book.sheetnames == ["Summary"]
    page = book["Summary"]
    assert [cell.value for cell in page[1]] == ["Registers", "2026-10"]
    assert any("synthetic" in str(row[0].value) for row in page)
    assert "&&样例" in page.oddHeader.left.text or "&样例" in page.oddHeader.left.text
    text = printed(client.get(f"{base}.pdf?month=2026-10&lang=en").data)
    assert "Demonstrationdata" in text
    assert "<i>&样例" in text
    assert client.get(f"{base}.pdf?month=2026-12").status_code == 422
    assert client.get(f"{base}.xlsx?month=oktober").status_code == 422


def test_what_stood_there_in_the_month_is_on_its_sheet(world: World, act: Act) -> None:
    def gone(manager: Any, site: Any, **values: Any) -> None:
        asset = services.add_asset(
            manager, site, name="旧沙发", quantity=1, source="own", acquired_on=date(2025, 1, 1), **values
        )
        services.dispose_asset(manager, site, asset, on=date(2026, 10, 15), where="报废", **values)

    act(gone)
    client = world.browsers["manager"]
    for month, is_there in (("2026-11", False), ("2026-10", True), ("2025-01", True), ("2024-12", False)):
        book = openpyxl.load_workbook(io.BytesIO(client.get(f"{world.base}/sheet.xlsx?month={month}").data))
        assert ("固定资产" in book.sheetnames) is is_there, month
