"""Excel files: titled tables with a frozen head, totals and print titles."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from app.documents.layouts import word
from app.documents.text import clean
from app.spreadsheets import A3, A4, Sheet, add_sheet, height_of, workbook_file

LONGEST_FOOTER = 180
"""The format allows 255 signs with everything around it."""
WIDE = 220
"""Columns of so many signs together cannot be read on A4 any more."""


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet: `title` over everything, `lines` under it (left and right), the table, `total` below, `notes`.

    `rows` are taken once and one by one; a `total` that they add up to is asked for after the last of them.
    """

    name: str
    title: str
    lines: Sequence[tuple[str, str]]
    columns: Sequence[str]
    widths: Sequence[float]
    rows: Iterable[Sequence[Any]]
    total: Sequence[Any] | Callable[[], Sequence[Any]] | None = None
    notes: Sequence[str] = field(default_factory=tuple)
    footer: str = ""
    frozen_columns: int = 2


def workbook(pages: Iterable[Page], made_at: datetime) -> BinaryIO:
    """An XLSX file with these sheets, in this order."""

    def write(book: Workbook) -> None:
        formats = _formats(book)
        for page in pages:
            _write(add_sheet(book, page.name), page, formats)

    return workbook_file(write, made_at)


def _formats(book: Workbook) -> dict[str, Format]:
    cell = {"font_name": word("font"), "font_size": 10, "border": 1, "text_wrap": True, "valign": "vcenter"}
    middle = {"align": "center", "valign": "vcenter"}
    return {
        "title": book.add_format({**middle, "font_name": word("title_font"), "font_size": 18}),
        "line": book.add_format({"font_name": word("font"), "font_size": 10}),
        "note": book.add_format({"font_name": word("font"), "font_size": 9, "text_wrap": True, "valign": "top"}),
        "right": book.add_format({"font_name": word("font"), "font_size": 10, "align": "right"}),
        "head": book.add_format({**cell, "bold": True, "align": "center", "bg_color": "#EFEFEF"}),
        "cell": book.add_format(cell),
        "total": book.add_format({**cell, "bold": True}),
    }


def _write(sheet: Sheet, page: Page, formats: dict[str, Format]) -> None:
    last = len(page.columns) - 1
    sheet.set_row(0, 30)
    _across(sheet, 0, (0, last), page.title, formats["title"])
    for number, (left, right) in enumerate(page.lines, start=1):
        half = last // 2
        _across(sheet, number, (0, half), left, formats["line"])
        if right:
            _across(sheet, number, (min(half + 1, last), last), right, formats["right"])
    head = 1 + len(page.lines)
    sheet.set_row(head, height_of(page.columns, page.widths))
    for column, (label, width) in enumerate(zip(page.columns, page.widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(head, column, clean(label), formats["head"])
    row = head
    for row, values in enumerate(page.rows, start=head + 1):
        _row(sheet, row, values, formats["cell"], page.widths)
    if page.total is not None:
        row += 1
        _row(sheet, row, page.total() if callable(page.total) else page.total, formats["total"], page.widths)
    for number, note in enumerate(page.notes, start=row + 1):
        sheet.set_row(number, 15 * (1 + len(note) * 2 // max(int(sum(page.widths)), 1)))
        _across(sheet, number, (0, last), note, formats["note"])
    _for_print(sheet, page, head, last, row)


def _across(sheet: Sheet, row: int, columns: tuple[int, int], text: str, style: Format) -> None:
    first, last = columns
    if last > first:
        sheet.merge_range(row, first, row, last, "", style)
    sheet.write_string(row, first, clean(text), style)


def _row(sheet: Sheet, row: int, values: Sequence[Any], style: Format, widths: Sequence[float]) -> None:
    sheet.write_cells(row, [clean(value) if isinstance(value, str) else value for value in values], style, widths)


def _for_print(sheet: Sheet, page: Page, head: int, last: int, row: int) -> None:
    sheet.freeze_panes(head + 1, min(page.frozen_columns, last))
    sheet.repeat_rows(head)
    sheet.set_landscape()
    sheet.set_paper(A3 if sum(page.widths) > WIDE else A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    left = f"&L&8 {page.footer[:LONGEST_FOOTER].replace('&', '&&')}" if page.footer else ""
    sheet.set_footer(f"{left}&R&8&P / &N")
    sheet.print_area(0, 0, row + len(page.notes), last)
