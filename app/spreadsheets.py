"""Tables of any length as XLSX and CSV: written row by row into a temporary file, never held in memory.

No text is ever a formula or a link. The file has no name; it is gone when it is closed, as by the answer that sends it.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from xlsxwriter import Workbook

from app.cells import harmless
from app.months import SHANGHAI

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPTIONS = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
}  # fmt: skip


def workbook_file(write: Callable[[Workbook], object], made_at: datetime) -> BinaryIO:
    """The workbook that `write` fills, each of its sheets row by row from the top; `made_at` is an aware instant."""
    file = cast("BinaryIO", TemporaryFile())  # noqa: SIM115  whoever gets it closes it
    try:
        with Workbook(file, OPTIONS) as book:
            book.set_properties({"created": made_at.astimezone(SHANGHAI).replace(tzinfo=None)})
            write(book)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def csv_file(rows: Iterable[Sequence[object]]) -> BinaryIO:
    """The rows as CSV for spreadsheets: UTF-8 with a byte order mark, CRLF."""
    file = cast("BinaryIO", TemporaryFile())  # noqa: SIM115  whoever gets it closes it
    try:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        csv.writer(text, lineterminator="\r\n").writerows([harmless(cell) for cell in row] for row in rows)
        text.detach()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file
