"""What a row's cells say about one field, by the field's rule. Pure but for the vocabulary files.

A list says the same things again and again, so what a text gives is remembered, with what there was to say about it.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple

from app.errors import N_
from app.sites.importing.findings import Finding, Findings, Level
from app.sites.importing.keys import words
from app.sites.importing.profile import CHOICES, DATES, PARTICULARS, TRUTHS, FacilityRule, FieldRule
from app.sites.importing.transforms import TRANSFORMS
from app.sites.models import Site
from app.sites.particulars import particulars

MAX_LENGTH: Mapping[str, int] = {
    column.name: length for column in Site.__table__.columns if (length := getattr(column.type, "length", None))
}
LONGEST_PARTICULAR = 2000
REMEMBERED = 1024


class Said(NamedTuple):
    """A field's `text` (None when it cannot be read), its `value` as the column's type or None, and what to say."""

    text: str | None
    value: Any
    findings: tuple[Finding, ...]


class FieldReader:
    """Reads one field."""

    def __init__(self, target: str, rule: FieldRule) -> None:
        self.target, self.rule = target, rule
        self.is_particular = target in PARTICULARS
        self.place = ", ".join(rule.columns) or target
        self._column = rule.columns[0] if len(rule.columns) == 1 else None
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._read)

    def read(self, texts: Mapping[str, str]) -> Said:
        """What the row's cells, as `texts` by column, say about the field."""
        if self._column is not None:
            return self._remembered(texts.get(self._column, ""))
        said = [text for column in self.rule.columns if (text := texts.get(column))]
        return self._remembered(self.rule.join.join(said[:1] if self.rule.first else said))

    def _read(self, joined: str) -> Said:
        findings = Findings()
        text = self._text(joined, findings)
        if text is None:
            return Said(None, None, tuple(findings))
        if not text and self.rule.required:
            findings.add(Level.ERROR, self.place, N_("The cell is empty"), N_("Fill it in"))
        return Said(text, _typed(self.target, text, self.place, findings), tuple(findings))

    def _text(self, text: str, findings: Findings) -> str | None:
        """The text after transforms and tables; None when a transform fails, with a finding."""
        rule = self.rule
        if rule.constant is not None:
            return rule.constant
        for name in rule.transforms:
            try:
                text = TRANSFORMS[name](text)
            except ValueError:
                findings.add(
                    Level.WARNING, self.place, N_("%(text)s is not a date"), N_("Correct the date"), text=text
                )
                return None
        if rule.contains is not None:
            text = _containing(rule.contains, text)
        if rule.values is not None and text:
            if text not in rule.values:
                findings.add(
                    Level.WARNING,
                    self.place,
                    N_("The profile has no entry for %(text)s"),
                    N_("Add it to the profile or correct the cell"),
                    text=text,
                )
            text = rule.values.get(text, "")
        return f"{rule.prefix}{text}" if text else rule.default


class FacilityReader:
    """Reads what a site has: a list in one cell, columns that say yes, or both."""

    def __init__(self, rule: FacilityRule) -> None:
        self.rule = rule
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._listed)

    def read(self, cell: object, texts: Mapping[str, str]) -> tuple[dict[str, int | None], tuple[Finding, ...]]:
        """The facilities by code, without numbers, and what there is to say; `cell` is that of the rule's column."""
        codes, findings = self._remembered(self._items(cell, texts)) if self.rule.column else ((), ())
        found: dict[str, int | None] = dict.fromkeys(codes)
        for column, code in self.rule.flags.items():
            if texts.get(column, "").lower() in words().yes:
                found[code] = None
        return found, findings

    def _items(self, cell: object, texts: Mapping[str, str]) -> tuple[str, ...]:
        if isinstance(cell, list):
            return tuple(map(cell_text, cell))
        return tuple(texts.get(self.rule.column or "", "").split(self.rule.separator))

    def _listed(self, items: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
        codes, findings = [], Findings()
        for item in filter(None, map(str.strip, items)):
            if item in self.rule.values:
                codes.append(self.rule.values[item])
            elif item not in self.rule.ignore:
                findings.add(
                    Level.WARNING,
                    self.rule.column or "",
                    N_("The profile has no facility for %(item)s"),
                    N_("Add it to the profile"),
                    item=item,
                )
        return tuple(codes), tuple(findings)


def cell_text(cell: object) -> str:
    """A cell as text: a list is joined with semicolons, nothing is empty."""
    if isinstance(cell, str):
        return cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, list):
        return ";".join(cell_text(item) for item in cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell).strip()


def _containing(pieces: Mapping[str, str], text: str) -> str:
    """The value of the piece that stands first in the text."""
    found = [(text.find(piece), value) for piece, value in pieces.items() if piece in text]
    return min(found)[1] if found else ""


def _typed(target: str, text: str, place: str, findings: Findings) -> Any:
    """The text as the column's type, or None when there is none or it does not fit, with a finding."""
    if not text:
        return None
    if target in TRUTHS:
        return _truth(text, place, findings)
    if target in CHOICES and text not in CHOICES[target]:
        findings.add(
            Level.ERROR,
            place,
            N_("%(text)s is not one of %(choices)s"),
            N_("Correct the cell"),
            text=text,
            choices=", ".join(CHOICES[target]),
        )
        return None
    if target in DATES:
        return _date(text, place, findings)
    if target in ("floor_order", "room_count", "area_m2") or _is_counted(target):
        return _number(target, text, place, findings)
    return _fitting(target, text, place, findings)


def _truth(text: str, place: str, findings: Findings) -> bool | None:
    if text.lower() in words().yes | words().no:
        return text.lower() in words().yes
    findings.add(Level.ERROR, place, N_("%(text)s is neither yes nor no"), N_("Write yes or no"), text=text)
    return None


def _date(text: str, place: str, findings: Findings) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        findings.add(Level.ERROR, place, N_("%(text)s is not a date"), N_("Write it as 2026-08-31"), text=text)
        return None


def _number(target: str, text: str, place: str, findings: Findings) -> Decimal | int | None:
    try:
        number = Decimal(text)
        is_fit = number.is_finite() and (target == "area_m2" or number == int(number)) and abs(number) < 100_000
    except InvalidOperation:
        is_fit = False
    if not is_fit:
        findings.add(Level.ERROR, place, N_("%(text)s is not a number that fits here"), N_("Correct it"), text=text)
        return None
    return round(number, 2) if target == "area_m2" else int(number)


def _is_counted(target: str) -> bool:
    return target in PARTICULARS and particulars()[target].kind == "number"


def _fitting(target: str, text: str, place: str, findings: Findings) -> str | None:
    longest = LONGEST_PARTICULAR if target in PARTICULARS else MAX_LENGTH.get(target, len(text))
    if len(text) > longest:
        findings.add(
            Level.ERROR,
            place,
            N_("The text has %(length)s characters; %(longest)s fit"),
            N_("Shorten it"),
            length=len(text),
            longest=longest,
        )
        return None
    return text
