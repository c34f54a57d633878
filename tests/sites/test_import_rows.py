"""Importing single rows: points, cells of every type, and the file of rows that came back."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select

from app.db import db
from app.errors import Invalid
from app.sites.datums import Datum
from app.sites.importing.profile_loader import load_profile
from app.sites.importing.report import write_problems
from app.sites.importing.worklist import pin_worklist
from app.sites.models import Site
from tests.sites.importer import COLUMNS, FIRST, SECOND, Importer, counts, importer, problems, sites

__all__ = ["importer"]


@pytest.mark.parametrize(
    ("lon", "lat", "problem"),
    [
        ("", "", "The row has no coordinates"),
        ("1120.36237", "30.289601", "The longitude 1120.36237 is not between -180 and 180"),
        ("120.36", "302.89", "The latitude 302.89 is not between -90 and 90"),
        ("120.36", "", "120.36 is not a pair of degrees"),
        ("120°21'", "30", "120°21', 30 is not a pair of degrees"),
        ("nan", "30", "nan, 30 is not a pair of degrees"),
        ("0", "0", "The coordinates 0, 0 stand for none"),
    ],
)
def test_a_row_without_a_usable_point_is_kept_for_the_work_list(
    importer: Importer, lon: str, lat: str, problem: str
) -> None:
    report = importer([*FIRST[:6], lon, lat], SECOND)
    assert counts(report) == (2, 0, 0, 0, 0)
    assert problems(report) == [(2, "经度, 纬度", problem)]
    waiting = list(db.session.scalars(pin_worklist(select(Site))))
    assert [(site.name, site.pin_note) for site in waiting] == [("九阳小屋", problem)]
    assert counts(importer(FIRST, SECOND)) == (0, 1, 1, 0, 0)
    assert sites()[0].pin_note == ""


def test_coordinates_that_changed_places_are_told_so(importer: Importer) -> None:
    report = importer([*FIRST[:6], "30.289601", "120.36237"], [*SECOND[:6], "120.36", "302.89"])
    swapped, wrong = (row["remedy"] for row in report.as_dict()["findings"])
    assert "changed places" in swapped
    assert "set it on the map" in wrong


def test_metres_are_refused_row_by_row(importer: Importer) -> None:
    report = importer([*FIRST[:6], "509898", "180007"], SECOND)
    assert counts(report) == (1, 0, 0, 1, 0)
    assert "metres" in problems(report)[0][2]


def test_the_datum_has_to_be_stated_once(importer: Importer) -> None:
    with pytest.raises(Invalid, match="--datum"):
        importer(FIRST, datum=None)
    importer(FIRST, datum=Datum.GCJ02)
    site = sites()[0]
    assert site.source_datum == "gcj02"
    assert site.lon == pytest.approx(120.344 - 0.0046, abs=0.0005)
    importer.profile = load_profile("hangzhou")
    with pytest.raises(Invalid, match="which datum"):
        importer(["a", "120,30", "b"], columns=["name", "positon", "location"], datum=Datum.BD09)


@pytest.mark.parametrize(
    ("column", "cell", "field"),
    [
        ("面积", "large", "面积"),
        ("面积", "1e9", "面积"),
        ("间数", "2.5", "间数"),
        ("启用", "soon", None),
        ("仅女性", "maybe", "仅女性"),
        ("类型", "cabin", "类型"),
        ("说明", "字" * 301, "说明"),
    ],
)
def test_bad_cells(importer: Importer, column: str, cell: str, field: str | None) -> None:
    report = importer([cell, *FIRST], ["", *SECOND], columns=[column, *COLUMNS])
    assert report.rejected == (0 if field is None else 1)
    assert problems(report)[0][:2] == (2, field or column)
    assert len(sites()) == (2 if field is None else 1)


def test_good_cells_of_every_type(importer: Importer) -> None:
    columns = ["面积", "启用", "仅女性", "类型", "区", "间数", *COLUMNS]
    report = importer(["15.556", "2025年3月8日", "是", "nursery", "330114", "3", *FIRST], columns=columns)
    assert problems(report) == []
    site = sites()[0]
    assert (site.area_m2, site.opened_on, site.women_only) == (Decimal("15.56"), date(2025, 3, 8), True)
    assert (site.kind, site.division_code) == ("nursery", "330114")
    assert report.notes == 1


def test_rows_that_cannot_be_sites(importer: Importer) -> None:
    report = importer(["", *FIRST[1:]], ["！？", *SECOND[1:]], [*FIRST, "too many"])
    assert counts(report) == (0, 0, 0, 3, 0)
    assert [field for _, field, _ in problems(report)] == ["名称", "name", ""]


def test_an_unknown_facility_is_a_warning(importer: Importer) -> None:
    report = importer([*FIRST[:4], "沙发、按摩浴缸", *FIRST[5:]])
    assert counts(report) == (1, 0, 0, 0, 0)
    assert problems(report) == [(2, "设施", "The profile has no facility for 按摩浴缸")]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_bad_rows_come_back_and_can_be_imported_when_corrected(importer: Importer, tmp_path: Path, suffix: str) -> None:
    risky = ["=1+1", *SECOND[1:]]
    report = importer(["", *FIRST[1:]], risky, [*SECOND[:6], "509898", "180007"])
    path = tmp_path / f"bad{suffix}"
    assert write_problems(report, path) == 2
    if suffix == ".csv":
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))
    else:
        lines = [[str(cell or "") for cell in row] for row in openpyxl.load_workbook(path).active.values]
    assert lines[0][5:] == COLUMNS
    assert lines[1][:3] == ["2", "left out", "名称"]
    assert lines[1][3] == "The cell is empty"
    assert lines[2][5:] == [*SECOND[:6], "509898", "180007"]
    again = importer.file(path, is_dry_run=True)
    assert (again.rows, again.rejected) == (2, 2), "the file as it came, read by the same profile"
    lines[1][5] = "九阳小屋"
    fixed = tmp_path / "fixed.csv"
    with fixed.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines[:2])
    assert counts(importer.file(fixed)) == (1, 0, 0, 0, 1)


def test_a_problem_file_never_starts_a_formula(importer: Importer, tmp_path: Path) -> None:
    report = importer(["=HYPERLINK(1)", FIRST[1], *FIRST[2:6], "509898", "180007"])
    write_problems(report, tmp_path / "bad.csv")
    with (tmp_path / "bad.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1][5] == "'=HYPERLINK(1)"
    write_problems(report, tmp_path / "bad.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "bad.xlsx").active["F2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")
    with pytest.raises(Invalid, match=r"\.csv or \.xlsx"):
        write_problems(report, tmp_path / "bad.pdf")


def test_shared_positions_are_a_note(importer: Importer) -> None:
    report = importer(FIRST, [SECOND[0], *FIRST[1:]])
    assert (report.sharing_points, report.shared_points, report.warnings) == (2, 1, 0)
