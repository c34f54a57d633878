"""A release as CSV."""

import csv
from collections.abc import Iterator
from io import StringIO

from flask_babel import gettext

from app.cells import harmless
from app.months import Month
from app.usage.figures import queries
from app.usage.figures.queries import WITHHELD, Line


def csv_lines(month: Month) -> Iterator[str]:
    """All unions and sites of a released month: UTF-8 with BOM when encoded, CRLF, one line at a time."""
    yield "\ufeff" + _csv_line(
        [gettext("Month"), gettext("Level"), gettext("Number"), gettext("Name"), gettext("Belongs to"),
         gettext("Sites"), gettext("Uses"), gettext("Satisfaction")]
    )  # fmt: skip
    unions = queries.union_lines(month)
    names = {union.id: union.name for union in unions}
    for line in (*unions, *queries.site_lines(month)):
        yield _csv_line(_cells(month, line, names))


def _cells(month: Month, line: Line, names: dict[int, str]) -> list[str]:
    above = names.get(line.parent_id, "") if line.parent_id else ""
    numbers = (WITHHELD if number is None else str(number) for number in (line.uses, line.satisfaction))
    return [str(month), line.level, str(line.id), line.name, above, str(line.sites), *numbers]


def _csv_line(cells: list[str]) -> str:
    buffer = StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
    return buffer.getvalue()
