"""A district's roster as a workbook, and back again."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import delete, event, select

from app.accounts.models import TradeUnion, User
from app.db import db, unit_of_work
from app.documents import sources
from app.sites.importing.profile_loader import load_profile
from app.sites.importing.report import ImportReport
from app.sites.importing.run import Order, run_import
from app.sites.models import Site, SiteChange
from tests.conftest import Clock
from tests.documents.paper import NASTY, book
from tests.documents.subjects import PARTICULARS
from tests.factories import Factories

PROFILES = {
    "room": "roster-rooms", "holiday_care": "roster-holiday-care", "nursery": "roster-nurseries",
    "combined": "roster-combined",
}  # fmt: skip


def test_a_roster_costs_a_fixed_number_of_queries(factories: Factories) -> None:
    _, district, unit = factories.tree()

    def number() -> int:
        seen: list[str] = []
        with factories.app.app_context():
            union = db.session.get_one(TradeUnion, district.id)
            event.listen(db.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
            assert list(sources.subjects_of(union, date(2026, 11, 20), ["room"]))
        return sum(not statement.startswith("BEGIN") for statement in seen)

    factories.site(unit)
    before = number()
    for host in (unit, factories.union("unit", district), factories.union("unit", district)):
        factories.site(host)
    assert number() == before <= 5


def test_a_roster_is_printed_on_paper_on_which_it_can_be_read(factories: Factories) -> None:
    unit = factories.tree()[-1]
    factories.site(unit, name="名称很长的爱心妈妈小屋" * 3)
    client = factories.login(factories.user("unit_union", unit))
    sheet = book(client.get(f"/manage/unions/{unit.id}/roster.xlsx").data).worksheets[0]
    assert sheet.page_setup.paperSize == 8
    assert sheet.row_dimensions[4].height > 2 * 14


def cells(content: bytes) -> dict[str, list[list[Any]]]:
    """Every cell of every sheet."""
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book(content)}


class District:
    """A district with sites of all kinds, its person, and the import."""

    def __init__(self, app: Flask, factories: Factories, clock: Clock, folder: Path) -> None:
        self.app, self.clock, self.folder = app, clock, folder
        _, self.union, unit = factories.tree()
        other = factories.union("unit", self.union, name="海湾置业工会")
        self.user: User = factories.user("district_union", self.union)
        self.client = factories.login(self.user)
        common: dict[str, Any] = {"particulars": PARTICULARS, "contact_name": "张敏", "contact_phone": "0532-85550000"}
        for number, kind in enumerate(PROFILES):
            factories.site(
                unit, name=f"{NASTY}阵地{number}", kind=kind, premises="mall", area_m2=Decimal("16.5"), **common
            )
            factories.site(
                other, name=f"=1+{number}", kind=kind, location_kind="internal", admission="building", facilities={},
                particulars={"remark": "第一行\n第二行 ＝全角"}, status="preparing", opened_on=None, accepted_on=None,
                address="@SUM(1)",
            )  # fmt: skip

    def roster(self) -> bytes:
        """The workbook as the district's person gets it."""
        answer = self.client.get(f"/manage/unions/{self.union.id}/roster.xlsx")
        assert answer.status_code == 200, answer.text
        return answer.data

    def imported(self, content: bytes, kind: str, name: str = "roster.xlsx") -> ImportReport:
        """Import the sheet of one kind."""
        path = self.folder / name
        path.write_bytes(content)
        with self.app.app_context(), unit_of_work():
            union = db.session.get_one(TradeUnion, self.union.id)
            return run_import(Order(path, load_profile(PROFILES[kind]), union, self.clock()))

    def emptied(self) -> None:
        """No sites any more."""
        with self.app.app_context(), unit_of_work():
            db.session.execute(delete(SiteChange))
            db.session.execute(delete(Site))


@pytest.fixture
def district(app: Flask, factories: Factories, clock: Clock, tmp_path: Path) -> District:
    return District(app, factories, clock, tmp_path)


