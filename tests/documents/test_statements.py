"""The statement of a month: page, PDF, workbook, for a site and for each level of union."""

import re
from typing import Any
from urllib.parse import unquote

import pytest

from app.accounts.models import TradeUnion, User
from app.sites.models import Site
from tests.conftest import Clock
from tests.documents.conftest import Issue
from tests.documents.paper import NASTY, book, pdf_text
from tests.factories import Factories


class City:
    """A city with two districts; three rooms with uses and ratings in October 2026."""

    def __init__(self, factories: Factories) -> None:
        self.union, self.district, self.unit = factories.tree()
        self.other = factories.union("district", self.union, name="西区总工会")
        other_unit = factories.union("unit", self.other)
        self.site: Site = factories.site(self.unit, name=f"东楼{NASTY}")
        second = factories.site(self.unit, name="=西楼")
        third = factories.site(other_unit, name="北楼")
        factories.tally(self.site, "2026-10", 110, (0, 0, 0, 10, 30))
        factories.tally(second, "2026-10", 7, (1, 0, 0, 0, 0))
        factories.tally(third, "2026-10", 20)
        self.people: dict[str, User] = {
            "unit": factories.user("unit_union", self.unit),
            "district": factories.user("district_union", self.district),
            "municipal": factories.user("municipal_union", self.union),
        }

    def union_of(self, level: str) -> TradeUnion:
        """The union of a level."""
        return {"unit": self.unit, "district": self.district, "municipal": self.union}[level]


@pytest.fixture
def city(factories: Factories) -> City:
    return City(factories)


def rows(content: bytes, sheet: str) -> list[list[Any]]:
    """The cells of a sheet."""
    return [[cell.value for cell in row] for row in book(content)[sheet].iter_rows()]


def test_a_site_gets_its_figures_and_every_condition(city: City, issue: Issue, factories: Factories) -> None:
    path = f"/manage/sites/{city.site.id}/statement"
    page = factories.login(city.people["unit"]).get(f"{path}?month=2026-10").text
    assert re.search(r"计入人次</dt><dd>110</dd>", page)
    assert re.search(r"满意度（分）</dt><dd>95\.0</dd>", page)
    assert "R8" in page
    printed = pdf_text(issue(city.people["unit"], path, month="2026-10", format="pdf").data)
    for text in ("".join(NASTY.split()), "2026年10月", "计入人次110", "满意度（分）95", "R8", "账本检查点"):
        assert text in printed
    figures = rows(issue(city.people["unit"], path, month="2026-10", format="xlsx").data, "汇总")
    assert ["计入人次", 110] in figures
    assert ["非常满意", 30] in figures


@pytest.mark.parametrize("level", ["unit", "district", "municipal"])
def test_each_level_gets_the_sites_below_it(city: City, issue: Issue, factories: Factories, level: str) -> None:
    sites, counted = (3, 137) if level == "municipal" else (2, 117)
    path = f"/manage/unions/{city.union_of(level).id}/statement"
    page = factories.login(city.people[level]).get(f"{path}?month=2026-10")
    assert page.status_code == 200
    assert f"阵地（个）</dt><dd>{sites}</dd>" in page.text
    printed = pdf_text(issue(city.people[level], path, month="2026-10", format="pdf").data)
    assert f"计入人次{counted}" in printed
    content = issue(city.people[level], path, month="2026-10", format="xlsx").data
    assert ["计入人次", counted] in rows(content, "汇总")
    total = rows(content, "明细")[-3]
    assert "合计" in total
    assert counted in total
    listed = rows(content, "各阵地" if level == "municipal" else "明细")
    assert any(row[1] == "=西楼" and row[4] == 7 for row in listed)


def test_the_file_of_a_statement_says_whose_and_of_which_month(city: City, issue: Issue) -> None:
    names = [
        unquote(issue(city.people["unit"], path, month=month, format="pdf").headers["Content-Disposition"])
        for path in (f"/manage/unions/{city.unit.id}/statement", f"/manage/sites/{city.site.id}/statement")
        for month in ("2026-09", "2026-10")
    ]
    assert len(set(names)) == len(names)
    assert f"{city.unit.name}-2026-10-女职工关爱服务阵地使用情况月报表.pdf" in names[1]
    assert "2026-10-" in names[3]


def test_a_city_is_told_by_its_districts(city: City, issue: Issue) -> None:
    path = f"/manage/unions/{city.union.id}/statement"
    table = rows(issue(city.people["municipal"], path, month="2026-10", format="xlsx").data, "明细")
    assert [1, city.district.name, 2, 117, 117, 93.17, 41] in [row[:7] for row in table]
    assert [2, "西区总工会", 1, 20, 20, None, 0] in [row[:7] for row in table]


def test_an_open_month_says_that_its_figures_still_move(city: City, issue: Issue, clock: Clock) -> None:
    path = f"/manage/unions/{city.unit.id}/statement"
    assert "已封账" in pdf_text(issue(city.people["unit"], path, month="2026-10", format="pdf").data)
    assert "尚未封账" in pdf_text(issue(city.people["unit"], path, month="2026-11", format="pdf").data)
    first = issue(city.people["unit"], path, follow=False, month="2026-10", format="pdf").location
    clock.advance(days=1)
    assert issue(city.people["unit"], path, follow=False, month="2026-10", format="pdf").location == first


@pytest.mark.parametrize("month", ["2026-12", "2026-13", "x", "9998-12"])
def test_a_month_that_cannot_be_is_refused(city: City, factories: Factories, month: str) -> None:
    answer = factories.login(city.people["unit"]).get(f"/manage/unions/{city.unit.id}/statement?month={month}")
    assert answer.status_code == 422
    assert "<h1" in answer.text


def test_a_month_before_the_rulebook_has_figures_without_verdicts(city: City, factories: Factories) -> None:
    page = factories.login(city.people["district"]).get(f"/manage/unions/{city.district.id}/statement?month=2020-01")
    assert page.status_code == 200
    site = factories.login(city.people["unit"]).get(f"/manage/sites/{city.site.id}/statement?month=2020-01")
    assert site.status_code == 200
