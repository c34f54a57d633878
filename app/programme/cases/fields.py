"""What the forms of applications and deregistrations ask: the rulebook's fields, each with its kind and its choices.

Answers are plain JSON by field code, as `Case.details` keeps them: text, ``YYYY-MM-DD`` for dates, whole numbers, codes
of choices.
"""

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from app.errors import N_
from app.rulebooks import Rulebook
from app.rulebooks.model import Text
from app.rulebooks.node import YEARS
from app.sites import particulars

DATA = Path(__file__).parent / "data" / "fields.toml"
COMPUTED = "computed"
ACCEPTANCE = ("accepted_on", "acceptance_staff", "acceptance_findings")
"""Filled in by who accepts the site, not by the applicant."""
APPLICATION_USES = ("filing", "application", "registration")
DEREGISTRATION = ("applied_on", "applicant", "site_name", "site_kind", "address", "reason", "assets_to", "plaque_to")
APPLICATION = ("applied_on", "applicant", "site_name", "site_kind", "premises", "address", "open_to_public")
"""Asked in any case, whatever the rulebook's form adds."""
OPTIONAL = frozenset({"remark", "results", "email", "hours_morning", "hours_noon", "hours_afternoon"})


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `choices` maps codes to wordings, and is empty unless `kind` is ``choice``."""

    code: str
    label: Text
    kind: str
    choices: Mapping[str, Text]
    is_required: bool
    is_wide: bool = False


@cache
def vocabulary() -> Mapping[str, Field]:
    """Every field that a form can have, by code, with its usual label."""
    rows = tomllib.loads(DATA.read_text(encoding="utf-8"))["field"]
    found = {row["code"]: _field(row["code"], Text(row["zh"], row["en"]), row["kind"], _choices(row)) for row in rows}
    for one in particulars.particulars().values():
        choices = {code: Text(term.zh, term.en) for code, term in one.choices.items()}
        found[one.code] = _field(one.code, Text(one.zh, one.en), one.kind, choices)
    return found


def _choices(row: Mapping[str, Any]) -> dict[str, Text]:
    if row["code"] == "premises":
        return {term.code: Text(term.zh, term.en) for term in particulars.premises().values()}
    return {one["code"]: Text(one["zh"], one["en"]) for one in row.get("choices", [])}


def _field(code: str, label: Text, kind: str, choices: Mapping[str, Text]) -> Field:
    computed = kind == COMPUTED
    return Field(code, label, kind, choices, not computed and code not in OPTIONAL, kind == "long")


def fields_of(rulebook: Rulebook, case_kind: str, site_kind: str, premises: str | None) -> tuple[Field, ...]:
    """The fields of a case's form, in the order of the rulebook's forms, with the rulebook's labels.

    What has to be known in any case and stands on no form of the rulebook follows at the end.
    """
    leaves = case_kind == "deregistration"
    uses, always = (("deregistration",), DEREGISTRATION) if leaves else (APPLICATION_USES, APPLICATION)
    found: dict[str, Field] = {}
    for use in uses:
        form = rulebook.form_for(site_kind, use, premises)
        for asked in form.fields if form else ():
            known = vocabulary().get(asked.code)
            if known is not None:
                found.setdefault(asked.code, _labelled(known, asked.label, is_wide=asked.is_wide))
    for code in always:
        found.setdefault(code, vocabulary()[code])
    said = Counter(one.label for one in found.values())
    # On paper two fields may share a label and differ by what stands above; here each says what it is.
    usual = {code: replace(one, label=vocabulary()[code].label) for code, one in found.items()}
    return tuple(usual[code] if said[one.label] > 1 else one for code, one in found.items())


def _labelled(known: Field, label: Text, *, is_wide: bool) -> Field:
    return Field(known.code, label, known.kind, known.choices, known.is_required, is_wide or known.is_wide)


def asked_of_applicant(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The fields that an applicant fills in."""
    by_others = (*ACCEPTANCE, "acceptance_result")
    return tuple(field for field in fields if field.kind != COMPUTED and field.code not in by_others)


def read(fields: tuple[Field, ...], form: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Answers by code, without those left empty; and per field what cannot be, as message ids."""
    answers: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for field in fields:
        text = form.get(field.code, "").strip().replace("\r\n", "\n")
        if not text:
            continue
        value, fault = _read_one(field, text)
        if fault:
            faults[field.code] = fault
        else:
            answers[field.code] = value
    return answers, faults


def missing(fields: tuple[Field, ...], answers: Mapping[str, Any]) -> dict[str, str]:
    """What still has to be filled in, as field → message id."""
    empty = (field.code for field in fields if field.is_required and answers.get(field.code) in (None, ""))
    return dict.fromkeys(empty, N_("Please fill this in"))


def _read_one(field: Field, text: str) -> tuple[Any, str]:
    if field.kind == "date":
        return text, "" if read_day(text) else N_("A date, such as 2026-11-22")
    return particulars.read_answer(field.kind, field.choices, text)


def read_day(text: str) -> date | None:
    """The date that ``YYYY-MM-DD`` says, None when it says none."""
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return day if day is not None and day.year in YEARS else None


def shown(code: str, value: Any, rulebook: Rulebook, language: str, premises: str | None = None) -> str:
    """An answer as people read it, in ``zh`` or ``en``; the empty text for none."""
    if value in (None, ""):
        return ""
    if code == "site_kind" and value in rulebook.kind_names:
        return rulebook.name_of(value, premises)[language]
    field = vocabulary().get(code)
    choice = field.choices.get(str(value)) if field else None
    return choice[language] if choice else str(value)
