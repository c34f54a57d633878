"""The union's table as XLSX and CSV. No cell of either is ever taken for a formula."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction

from flask_babel import gettext
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from app.cells import harmless
from app.months import SHANGHAI
from app.programme.table import Row, Table
from app.rulebooks.phrases import json_number, word
from app.rulebooks.report import NOT_MET, UNKNOWN

Cell = str | int | float | None
WIDTHS = (26, 30, 12, 10, 10, 10, 10, 10, 10, 14, 20, 20, 24)


def headings() -> list[str]:
    """The column headings in the reader's language."""
    return [
        gettext("Union"),
        gettext("Site"),
        gettext("Location"),
        gettext("Uses this month"),
        gettext("Uses last month"),
        gettext("Mean uses a month"),
        gettext("Threshold"),
        gettext("Satisfaction"),
        gettext("Ratings"),
        gettext("Verdict"),
        gettext("Conditions not met"),
        gettext("Conditions unknown"),
        gettext("Origin"),
    ]


def _cells(row: Row, language: str) -> list[Cell]:
    return [
        row.host,
        row.name,
        word(f"location_{row.location_kind}", language),
        row.this_month,
        row.last_month,
        _plain(row.mean),
        _plain(row.threshold),
        _plain(row.score),
        row.ratings,
        word(f"result_{row.verdict}", language) if row.verdict else word("no_value", language),
        " ".join(row.open_conditions(NOT_MET)),
        " ".join(row.open_conditions(UNKNOWN)),
        _origin(row),
    ]


def _origin(row: Row) -> str:
    return str(gettext("Demonstration data, synthetic") if row.is_synthetic else gettext("Recorded"))


def _plain(value: Fraction | None) -> int | float | None:
    return None if value is None else json_number(value)


def csv_lines(table: Table, language: str) -> Iterator[str]:
    """CSV for spreadsheets: UTF-8 with BOM when encoded, CRLF, one line at a time."""
    yield "\ufeff" + _csv_line(list(headings()))
    for row in table.rows:
        yield _csv_line(_cells(row, language))


def _csv_line(cells: list[Cell]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
    return buffer.getvalue()


def xlsx(table: Table, language: str, made_at: datetime) -> bytes:
    """A workbook: the table with its totals, and the counted uses of each month of the window."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(buffer, options) as book:
        book.set_properties({"created": made_at.astimezone(SHANGHAI).replace(tzinfo=None)})
        _write_table(book, table, language)
        _write_months(book, table)
    return buffer.getvalue()


def _sheet(book: Workbook, name: str, heads: list[str], widths: tuple[int, ...]) -> Worksheet:
    sheet = book.add_worksheet(name[:31])
    head = book.add_format({"bold": True, "bg_color": "#F4ECE6", "text_wrap": True, "valign": "top", "border": 1})
    for column, title in enumerate(heads):
        sheet.write_string(0, column, title, head)
        sheet.set_column(column, column, widths[min(column, len(widths) - 1)])
    sheet.freeze_panes(1, 2)
    return sheet


def _write_row(sheet: Worksheet, number: int, cells: list[Cell]) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, str):
            sheet.write_string(number, column, cell)
        elif cell is not None:
            sheet.write_number(number, column, cell)


def _write_table(book: Workbook, table: Table, language: str) -> None:
    sheet = _sheet(book, gettext("Sites"), headings(), WIDTHS)
    for number, row in enumerate(table.rows, start=1):
        _write_row(sheet, number, _cells(row, language))
    sheet.autofilter(0, 0, max(len(table.rows), 1), len(WIDTHS) - 1)
    totals = table.totals
    sums: list[Cell] = [gettext("Total"), gettext("%(number)s sites", number=totals.sites), None]
    sums += [totals.this_month, totals.last_month, _plain(totals.mean), None, _plain(totals.score), totals.ratings]
    _write_row(sheet, len(table.rows) + 2, sums)


def _write_months(book: Workbook, table: Table) -> None:
    months = [table.month - back for back in range(12, -1, -1)]
    heads = [gettext("Union"), gettext("Site"), *map(str, months), gettext("Origin")]
    sheet = _sheet(book, gettext("Counted uses by month"), heads, (26, 30, *(10 for _ in months), 24))
    for number, row in enumerate(table.rows, start=1):
        tallies = row.facts.months or {}
        counted = [tallies[month].counted if month in tallies else 0 for month in months]
        _write_row(sheet, number, [row.host, row.name, *counted, _origin(row)])
