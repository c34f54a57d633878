"""A term's attendance as CSV and XLSX: labels, never names.

A label begins with a letter or a digit (`app.care.labels`), so no cell of the CSV is a formula.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from io import BytesIO, StringIO
from math import ceil

from flask_babel import gettext
from xlsxwriter import Workbook
from xlsxwriter.format import Format

from app.care import queries
from app.care.models import CareChild, CareTerm
from app.cells import harmless
from app.months import SHANGHAI, local_date
from app.spreadsheets import A4, CELL, height_of

Cell = str | int | float | None
HERE, AWAY, NOT_ENROLLED = "1", "0", ""
_HEAD = {"bold": True, "bg_color": "#F4ECE6"}
_WIDTHS = (14, 7, 9, 9, 9, 9, 11)
_WIDTH_OF_DAY = 3.3
_DAYS_ON_A_PAGE = 45


@dataclass(frozen=True, slots=True)
class Sheet:
    """Children by days that ran."""

    days: Sequence[date]
    rows: Sequence[tuple[CareChild, Sequence[str]]]


def _sheet(term: CareTerm, until: date) -> Sheet:
    days = sorted(day.on for day, _, _ in queries.days_of(term) if day.on <= until)
    there = queries.attendance_of(term)

    def mark(child: CareChild, on: date) -> str:
        if on < child.enrolled_on or (child.left_on is not None and on >= child.left_on):
            return NOT_ENROLLED
        return HERE if on in there.get(child.id, ()) else AWAY

    return Sheet(days, [(child, [mark(child, on) for on in days]) for child in queries.children_of(term)])


def _heads(sheet: Sheet) -> list[str]:
    fixed = [
        gettext("Initials or roster number"), gettext("Grade"), gettext("Agreement"), gettext("Insurance"),
        gettext("Days enrolled"), gettext("Days present"), gettext("Attendance in per cent"),
    ]  # fmt: skip
    return [*fixed, *(day.isoformat() for day in sheet.days)]


def _cells(child: CareChild, marks: Sequence[str]) -> list[Cell]:
    enrolled, present = sum(mark != NOT_ENROLLED for mark in marks), marks.count(HERE)
    rate = percent(Fraction(present, enrolled)) if enrolled else None
    said = {True: gettext("yes"), False: gettext("no")}
    fixed: list[Cell] = [
        child.label, child.grade, said[child.has_agreement], said[child.is_insured], enrolled, present, rate,
    ]  # fmt: skip
    return [*fixed, *(int(mark) if mark else None for mark in marks)]


def percent(share: Fraction) -> float:
    """A share in per cent, cut to one decimal and never rounded up: 69.99 % does not read as 70."""
    return int(share * 1000) / 10


def csv_text(term: CareTerm, until: date) -> str:
    """CSV for spreadsheets, with a byte order mark when encoded, CRLF."""
    sheet, buffer = _sheet(term, until), StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    lines: list[Sequence[Cell]] = [_heads(sheet), *(_cells(child, marks) for child, marks in sheet.rows)]
    writer.writerows([harmless(cell) for cell in line] for line in lines)
    return "\ufeff" + buffer.getvalue()


def xlsx(site_name: str, term: CareTerm, made_at: datetime) -> bytes:
    """A workbook: the term's numbers, and children by days. `made_at` is an aware instant."""
    until = local_date(made_at)
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(buffer, options) as book:
        book.set_properties({"created": made_at.astimezone(SHANGHAI).replace(tzinfo=None)})
        _write_summary(book, _summary(site_name, term, until))
        _write_days(book, _sheet(term, until), f"{site_name[:100]} {term.name}")
    return buffer.getvalue()


def _format(book: Workbook, **properties: object) -> Format:
    return book.add_format(CELL | properties)


def _write_summary(book: Workbook, lines: Sequence[tuple[str, Cell]]) -> None:
    page, widths = book.add_worksheet(gettext("Summary")), (32, 48)
    head, cell = _format(book, **_HEAD), _format(book, align="left")
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    for number, line in enumerate(lines):
        page.set_row(number, height_of(line, widths))
        page.write(number, 0, line[0], head)
        page.write(number, 1, line[1], cell)
    for column, width in enumerate(widths):
        page.set_column(column, column, width)


def _write_days(book: Workbook, sheet: Sheet, title: str) -> None:
    """The heads of days stand upright: a month fits on a page, and longer terms have pages side by side."""
    page, fixed = book.add_worksheet(gettext("Attendance")), len(_WIDTHS)
    head, cell = _format(book, **_HEAD), _format(book, align="center")
    upright = _format(book, **_HEAD, rotation=90, text_wrap=False)
    page.freeze_panes(1, 1)
    page.repeat_rows(0)
    page.repeat_columns(0)
    page.set_paper(A4)
    page.set_landscape()
    page.fit_to_pages(max(1, ceil(len(sheet.days) / _DAYS_ON_A_PAGE)), 0)
    # An ampersand begins a code in a header; two are one.
    page.set_header("&L" + title.replace("&", "&&"))
    page.set_footer("&R&P / &N")
    for column, width in enumerate(_WIDTHS):
        page.set_column(column, column, width)
    page.set_column(fixed, fixed + len(sheet.days), _WIDTH_OF_DAY)
    page.set_row(0, 64)
    for column, name in enumerate(_heads(sheet)):
        page.write_string(0, column, name, head if column < fixed else upright)
    for number, (child, marks) in enumerate(sheet.rows, start=1):
        for column, value in enumerate(_cells(child, marks)):
            page.write(number, column, value, cell)


def _summary(site_name: str, term: CareTerm, until: date) -> list[tuple[str, Cell]]:
    figures = queries.figures(term, until)
    return [
        (gettext("Site"), site_name),
        (gettext("Term"), term.name),
        (gettext("First day"), term.starts_on.isoformat()),
        (gettext("Last day"), term.ends_on.isoformat()),
        (gettext("Places"), term.places),
        (gettext("Staff"), term.staff),
        (gettext("Volunteers"), term.volunteers),
        (gettext("Children"), figures.children),
        (gettext("Days that ran"), figures.days),
        (gettext("Of these with a safety check"), figures.safe_days),
        (gettext("Attendance in per cent"), None if figures.rate is None else percent(figures.rate)),
    ]
