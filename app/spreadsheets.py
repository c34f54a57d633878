"""Tables of any length as XLSX and CSV: written row by row into a temporary file, never held in memory.

No text is ever a formula or a link. The file has no name; it is gone when it is closed, as by the answer that sends it.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from math import ceil, isfinite
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from app.cells import harmless
from app.months import SHANGHAI

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPTIONS = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
}  # fmt: skip

A4, A3 = 9, 8
LINE, HIGHEST = 14.5, 409.0
"""Points that a line of text in 10 points is high, and that a row may be."""
CELL = {"font_size": 10, "border": 1, "text_wrap": True, "valign": "top"}
LONGEST_NAME = 31
LONGEST_CELL = 32_767
"""So many UTF-16 units a cell may hold."""


class Sheet(Worksheet):  # type: ignore[misc]
    """A sheet that takes whole rows as well: the same file as from cell after cell, in a third of the time."""

    def write_cells(
        self, row: int, cells: Sequence[object], style: Format | None = None, widths: Sequence[float] = ()
    ) -> None:
        """Write a row (from 0, below what is written). Formats of whole rows and columns are not used.

        With the `widths` of its columns the row gets the height that wrapped texts need. None and the empty text are an
        empty cell, with `style` or not at all. Raises ValueError for a row that no sheet has, TypeError or ValueError
        for what is neither a text nor a finite number.
        """
        if self._check_dimensions(row, 0) or self._check_dimensions(row, max(len(cells) - 1, 0)):
            raise ValueError(f"a sheet has no row {row} of {len(cells)} cells below what is written")
        self._write_single_row(row)
        of_style = f' s="{style._get_xf_index()}"' if style else ""
        number = row + 1
        height = height_of(cells, widths)
        written = [f'<row r="{number}" ht="{height:g}">' if height else f'<row r="{number}">']
        for column, cell in enumerate(cells):
            if cell is None or cell == "":
                if style:
                    written.append(f'<c r="{_letters(column)}{number}"{of_style}/>')
            else:
                written.append(f'<c r="{_letters(column)}{number}"{of_style}{self._content(cell)}</c>')
        written.append("</row>")
        self.fh.write("".join(written))

    def _content(self, cell: object) -> str:
        """The rest of a cell's tag with what is in it."""
        if not isinstance(cell, str):
            number = float(cast("float", cell))
            if not isfinite(number):
                raise ValueError("a cell holds finite numbers only")
            return f"><v>{number:.16G}</v>"
        text = cell if len(cell) <= LONGEST_CELL // 2 else _cut(cell)
        if "_x" in text or not text.isprintable():
            text = self._escape_control_characters(text)
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        keeps = ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() else ""
        return f' t="inlineStr"><is><t{keeps}>{text}</t></is>'


_letters = cache(xl_col_to_name)


def height_of(cells: Sequence[object], widths: Sequence[float]) -> float | None:
    """The points that a row needs so that no text, 10 points high and wrapped in columns of `widths`, is cut.

    None where one line is enough. Excel would find it out itself; others show the first line only, or let the text run
    into the rows around.
    """
    lines = 1
    for cell, width in zip(cells, widths, strict=False):
        if isinstance(cell, str) and (2 * len(cell) > width or "\n" in cell):
            lines = max(lines, _lines(cell, width))
    return None if lines == 1 else min(LINE * lines, HIGHEST)


def _lines(text: str, width: float) -> int:
    # In this code a Chinese sign has two bytes and a Latin one has one: as much as they need of a column.
    written = text[:LONGEST_CELL].encode("gb18030", "replace").split(b"\n")
    return sum(max(1, ceil(len(line) / width)) for line in written)


def _cut(text: str) -> str:
    return text.encode("utf-16-le")[: 2 * LONGEST_CELL].decode("utf-16-le", "ignore")


def add_sheet(book: Workbook, name: str) -> Sheet:
    """A new sheet of a workbook that `workbook_file` makes; of a long name the first 31 signs."""
    return cast("Sheet", book.add_worksheet(name[:LONGEST_NAME], Sheet))


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
