"""Rows written whole are the file that the library writes cell by cell, and no text gets out of its cell."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from openpyxl import load_workbook
from xlsxwriter import Workbook
from xlsxwriter.format import Format

from app.spreadsheets import HIGHEST, LINE, LONGEST_CELL, Sheet, add_sheet, height_of, workbook_file

NOW = datetime(2026, 7, 1, tzinfo=UTC)
ROWS: list[list[Any]] = [
    ["第一小屋", 3, 2.5, 1e21, -0.0, 1234567890123456789, True],
    ['<a> & "b"', " vorn", "hinten\n", "\t", "甲\n乙", "\u3000宽", "x" * 40_000],
    ["=1+1", "http://x.cn", "007", "_x0041_", "\x01\x1f", "\ufffe\uffff", "𠀀" * 20_000],
    [None, "", "末", *[0] * 30],
]


def made(write: Callable[[Sheet, Format], object]) -> bytes:
    """A workbook of one sheet with a head, a row with cells of its own below, and what `write` does between."""

    def fill(book: Workbook) -> None:
        sheet, style = add_sheet(book, "甲" * 40), book.add_format({"bold": True})
        sheet.write_string(0, 0, "题")
        write(sheet, style)
        sheet.write_string(9, 0, "注")
        sheet.freeze_panes(1, 1)

    with workbook_file(fill, NOW) as file:
        return file.read()


def values(content: bytes) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True))


def sheet_of(content: bytes) -> str:
    return zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize("is_styled", [True, False])
def test_whole_rows_make_the_same_file_as_cells(is_styled: bool) -> None:
    def cells(sheet: Sheet, style: Format) -> None:
        given = style if is_styled else None
        for number, row in enumerate(ROWS, start=2):
            for column, value in enumerate(row):
                if value in (None, ""):
                    sheet.write_blank(number, column, None, given)
                elif isinstance(value, str):
                    sheet.write_string(number, column, value, given)
                else:
                    sheet.write_number(number, column, float(value), given)

    def rows(sheet: Sheet, style: Format) -> None:
        for number, row in enumerate(ROWS, start=2):
            sheet.write_cells(number, row, style if is_styled else None)

    assert sheet_of(made(rows)) == sheet_of(made(cells))


def test_a_text_that_looks_like_the_files_own_tags_stays_a_text() -> None:
    text = "<r><t>甲</t></r>"
    content = made(lambda sheet, style: sheet.write_cells(1, [text, Fraction(1, 4)], style))
    assert values(content)[1] == (text, 0.25)


def _one(row: int, cells: list[Any], sheet: Sheet, style: Format) -> None:
    sheet.write_cells(row, cells, style)


def test_what_fits_in_no_sheet_is_refused() -> None:
    for row, cells in ((1 << 20, [1]), (1, [0] * 16_385), (1, [float("nan")]), (1, [float("inf")])):
        with pytest.raises(ValueError, match="cell"):
            made(partial(_one, row, cells))
    with pytest.raises(TypeError):
        made(lambda sheet, style: sheet.write_cells(1, [object()], style))


def test_the_longest_cell_is_what_the_format_allows() -> None:
    content = made(lambda sheet, style: sheet.write_cells(1, ["𠀀" * LONGEST_CELL], style))
    assert values(content)[1][0] == "𠀀" * (LONGEST_CELL // 2)


@pytest.mark.parametrize(
    ("text", "lines"),
    [("九个字的小屋名称呀", 1), ("杭州电子有限公司工会会", 2), ("甲\n乙\n丙", 3), ("a" * 20, 1), ("a" * 21, 2), (7, 1)],
)
def test_a_row_is_as_high_as_its_longest_text_needs(text: object, lines: int) -> None:
    assert height_of([1, text, "短"], (5, 20, 5)) == (LINE * lines if lines > 1 else None)
    content = made(lambda sheet, style: sheet.write_cells(1, [1, text], style, (5, 20)))
    assert ('ht="' in sheet_of(content).partition('<row r="2"')[2].partition(">")[0]) == (lines > 1)


def test_a_row_is_never_higher_than_a_sheet_allows() -> None:
    assert height_of(["长" * LONGEST_CELL], (10,)) == HIGHEST
