"""A term's attendance as CSV and XLSX: labels, never names.

A label begins with a letter or a digit (`app.care.labels`), so no cell of the CSV is a formula.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from io import BytesIO, StringIO

from flask_babel import gettext
from xlsxwriter import Workbook

from app.care import queries
from app.care.models import CareChild, CareTerm
from app.cells import harmless
from app.months import SHANGHAI, local_date

Cell = str | int | float | None
HERE, AWAY, NOT_ENROLLED = "1", "0", ""


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
        bold = book.add_format({"bold": True, "bg_color": "#F4ECE6", "border": 1, "text_wrap": True, "valign": "top"})
        summary = book.add_worksheet(gettext("Summary"))
        summary.set_column(0, 1, 32)
        for number, (name, value) in enumerate(_summary(site_name, term, until)):
            summary.write_string(number, 0, name, bold)
            if isinstance(value, str):
                summary.write_string(number, 1, value)
            elif value is not None:
                summary.write_number(number, 1, value)
        table, sheet = book.add_worksheet(gettext("Attendance")), _sheet(term, until)
        table.freeze_panes(1, 1)
        table.repeat_rows(0)
        table.set_landscape()
        table.fit_to_pages(1, 0)
        table.set_column(0, 0, 22)
        table.set_column(1, 6 + len(sheet.days), 11)
        for column, head in enumerate(_heads(sheet)):
            table.write_string(0, column, head, bold)
        for number, (child, marks) in enumerate(sheet.rows, start=1):
            for column, cell in enumerate(_cells(child, marks)):
                table.write(number, column, cell)
    return buffer.getvalue()


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
