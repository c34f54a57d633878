"""The roster of a union's sites (qingdao-2020 annex 3): one sheet per kind, with totals; it imports back."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from app.accounts.models import TradeUnion
from app.documents.fields import Subject, label_of, raw_value, value_of
from app.documents.layouts import DATA, day
from app.documents.workbook import Page, workbook
from app.sites.models import Site

DATES = ("opened_on", "accepted_on")
CHOICES = ("premises", "managed_by", "run_form", "admission")
"""Vocabularies: one word in the cell, not the form's boxes to tick."""


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads((DATA / "rosters.toml").read_text(encoding="utf-8"))


def roster(union: TradeUnion, subjects: Sequence[Subject], at: datetime, today: date) -> bytes:
    """The workbook of all sites of `subjects`, by kind; a union without sites gets one sheet that says so."""
    pages = []
    for rule in _data()["sheet"]:
        mine = [subject for subject in subjects if subject.site.kind in rule["kinds"]]
        if mine:
            pages.append(_page(union, rule, mine, today))
    return workbook(pages or [_empty(union, today)], at)


def _page(union: TradeUnion, rule: Mapping[str, Any], subjects: Sequence[Subject], today: date) -> Page:
    columns = rule["columns"]
    return Page(
        name=rule["name"],
        title=_data()["title"].format(union=union.name, name=rule["name"]),
        lines=[(_data()["unit"].format(union=union.name), _data()["date"].format(date=day(today)))],
        columns=[column["label"] for column in columns],
        widths=[column["width"] for column in columns],
        rows=[
            [_cell(column["code"], subject, number) for column in columns]
            for number, subject in enumerate(subjects, start=1)
        ],
        total=[_total(column, subjects) for column in columns],
    )


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


def _total(column: Mapping[str, Any], subjects: Sequence[Subject]) -> Any:
    if column["code"] == "number":
        return _data()["total"]
    if column["code"] == "site_name":
        return _data()["count"].format(number=len(subjects))
    if not column.get("sum"):
        return None
    cells = [_cell(column["code"], subject, 0) for subject in subjects]
    return float(sum(Decimal(str(cell)) for cell in cells if isinstance(cell, int | float | Decimal)))
