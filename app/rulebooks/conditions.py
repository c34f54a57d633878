"""Reading the conditions of a title, and checking each against the measure it uses."""

import string
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import cast

from app.errors import N_
from app.rulebooks.known import ACTIVITY_KINDS, INCIDENT_KINDS, SYSTEM_FACTS
from app.rulebooks.measures import COMMON_PLACEHOLDERS, MEASURES
from app.rulebooks.model import (
    AT_LEAST,
    BASES,
    DEMONSTRATION,
    LANGUAGES,
    LOCATION_KINDS,
    OPERATORS,
    PURPOSES,
    RESULTS,
    SECTIONS,
    Basis,
    Condition,
    FacilityGroup,
    Part,
    Scalar,
    Text,
    Threshold,
)
from app.rulebooks.node import Node
from app.rulebooks.phrases import phrase_texts
from app.rulebooks.series import read_series

MUST_ADVISE = ("not_met", "unknown")


@dataclass(frozen=True, slots=True)
class Names:
    """What conditions may refer to: the rulebook's first day, its kinds, variants, statements and settings."""

    start: date
    kinds: tuple[str, ...]
    variants: tuple[str, ...]
    attestations: Collection[str]
    settings: Collection[str]


def read_conditions(node: Node, names: Names) -> tuple[Condition, ...]:
    """Read ``[[conditions]]``. Raises the node's complaint."""
    found = tuple(_condition(row, names) for row in node.tables("conditions"))
    ids = [condition.id for condition in found]
    for index, name in enumerate(ids):
        if name in ids[:index]:
            node.fail(f"conditions[{index}].id", N_("%(file)s: %(key)s uses the name %(name)s twice"), name=name)
    return found


def _condition(row: Node, names: Names) -> Condition:
    location_kinds = row.words("location_kinds", LOCATION_KINDS) if row.has("location_kinds") else LOCATION_KINDS
    condition = Condition(
        id=row.string("id"),
        kinds=row.words("kinds", names.kinds),
        article=row.text("article"),
        label=row.text("label"),
        parts=tuple(_part(part, names, location_kinds) for part in row.tables("parts")),
        purpose=row.choice("purpose", PURPOSES, DEMONSTRATION),
        section=row.choice("section", SECTIONS, "basic"),
    )
    row.finish()
    ids = [part.id for part in condition.parts]
    for name in ids:
        if ids.count(name) > 1:
            row.fail("parts", N_("%(file)s: %(key)s uses the name %(name)s twice"), name=name)
    return condition


def _part(row: Node, names: Names, inherited: tuple[str, ...]) -> Part:
    measure = row.choice("measure", tuple(MEASURES))
    operator = row.choice("operator", OPERATORS)
    if operator != MEASURES[measure].operator:
        message = N_("%(file)s: %(key)s has to be %(operator)s for the measure %(measure)s")
        row.fail("operator", message, operator=MEASURES[measure].operator, measure=measure)
    _require_settings(row, measure, names)
    location_kinds = row.words("location_kinds", inherited) if row.has("location_kinds") else inherited
    needs = MEASURES[measure].needs
    part = Part(
        id=row.string("id"),
        label=row.text("label"),
        measure=measure,
        operator=operator,
        unit=_unit(row, operator),
        basis=cast("Basis", row.choice("basis", BASES)),
        thresholds=read_series(row, "values", names.start, partial(_threshold, operator, location_kinds)),
        advice=_advice(row, measure),
        location_kinds=location_kinds,
        item=_item(row, measure, names.attestations),
        or_attested=_attestation(row, "or_attested", names.attestations) if row.has("or_attested") else None,
        valid_months=row.whole("valid_months", 1) if row.has("valid_months") else None,
        absent=row.choice("absent", MUST_ADVISE, "not_met"),
        groups=_groups(row, measure),
        variants=row.words("variants", names.variants) if row.has("variants") else (),
        months=row.whole("months", 1) if "months" in needs else None,
        incidents=row.words("incidents", INCIDENT_KINDS) if "incidents" in needs else (),
        activity=row.choice("activity", ACTIVITY_KINDS) if "activity" in needs else None,
        section=row.choice("section", SECTIONS) if "section" in needs else None,
    )
    row.finish()
    return part


def _require_settings(row: Node, measure: str, names: Names) -> None:
    for setting in MEASURES[measure].settings:
        if setting not in names.settings:
            message = N_("%(file)s: %(key)s: the measure %(measure)s needs the setting %(setting)s")
            row.fail("measure", message, measure=measure, setting=setting)


def _unit(row: Node, operator: str) -> str:
    if operator != AT_LEAST:
        return "yes_no"
    units = tuple(name.removeprefix("unit_") for name in phrase_texts() if name.startswith("unit_"))
    return row.choice("unit", units)


def _threshold(operator: str, location_kinds: tuple[str, ...], row: Node, key: str) -> Threshold:
    read = Node.number if operator == AT_LEAST else _yes
    if not isinstance(row.get(key), dict):
        return Threshold(dict.fromkeys(location_kinds, read(row, key)))
    table = row.table(key)
    by_location: dict[str, Scalar] = {kind: read(table, kind) for kind in location_kinds}
    table.finish()
    return Threshold(by_location)


def _yes(row: Node, key: str) -> bool:
    if not row.flag(key):
        row.fail(key, N_("%(file)s: %(key)s has to be true: a condition asks for what should be so"))
    return True


def _item(row: Node, measure: str, attestations: Collection[str]) -> str | None:
    if "item" not in MEASURES[measure].needs:
        return None
    return row.choice("item", SYSTEM_FACTS) if measure == "system" else _attestation(row, "item", attestations)


def _attestation(row: Node, key: str, attestations: Collection[str]) -> str:
    name = row.string(key)
    if name not in attestations:
        row.fail(key, N_("%(file)s: %(key)s names %(name)s, which is not among the attestations"), name=name)
    return name


def _groups(row: Node, measure: str) -> tuple[FacilityGroup, ...]:
    if "groups" not in MEASURES[measure].needs:
        return ()
    groups = []
    for table in row.tables("groups"):
        groups.append(FacilityGroup(table.text("label"), table.words("any_of")))
        table.finish()
    return tuple(groups)


def _advice(row: Node, measure: str) -> dict[str, Text]:
    table = row.table("advice")
    advice = {result: table.text(result) for result in RESULTS if result in MUST_ADVISE or table.has(result)}
    table.finish()
    known = {*COMMON_PLACEHOLDERS, *MEASURES[measure].placeholders}
    for result, text in advice.items():
        for language in LANGUAGES:
            _check_placeholders(table, f"{result}.{language}", text[language], known)
    return advice


def _check_placeholders(table: Node, key: str, wording: str, known: set[str]) -> None:
    try:
        fields = [field for field in string.Formatter().parse(wording) if field[1] is not None]
    except ValueError as error:
        table.fail(key, N_("%(file)s: %(key)s has unbalanced braces: %(reason)s"), reason=str(error))
    for _, name, form, conversion in fields:
        if name not in known or form or conversion:
            message = N_("%(file)s: %(key)s uses the placeholder {%(name)s}; plain ones are known: %(known)s")
            table.fail(key, message, name=name, known=", ".join(sorted(known)))
