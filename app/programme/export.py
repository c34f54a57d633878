"""The union's table as XLSX and CSV, read, judged and written in batches, however many sites it has."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from itertools import chain
from typing import BinaryIO

from flask_babel import gettext
from xlsxwriter import Workbook

from app.accounts.models import TradeUnion
from app.ahead import at_once
from app.db import db
from app.ids import among
from app.months import Month
from app.programme import bulk
from app.programme.judging import Judges
from app.programme.table import NONE, Filter, Row, read_rows, sites_below, sites_with_hosts
from app.rulebooks.measures import mean_score
from app.rulebooks.phrases import json_number, word
from app.sites.models import Site
from app.spreadsheets import A4, CELL, Sheet, add_sheet, csv_file, height_of, workbook_file

Cell = str | int | float | None
BATCH = 1000
WIDTHS = (26, 30, 10, 9, 9, 9, 8, 8, 8, 12, 18, 18, 22)
USES_WIDTHS = (26, 30, *(9 for _ in range(13)), 22)


def rows_below(union: TradeUnion, chosen: Filter, judges: Judges) -> Iterator[list[Row]]:
    """All sites below `union` that the filter shows, judged, by their host's place, then name; some at a time."""
    ordered = sites_below(union, chosen).order_by(TradeUnion.path, Site.name, Site.id)
    ids = db.session.scalars(ordered.with_only_columns(Site.id)).all()
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        rows = {row.id: row for row in read_rows(sites_with_hosts().where(among(Site.id, some)), judges)}
        there = [rows[site_id] for site_id in some if site_id in rows]
        yield [row for row in there if chosen.band in ("", row.band)]


def counted_by_month(rows: Sequence[Row], months: Sequence[Month]) -> dict[int, list[int]]:
    """The counted uses of each of the `months`, which follow each other, without those excluded, by site id."""
    found = at_once(bulk.tallies_of([row.id for row in rows], months[0], months[-1]))
    return {row.id: [found[row.id].uses((month,)) if row.id in found else 0 for month in months] for row in rows}


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
        " ".join(row.not_met),
        " ".join(row.unknown),
        _origin(row),
    ]


def _origin(row: Row) -> str:
    return str(gettext("Demonstration data, synthetic") if row.is_synthetic else gettext("Recorded"))


def _plain(value: Fraction | None) -> int | float | None:
    return None if value is None else json_number(value)


def csv(found: Iterable[list[Row]], language: str) -> BinaryIO:
    """The rows of `rows_below` under their headings."""

    def lines() -> Iterator[list[Cell]]:
        yield [*headings()]
        for row in chain.from_iterable(found):
            yield _cells(row, language)

    return csv_file(lines())


def xlsx(found: Iterable[list[Row]], judges: Judges, language: str, made_at: datetime) -> BinaryIO:
    """A workbook: the rows of `rows_below` with their totals, and the counted uses of each month of a year."""
    return workbook_file(lambda book: _write(book, found, judges, language), made_at)


def _sheet(book: Workbook, name: str, heads: list[str], widths: tuple[int, ...]) -> Sheet:
    sheet = add_sheet(book, name)
    head = book.add_format(CELL | {"bold": True, "bg_color": "#F4ECE6"})
    sheet.set_row(0, height_of(heads, widths))
    for column, (title, width) in enumerate(zip(heads, widths, strict=True)):
        sheet.write_string(0, column, title, head)
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 2)
    sheet.repeat_rows(0)
    sheet.set_paper(A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&R&P / &N")
    return sheet


def _write(book: Workbook, found: Iterable[list[Row]], judges: Judges, language: str) -> None:
    this = Month.of_date(judges.on)
    months = [this - back for back in range(12, -1, -1)]
    sites = _sheet(book, gettext("Sites"), headings(), WIDTHS)
    heads = [gettext("Union"), gettext("Site"), *map(str, months), gettext("Origin")]
    uses = _sheet(book, gettext("Counted uses by month"), heads, USES_WIDTHS)
    cell = book.add_format(CELL)
    totals, number = _Totals(), 0
    for rows in found:
        counted = counted_by_month(rows, months)
        for row in rows:
            number += 1
            totals.take(row)
            sites.write_cells(number, _cells(row, language), cell, WIDTHS)
            uses.write_cells(number, [row.host, row.name, *counted[row.id], _origin(row)], cell, USES_WIDTHS)
    sites.autofilter(0, 0, max(number, 1), len(WIDTHS) - 1)
    sites.write_cells(number + 2, totals.cells(judges.scores()))


class _Totals:
    """The sums over the rows that have passed; the score is the mean over all their ratings, exact."""

    def __init__(self) -> None:
        self.sites = self.this_month = self.last_month = 0
        self.mean = Fraction(0)
        self.steps: tuple[int, ...] = NONE

    def take(self, row: Row) -> None:
        self.sites += 1
        self.this_month += row.this_month
        self.last_month += row.last_month
        self.mean += row.mean or 0
        self.steps = tuple(map(sum, zip(self.steps, row.steps, strict=True)))

    def cells(self, scores: tuple[int, ...]) -> list[Cell]:
        score = mean_score(self.steps, scores) if scores else None
        named: list[Cell] = [gettext("Total"), gettext("%(number)s sites", number=self.sites), None]
        uses = [self.this_month, self.last_month, _plain(self.mean), None]
        return [*named, *uses, _plain(score), sum(self.steps)]
