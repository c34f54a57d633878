"""The roster of a union's sites (qingdao-2020 annex 3): one sheet per kind, with totals; it imports back."""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import chain
from typing import Any, BinaryIO

from app.accounts.models import TradeUnion
from app.documents.fields import Subject, label_of, raw_value, value_of
from app.documents.layouts import DATA, day
from app.documents.workbook import Page, workbook
from app.sites.models import Site

DATES = ("opened_on", "accepted_on")
Subjects = Callable[[TradeUnion, date, Sequence[str]], Iterable[Subject]]
"""The sites below a union of some kinds on a day, as `sources.subjects_of` reads them."""
CHOICES = ("premises", "managed_by", "run_form", "admission")
"""Vocabularies: one word in the cell, not the form's boxes to tick."""


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads((DATA / "rosters.toml").read_text(encoding="utf-8"))


def roster(union: TradeUnion, subjects_of: Subjects, at: datetime, today: date) -> BinaryIO:
    """The workbook of all sites that `subjects_of` gives, by kind; a union without any gets one sheet that says so."""

    def pages() -> Iterator[Page]:
        is_empty = True
        for rule in _data()["sheet"]:
            subjects = iter(subjects_of(union, today, rule["kinds"]))
            for first in subjects:
                is_empty = False
                yield _page(union, rule, chain((first,), subjects), today)
        if is_empty:
            yield _empty(union, today)

    return workbook(pages(), at)


def title(name: str) -> str:
    """What the roster of the union of that name is called."""
    return str(_data()["title"].format(union=name, name=_data()["all"]))


def _page(union: TradeUnion, rule: Mapping[str, Any], subjects: Iterable[Subject], today: date) -> Page:
    columns = rule["columns"]
    sums = _Sums(columns)
    return Page(
        name=rule["name"],
        title=_data()["title"].format(union=union.name, name=rule["name"]),
        lines=[(_data()["unit"].format(union=union.name), _data()["date"].format(date=day(today)))],
        columns=[column["label"] for column in columns],
        widths=[column["width"] for column in columns],
        rows=sums.counting(
            [_cell(column["code"], subject, number) for column in columns]
            for number, subject in enumerate(subjects, start=1)
        ),
        total=sums.line,
    )


class _Sums:
    """Adds up rows while they pass."""

    def __init__(self, columns: Sequence[Mapping[str, Any]]) -> None:
        self.columns, self.number = columns, 0
        self.sums = {place: Decimal(0) for place, column in enumerate(columns) if column.get("sum")}

    def counting(self, rows: Iterable[list[Any]]) -> Iterator[list[Any]]:
        for row in rows:
            self.number += 1
            for place in self.sums:
                if isinstance(row[place], int | float | Decimal):
                    self.sums[place] += Decimal(str(row[place]))
            yield row

    def line(self) -> list[Any]:
        said = {"number": _data()["total"], "site_name": _data()["count"].format(number=self.number)}
        return [
            float(self.sums[place]) if place in self.sums else said.get(column["code"])
            for place, column in enumerate(self.columns)
        ]


def _empty(union: TradeUnion, today: date) -> Page:
    rule = _data()["sheet"][0]
    page = _page(union, rule, [], today)
    return Page(page.name, page.title, page.lines, page.columns, page.widths, (), None, [_data()["empty"]])


def _cell(code: str, subject: Subject, number: int) -> Any:
    site: Site = subject.site
    words = _data()["words"]
    own = {
        "number": number, "host_code": site.host.code, "area_m2": site.area_m2, "status": words["status"][site.status],
        "location_kind": words["location_kind"][site.location_kind],
    }  # fmt: skip
    if code in own:
        return own[code]
    raw = raw_value(code, subject)
    if code in DATES:
        return raw.isoformat() if isinstance(raw, date) else raw
    if code in CHOICES:
        return label_of(code, str(raw)) if raw else ""
    if code == "women_workers":
        return _whole(raw)
    return value_of(code, subject)


def _whole(raw: Any) -> Any:
    """A number of people as a number, whatever an old list wrote there as it is."""
    text = str(raw if raw is not None else "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
