"""The monthly sheet as PDF (Typst) and as XLSX. Values in, bytes out; texts are never markup and never formulas."""

import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import typst
from xlsxwriter import Workbook

from app.registers.sheet import Cell, MonthSheet, Section
from app.sites.posters import TEMPLATES, clean, fonts
from app.spreadsheets import A4, CELL, height_of

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST_HEADER = 200


def pdf(sheet: MonthSheet) -> bytes:
    """A4 sheets: what it is about, a table for each register, places for signature and seal."""
    made = _compiled(sheet, "pdf")
    assert isinstance(made, bytes)  # noqa: S101  it is a list only for images of several pages
    return made


def _compiled(sheet: MonthSheet, kind: Any) -> Any:
    day = sheet.printed_on
    return typst.compile(
        TEMPLATES / "registers.typ",
        root=TEMPLATES,
        font_paths=fonts(),
        sys_inputs={"data": json.dumps(_data(sheet))},
        timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC),
        format=kind,
        ppi=110,
    )


def _data(sheet: MonthSheet) -> dict[str, Any]:
    return {
        "title": clean(sheet.title),
        "site": clean(sheet.site),
        "month": str(sheet.month),
        "words": dict(sheet.words),
        "facts": [[clean(text) for text in fact] for fact in sheet.facts],
        "is_synthetic": sheet.is_synthetic,
        "sections": [
            {
                "title": clean(section.title),
                "heads": [clean(head) for head in section.heads],
                "shares": [*section.shares],
                "rows": [[_printed(cell) for cell in row] for row in section.rows],
                "numbers": [_is_numeric(section, column) for column in range(len(section.heads))],
            }
            for section in sheet.sections
        ],
    }


def _is_numeric(section: Section, column: int) -> bool:
    cells = [row[column] for row in section.rows if row[column] is not None]
    return bool(cells) and all(isinstance(cell, int | Decimal) for cell in cells)


def _printed(cell: Cell) -> str:
    if cell is None:
        return ""
    return f"{cell:.2f}" if isinstance(cell, Decimal) else clean(str(cell))


def xlsx(sheet: MonthSheet, made_at: datetime) -> bytes:
    """A workbook: the summary, then one frozen table for each register that has entries. `made_at`: UTC instant."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(buffer, options) as book:
        book.set_properties({"title": sheet.title, "created": made_at.astimezone(UTC).replace(tzinfo=None)})
        about = Section(sheet.words["summary"], [sheet.words["title"], str(sheet.month)], [*sheet.facts], [3, 6])
        notes = [[sheet.words["synthetic"], ""]] if sheet.is_synthetic else []
        _write(book, sheet, Section(about.title, about.heads, [*about.rows, *notes], about.shares))
        for section in sheet.sections:
            if section.rows:
                _write(book, sheet, section)
    return buffer.getvalue()


def _write(book: Workbook, sheet: MonthSheet, section: Section) -> None:
    page = book.add_worksheet(section.title[:31])
    head = book.add_format(CELL | {"bold": True, "bg_color": "#F4ECE6"})
    formats = {
        str: book.add_format(CELL),
        int: book.add_format(CELL),
        Decimal: book.add_format(CELL | {"num_format": "0.00"}),
        date: book.add_format(CELL | {"num_format": "yyyy-mm-dd", "align": "left"}),
    }
    for column, title in enumerate(section.heads):
        page.write_string(0, column, title, head)
    widths = [5 + 7 * share for share in section.shares]
    for column, width in enumerate(widths):
        page.set_column(column, column, width)
    for number, row in enumerate(section.rows, start=1):
        page.set_row(number, height_of(row, widths))
        _write_row(page, number, row, formats)
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    page.set_paper(A4)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    # An ampersand begins a code in a header; two are one.
    named = f"{sheet.site[:_LONGEST_HEADER // 2]} {sheet.month} {section.title}".replace("&", "&&")
    page.set_header(f"&L{named}"[: _LONGEST_HEADER + 40])
    page.set_footer("&R&P / &N")


def _write_row(page: Any, number: int, row: Sequence[Cell], formats: dict[type, Any]) -> None:
    for column, cell in enumerate(row):
        if cell is None:
            page.write_blank(number, column, None, formats[str])
        elif isinstance(cell, str):
            page.write_string(number, column, cell, formats[str])
        elif isinstance(cell, date):
            page.write_datetime(number, column, datetime(cell.year, cell.month, cell.day), formats[date])  # noqa: DTZ001
        else:
            page.write_number(number, column, cell, formats[Decimal if isinstance(cell, Decimal) else int])
