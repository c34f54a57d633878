"""A long workbook and a long CSV file as exports write them, beside openpyxl's write-only workbook."""

import cProfile
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from openpyxl import Workbook

from app.documents.workbook import Page, workbook
from app.spreadsheets import csv_file
from benchmarks.files.lists import COLUMNS
from benchmarks.files.lists import rows as made_up
from benchmarks.files.measuring import Span, in_a_process, measured
from benchmarks.shares import told
from benchmarks.table import Row, Target

NOW = datetime(2026, 7, 1, tzinfo=UTC)
SHORT = 10_000


def rows(number: int) -> list[Row]:
    """Seconds for the workbook, and by how much a long one takes more memory than a short one."""
    ours, long_mb = in_a_process(_ours, number)
    theirs, theirs_mb = in_a_process(_openpyxl, number)
    _, short_mb = in_a_process(_ours, SHORT)
    as_csv, csv_mb = in_a_process(_csv, number)
    name, against = f"XLSX, {number:,} rows of {len(COLUMNS)} cells", "openpyxl, write-only"
    found = [
        Row(name, ours.clock_s, Target.at_most(20, "s"), f"{ours.cpu_s:.1f} s of CPU", against,
            f"{theirs.clock_s:.1f} s, {theirs.cpu_s:.1f} s of CPU", by_cpu=theirs.cpu_s / ours.cpu_s),
        Row(f"{name}: memory beyond that of {SHORT:,} rows", long_mb - short_mb, Target.at_most(10, "MB"),
            f"{long_mb:.0f} MB against {short_mb:.0f} MB", against, f"{theirs_mb:.0f} MB"),
        Row(f"CSV, {number:,} rows", as_csv.clock_s, Target(unit="s"), f"{as_csv.cpu_s:.1f} s of CPU, {csv_mb:.0f} MB"),
    ]  # fmt: skip
    if not all(row.is_met for row in found):
        profile = cProfile.Profile()
        profile.runcall(_ours, SHORT)
        print(told(profile, SHORT, "row of the workbook"))
    return found


def _cells(number: int) -> Iterator[list[object]]:
    for row in made_up(number):
        yield [*row[:11], float(row[11]), *row[12:]]


def _measured(write: Callable[[], None]) -> Span:
    with measured() as span:
        write()
    return span


def _ours(number: int) -> Span:
    page = Page("list", "a list", [("made up", "2026")], COLUMNS, [12] * len(COLUMNS), _cells(number))
    return _measured(lambda: workbook([page], NOW).close())


def _csv(number: int) -> Span:
    return _measured(lambda: csv_file(_cells(number)).close())


def _openpyxl(number: int) -> Span:
    def write() -> None:
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        for row in _cells(number):
            sheet.append(row)
        with tempfile.TemporaryFile() as file:
            book.save(file)

    return _measured(write)
