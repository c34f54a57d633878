"""The vocabularies of where a site is and of what only the forms ask about it. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Term:
    """A code and what people read instead of it."""

    code: str
    zh: str
    en: str

    def label(self, locale: str) -> str:
        """The wording in English or, for any other locale, in Chinese."""
        return self.en if locale == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Premises(Term):
    """Where a site is (商场, 写字楼 …); `location_kind` is what the place is as a rule."""

    location_kind: str


@dataclass(frozen=True, slots=True)
class Particular(Term):
    """One thing the forms ask. `kind` is text, long, number, email, phone or choice; `choices` only for the last."""

    kind: str
    choices: Mapping[str, Term]


@cache
def premises() -> Mapping[str, Premises]:
    """All kinds of premises by code, in the order in which people see them."""
    rows = tomllib.loads((DATA / "premises.toml").read_text(encoding="utf-8"))["premises"]
    return {row["code"]: Premises(row["code"], row["zh"], row["en"], row["location_kind"]) for row in rows}


@cache
def particulars() -> Mapping[str, Particular]:
    """All particulars by code, in the order in which people see them."""
    rows = tomllib.loads((DATA / "particulars.toml").read_text(encoding="utf-8"))["particular"]
    return {row["code"]: _particular(row) for row in rows}


def _particular(row: dict[str, object]) -> Particular:
    choices = {one["code"]: Term(one["code"], one["zh"], one["en"]) for one in row.get("choices", [])}  # type: ignore[attr-defined]
    return Particular(str(row["code"]), str(row["zh"]), str(row["en"]), str(row["kind"]), choices)
