"""Puts one text into every column that people can fill in, whatever table, and into the texts inside JSON.

Straight into the tables: what a form would refuse today may have come in by an import, an older release or an attacker.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import JSON, Column, String, Table, update

from app.db import Model, db, unit_of_work
from app.sites.particulars import particulars

TextFor = Callable[[str, int], str]
"""The text for a column (``site.name``) and the most characters it takes."""
LONG = 400

EXCEPTIONS: Mapping[str, frozenset[str]] = {
    one["reason"]: frozenset(one["columns"])
    for one in tomllib.loads((Path(__file__).parent / "data" / "columns.toml").read_text(encoding="utf-8"))["exception"]
}
"""Text columns that nobody can fill with what she likes; by name, or by table and name."""


def tables() -> Iterator[Table]:
    """All tables of the application."""
    yield from Model.metadata.sorted_tables


def is_free(table: str, column: str) -> bool:
    """Whether people can write what they like into a text column."""
    return not any({column, f"{table}.{column}"} & names for names in EXCEPTIONS.values())


def free_columns(table: Table) -> list[Column[Any]]:
    """The text columns of `table` that people can fill in."""
    texts = (column for column in table.columns if isinstance(column.type, String))
    return [column for column in texts if is_free(table.name, column.name)]


def fill(app: Flask, text_for: TextFor) -> int:
    """Write `text_for` into every such column of every row; how many columns of tables with rows there were."""
    with app.app_context(), unit_of_work():
        number = 0
        for table in tables():
            values: dict[str, Any] = {
                column.name: text_for(f"{table.name}.{column.name}", _length(column)) for column in free_columns(table)
            }
            values |= {
                column.name: INSIDE[f"{table.name}.{column.name}"](text_for)
                for column in table.columns
                if isinstance(column.type, JSON) and f"{table.name}.{column.name}" in INSIDE
            }
            if values and db.session.execute(update(table).values(values)).rowcount:  # type: ignore[attr-defined]
                number += len(values)
        return number


def _length(column: Column[Any]) -> int:
    assert isinstance(column.type, String)
    return column.type.length or LONG


def _particulars(text: TextFor) -> dict[str, Any]:
    return {code: text(f"particulars.{code}", 80) for code, one in particulars().items() if one.kind in WRITTEN}


def _details(text: TextFor) -> dict[str, Any]:
    written = ("acceptance_staff", "acceptance_findings", "address", "contact_name", "reason", "assets_to", "plaque_to")
    return {
        **_particulars(text),
        **{name: text(f"details.{name}", 80) for name in (*written, "plaque_number", "contact_phone")},
        "findings": _findings(text),
    }


def _findings(text: TextFor) -> list[dict[str, str]]:
    return [{"item": "other", "text": text("finding", LONG)}, {"item": "sofa", "text": text("finding 2", LONG)}]


def _fields(text: TextFor) -> dict[str, Any]:
    names = ("name", "address", "access_note", "landmark", "contact_name", "note", "particulars.belongs_to")
    return {name: [text(f"{name} before", LONG), text(f"{name} after", LONG)] for name in names}


def _content(text: TextFor) -> dict[str, Any]:
    """A document that has been handed out, as it is kept for being drawn up again."""
    names = ("title", "author", "annex", "subtitle", "number", "site_name")
    written = {name: text(f"document {name}", 80) for name in names}
    return {
        "template": "form", "head": [], "rows": [], "opinions": [], "sheet": None, "notes": [text("note", 80)],
        "is_sample": False, **written,
    }  # fmt: skip


def _notice(text: TextFor) -> dict[str, Any]:
    names = ("title", "number", "text", "union")
    site = {"site_id": 1, "kind": "room", "premises": None}
    return {
        **{name: text(f"notice {name}", 80) for name in names}, "on": "2026-11-20", "recheck_by": "2029-11-20",
        "year": 2026, "sites": [{**site, **{n: text(f"notice site {n}", 80) for n in ("name", "host", "district")}}],
    }  # fmt: skip


WRITTEN = ("text", "long", "phone", "tel")
INSIDE: Mapping[str, Callable[[TextFor], Any]] = {
    "site.particulars": _particulars,
    "site_change.fields": _fields,
    "programme_case.details": _details,
    "case_event.details": _details,
    "case_event.reasons": lambda text: [{"item": "other", "reason": text("reason", LONG)}],
    "demonstration_call.notice": _notice,
    "inspection.findings": _findings,
    "issued_document.content": _content,
}
"""JSON columns with texts of people in them: how they look, with a text in every place that takes one."""
