"""What each register asks for, and how a form becomes values. Pure; what a thing is called stands in the templates."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.errors import N_, Invalid
from app.months import SHANGHAI
from app.registers.vocabulary import FACILITY, terms

MOST_PIECES = 100_000
MOST_HOURS = 72
EARLIEST = date(2000, 1, 1)
LATEST = date(2100, 1, 1)
IN_ORDER, AT_FAULT = "ok", "bad"
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""What a Chinese keyboard writes for digits, comma and full stop."""
_WHOLE = re.compile(r"[0-9]{1,6}")
_MONEY = re.compile(r"[0-9]{1,8}(\.[0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class Field:
    """One input. `kind` is text, long, tel, day, moment, count, hours, money, choice, checks or file.

    `most` is the longest text or the largest number, `words` the vocabulary of a choice; `is_more` folds it away.
    """

    name: str
    kind: str
    most: int = 0
    is_required: bool = False
    words: str = ""
    is_more: bool = False


def _day(name: str, *, is_required: bool = False, is_more: bool = True) -> Field:
    return Field(name, "day", is_required=is_required, is_more=is_more)


_DONE_ON = _day("done_on", is_required=True, is_more=False)
_NOTE = Field("note", "long", 400, is_more=True)
_FILE = Field("file", "file", is_more=True)
BOOKS: Mapping[str, tuple[Field, ...]] = {
    "cleaning": (_DONE_ON, Field("done_by", "text", 80), Field("note", "long", 400)),
    "maintenance": (
        Field("note", "long", 400, is_required=True), _DONE_ON, Field("done_by", "text", 80), _FILE,
    ),
    "safety": (
        Field("findings", "checks", words="check"), Field("note", "long", 400), _DONE_ON,
        Field("done_by", "text", 80, is_more=True), _FILE,
    ),
    "activity": (
        Field("title", "text", 160, is_required=True), Field("topic", "choice", is_required=True, words="topic"),
        Field("starts_at", "moment", is_required=True),
        Field("kind", "choice", is_required=True, words="activity_kind", is_more=True),
        Field("hours", "hours", MOST_HOURS, is_required=True, is_more=True),
        Field("participants", "count", MOST_PIECES, is_more=True), _NOTE, _FILE,
    ),
    "supplies": (
        Field("item", "choice", is_required=True, words="item"),
        Field("direction", "choice", is_required=True, words="direction"),
        Field("quantity", "count", MOST_PIECES, is_required=True),
        _day("moved_on", is_required=True), Field("source", "text", 160, is_more=True), _NOTE,
    ),
    "assets": (
        Field("name", "text", 120, is_required=True), Field("quantity", "count", MOST_PIECES, is_required=True),
        Field("source", "choice", is_required=True, words="asset_source"),
        Field("number", "text", 60, is_more=True), Field("value_yuan", "money", is_more=True), _day("acquired_on"),
        Field("facility", "choice", words=FACILITY, is_more=True),
    ),
    "subsidy": (
        Field("direction", "choice", is_required=True, words="money"),
        Field("amount_yuan", "money", is_required=True),
        Field("purpose", "choice", is_required=True, words="purpose"),
        _day("booked_on", is_required=True), Field("source", "text", 160, is_more=True), _NOTE, _FILE,
    ),
    "keepers": (
        Field("name", "text", 80, is_required=True), Field("kind", "choice", is_required=True, words="keeper_kind"),
        _day("certificate_until", is_more=False),
        Field("file", "file", is_more=True), Field("phone", "tel", 40, is_more=True), _day("since_on"),
    ),
}  # fmt: skip
"""The registers by code: at most three things to fill in, the rest folded away."""


def read(fields: tuple[Field, ...], form: Mapping[str, str]) -> dict[str, Any]:
    """The values of a form by field name; files are not among them. Raises `Invalid` naming every wrong field."""
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for field in fields:
        if field.kind == "file":
            continue
        try:
            values[field.name] = _value(field, form)
        except ValueError as error:
            faults[field.name] = str(error)
    if faults:
        raise Invalid(N_("Some values are wrong"), faults)
    return values


def _value(field: Field, form: Mapping[str, str]) -> Any:
    if field.kind == "checks":
        return _checks(field, form)
    text = form.get(field.name, "").strip().replace("\r\n", "\n")
    if field.kind in ("count", "hours", "money"):
        text = text.translate(_HALF_WIDTH)
    if not text:
        if field.is_required:
            raise ValueError(N_("Please fill this in"))
        return "" if field.kind in ("text", "long", "tel") else None
    return _READERS[field.kind](field, text)


def _checks(field: Field, form: Mapping[str, str]) -> dict[str, bool]:
    said = {code: form.get(f"{field.name}-{code}", "") for code in terms(field.words)}
    return {code: answer == IN_ORDER for code, answer in said.items() if answer in (IN_ORDER, AT_FAULT)}


def _text(field: Field, text: str) -> str:
    if "\0" in text:
        raise ValueError(N_("This text holds a character that cannot be stored"))
    if len(text) > field.most:
        raise ValueError(N_("This text is too long; please shorten it"))
    return text if field.kind == "long" else " ".join(text.split())


def _day_of(_field: Field, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(N_("Please give the day, such as 2026-11-30")) from error
    if not EARLIEST <= day < LATEST:
        raise ValueError(N_("Please give a day after 2000"))
    return day


def _moment(field: Field, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(N_("Please give day and time, such as 2026-11-30 14:00")) from error
    _day_of(field, moment.date().isoformat())
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _count(field: Field, text: str) -> int:
    if not _WHOLE.fullmatch(text) or int(text) > field.most:
        raise ValueError(N_("Please give a whole number, not larger than is possible"))
    return int(text)


def _hours(field: Field, text: str) -> Decimal:
    if not _MONEY.fullmatch(text) or not 0 < Decimal(text) <= field.most:
        raise ValueError(N_("Please give the hours, such as 1.5"))
    return Decimal(text)


def _money(_field: Field, text: str) -> Decimal:
    plain = text.replace(",", "")
    if not _MONEY.fullmatch(plain):
        raise ValueError(N_("Please give an amount in yuan, such as 1200.50"))
    return Decimal(plain)


def _choice(field: Field, text: str) -> str:
    if text not in terms(field.words):
        raise ValueError(N_("Please choose one of the offered answers"))
    return text


_READERS: Mapping[str, Any] = {
    "text": _text, "long": _text, "tel": _text, "day": _day_of, "moment": _moment, "count": _count, "hours": _hours,
    "money": _money, "choice": _choice,
}  # fmt: skip
