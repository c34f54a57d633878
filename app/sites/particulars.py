"""The vocabularies of where a site is and of what only the forms ask about it, and what may be answered. Pure."""

import re
import tomllib
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.errors import N_

DATA = Path(__file__).parent / "data"
COLUMN = "particulars"
LONGEST: Mapping[str, int] = {"text": 300, "long": 1000, "email": 200, "phone": 40}
MOST_DIGITS = 7
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_POSTCODE = re.compile(r"[0-9]{6}")
_PHONE = re.compile(r"[0-9+()（） \-、,，/]{5,40}")


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
    """Where a site is (商场, 写字楼 …); `location_kind` is what the place is, and so the site."""

    location_kind: str


@dataclass(frozen=True, slots=True)
class Particular(Term):
    """One thing the forms ask. `kind` is text, long, number, postcode, email, phone or choice.

    `choices` only for the last; `group` is where people see it: unit, people, park, use or building.
    """

    kind: str
    choices: Mapping[str, Term]
    group: str

    def shown(self, value: Any, locale: str) -> str:
        """An answer as people read it."""
        choice = self.choices.get(str(value))
        return choice.label(locale) if choice else str(value)

    @property
    def is_contact(self) -> bool:
        """Whether it reaches a person and so is nothing for the public."""
        return self.kind in ("phone", "email")


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
    return Particular(str(row["code"]), str(row["zh"]), str(row["en"]), str(row["kind"]), choices, str(row["group"]))


def read_answer(kind: str, choices: Container[str], text: str) -> tuple[Any, str]:
    """What the stripped, non-empty `text` answers to a question of this kind, and a message id if it cannot be.

    Whole numbers become `int`, anything else stays text.
    """
    if "\0" in text:
        return None, N_("This text holds a character that cannot be stored")
    if len(text) > LONGEST.get(kind, 100):
        return None, N_("This text is too long")
    if kind == "number":
        is_number = text.isascii() and text.isdigit() and len(text.lstrip("0")) <= MOST_DIGITS
        return (int(text), "") if is_number else (None, N_("A whole number, such as 120"))
    fault = ""
    if kind == "choice" and text not in choices:
        fault = N_("Please choose one of these")
    elif kind == "email" and not _EMAIL.fullmatch(text):
        fault = N_("An e-mail address, such as union@example.cn")
    elif kind == "phone" and not _PHONE.fullmatch(text):
        fault = N_("A telephone number: digits, spaces, + and -")
    elif kind == "postcode" and not _POSTCODE.fullmatch(text):
        fault = N_("A postcode of 6 digits, such as 266071")
    return text, fault


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Per answer that differs its value before and after, None for none, under the name that history keeps it by."""
    codes = [*before, *(code for code in after if code not in before)]
    pairs = {code: [before.get(code), after.get(code)] for code in codes}
    return {history_name(code): pair for code, pair in pairs.items() if pair[0] != pair[1]}


def history_name(code: str) -> str:
    """What a site's history calls a particular: ``particulars.postcode``."""
    return f"{COLUMN}.{code}"
