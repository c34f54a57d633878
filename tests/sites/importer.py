"""Importing small tables in tests."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select

from app.accounts.models import TradeUnion
from app.db import db, unit_of_work
from app.sites.datums import Datum
from app.sites.importing.profile_loader import load_profile
from app.sites.importing.report import ImportReport
from app.sites.importing.run import Order, find_union, run_import
from app.sites.models import Site
from tests.conftest import Clock
from tests.factories import Factories

PROFILES = Path(__file__).parents[1] / "data" / "profiles"
COLUMNS = ["名称", "地址", "位置", "时间", "设施", "哺乳椅", "经度", "纬度"]
FIRST = ["九阳小屋", "银海街760号2楼", "茶水间旁", "周一至周五 8:30-17:30", "沙发、冰箱", "有", "120.344", "30.337"]
SECOND = ["社区驿家", "闻潮路5号", "大厅左侧", "全天", "无", "", "120.498", "30.276"]


class Importer:
    """Writes a table to a CSV file and imports it."""

    def __init__(self, app: Flask, folder: Path, clock: Clock, union: TradeUnion) -> None:
        self.app, self.folder, self.clock, self.union = app, folder, clock, union
        self.profile = load_profile(str(PROFILES / "small.toml"))

    def __call__(self, *rows: list[str], columns: list[str] = COLUMNS, **options: Any) -> ImportReport:
        path = self.folder / "list.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([columns, *rows])
        return self.file(path, **options)

    def file(self, path: Path, *, is_dry_run: bool = False, **options: Any) -> ImportReport:
        with unit_of_work():
            union = find_union(self.union.code)
            order = Order(path, self.profile, union, self.clock(), **{"datum": Datum.WGS84, **options})
            return run_import(order, is_dry_run=is_dry_run)


@pytest.fixture
def importer(app: Flask, tmp_path: Path, clock: Clock, factories: Factories) -> Iterator[Importer]:
    union = factories.tree()[1]
    with app.app_context(), force_locale("en"):
        yield Importer(app, tmp_path, clock, union)


def sites() -> list[Site]:
    return list(db.session.scalars(select(Site).order_by(Site.id)))


def counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    return report.new, report.changed, report.unchanged, report.rejected, len(report.gone)


def problems(report: ImportReport) -> list[tuple[int, str, str]]:
    return [(row["row"], row["field"], row["problem"]) for row in report.as_dict()["findings"]]
