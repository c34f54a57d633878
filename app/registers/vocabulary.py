"""The words of the registers: their codes and labels are data (data/vocabulary.toml). Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.sites.facilities import facilities
from app.sites.particulars import Term

DATA = Path(__file__).parent / "data" / "vocabulary.toml"
FACILITY = "facility"
"""The list whose words are the sites' own."""
LISTS = (
    "check", "activity_kind", "topic", "item", "direction", "asset_source", "money", "purpose", "keeper_kind", FACILITY,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Register(Term):
    """One register; an entry is looked for `every` month or year, or something ``always`` has to stand in it."""

    every: str


@cache
def registers() -> Mapping[str, Register]:
    """All registers by code, in the order in which people see them."""
    return {row["code"]: Register(row["code"], row["zh"], row["en"], row["every"]) for row in _read()["register"]}


@cache
def terms(name: str) -> Mapping[str, Term]:
    """One of `LISTS` by code, in the order in which people see it. Raises KeyError for any other name."""
    if name == FACILITY:
        return {one.code: Term(one.code, one.zh, one.en) for one in facilities().values()}
    return {row["code"]: Term(row["code"], row["zh"], row["en"]) for row in _read()[name]}


@cache
def hints(locale: str) -> Mapping[str, str]:
    """When what a safety check looks at is in order, by its code, in English or, for any other locale, in Chinese."""
    return {row["code"]: row["hint"]["en" if locale == "en" else "zh"] for row in _read()["check"]}


@cache
def _read() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))