def test_a_roster_comes_back_without_loss(district: District, app: Flask) -> None:
    first = district.roster()
    district.emptied()
    for kind in PROFILES:
        report = district.imported(first, kind)
        assert (report.new, report.rejected, report.changed) == (2, 0, 0), report
    assert cells(district.roster()) == cells(first)
    with app.app_context():
        room = db.session.scalars(select(Site).where(Site.kind == "room", Site.name.startswith("<b>"))).one()
        assert room.particulars["manager_name"] == NASTY
        assert room.particulars["managed_by"] == "property"
        assert room.particulars["women_workers"] == 1240
        assert (room.premises, room.location_kind, room.area_m2) == ("mall", "public", Decimal("16.5"))
        assert room.opened_on == date(2025, 1, 1)


def test_importing_a_roster_twice_changes_nothing(district: District) -> None:
    content = district.roster()
    district.imported(content, "room")
    report = district.imported(content, "room")
    assert (report.new, report.unchanged) == (0, 2)


def test_the_sheets_print_as_a_district_hands_them_in(district: District) -> None:
    workbook = book(district.roster())
    assert workbook.sheetnames == ["爱心妈妈小屋", "爱心托管驿站", "托育服务中心", "综合服务中心"]
    for sheet in workbook:
        assert sheet["A1"].value == f"{district.union.name}{sheet.title}汇总表"
        assert sheet.freeze_panes == "C4"
        assert sheet.print_title_rows == "$3:$3"
        last = [cell.value for cell in sheet[6]]
        assert last[:2] == ["合计", "2 个"]
        area = [cell.value for cell in sheet[3]].index("面积（平方米）")
        assert last[area] == 16.5
        assert all(cell.data_type != "f" and cell.hyperlink is None for row in sheet.iter_rows() for cell in row)


def test_a_roster_kept_by_hand_comes_in(district: District, app: Flask, tmp_path: Path) -> None:
    hand = openpyxl.Workbook()
    hand.active.title = "爱心妈妈小屋"
    for row in (
        ["青岛市某区爱心妈妈小屋汇总表"], ["填报单位：区总工会"],
        ["序号", "申报单位", "小屋名称", "所在位置", "地址", "邮编", "负责人", "联系人", "联系电话", "管理方"],
        [1, "海湾置业工会", "老楼小屋", "写字楼内", "香港中路 10 号", "266071", "王芳", "李敏", "0532-1234567", "物业"],
        ["合计", None, "1 个"],
    ):  # fmt: skip
        hand.active.append(row)
    hand.save(tmp_path / "hand.xlsx")
    report = district.imported((tmp_path / "hand.xlsx").read_bytes(), "room", "old.xlsx")
    assert (report.new, report.rejected) == (1, 0)
    with app.app_context():
        site = db.session.scalars(select(Site).where(Site.name == "老楼小屋")).one()
        assert site.host.name == "海湾置业工会"
        assert (site.premises, site.location_kind) == ("office_building", "internal")
        assert site.contact_phone == "0532-1234567"
        assert site.particulars == {"postcode": "266071", "manager_name": "王芳", "managed_by": "property"}


def test_an_unknown_word_of_a_vocabulary_is_named(district: District, tmp_path: Path) -> None:
    hand = openpyxl.Workbook()
    hand.active.title = "爱心妈妈小屋"
    for row in (["小屋名称", "管理方", "覆盖女职工人数"], ["老楼小屋", "街道", "一百"]):
        hand.active.append(row)
    hand.save(tmp_path / "hand.xlsx")
    report = district.imported((tmp_path / "hand.xlsx").read_bytes(), "room", "old.xlsx")
    said = str(report)
    assert "街道" in said
    assert "一百" in said
    assert report.rejected == 1


def test_a_union_without_sites_gets_a_sheet_that_says_so(factories: Factories) -> None:
    union = factories.tree()[1]
    client = factories.login(factories.user("district_union", union))
    content = cells(client.get(f"/manage/unions/{union.id}/roster.xlsx").data)
    assert "没有在用的阵地。" in [row[0] for row in content["爱心妈妈小屋"]]
