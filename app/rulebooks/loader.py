"""From a TOML file to a `Rulebook`. Strict: a faulty file is rejected with its name, the key and the reason."""

import hashlib
import json
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from app.errors import N_
from app.rulebooks.annexes import read_articles, read_forms
from app.rulebooks.conditions import Names, read_conditions
from app.rulebooks.errors import RulebookError
from app.rulebooks.known import STEPS
from app.rulebooks.model import BASES, Attestation, Basis, Condition, Range, Setting, Text
from app.rulebooks.node import Node
from app.rulebooks.procedure import (
    read_checks,
    read_deadlines,
    read_grants,
    read_kinds,
    read_quota,
    read_registers,
    read_rule_sets,
    read_supplies,
    read_variants,
    read_workflow,
    read_year_targets,
    read_yearly_dates,
)
from app.rulebooks.rulebook import PRECISIONS, Rulebook
from app.rulebooks.rules import FLAGS
from app.rulebooks.score_sheets import read_score_sheets
from app.rulebooks.series import read_series

FORMAT = 1
SETTINGS: Mapping[str, int] = {
    "window_months": 1,
    "minimum_months": 1,
    "minimum_ratings": 1,
    "rating_scores": STEPS,
    "near_percent": 1,
    "pace_months": 1,
    "forecast_months": 1,
    "dedupe_minutes": 1,
    "daily_limit": 1,
    "care_months": 1,
    "return_months": 1,
    "presentation_minutes": 1,
}
"""Every setting there is, and how many numbers each has."""
REQUIRED = ("window_months", "rating_scores", "dedupe_minutes", "daily_limit")
"""What the running service needs under any policy; the others are needed by the measures that use them."""


def digest_of(data: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the canonical form: JSON with sorted keys, dates as ISO 8601, numbers in shortest form.

    Comments, order of keys and the way a number is written do not change it; every value does.
    """
    text = json.dumps(_canonical(data), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: object) -> object:
    if isinstance(value, dict):
        return {key: _canonical(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_canonical(below) for below in value]
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value()
        return int(value) if whole else f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value


def read_rulebook(text: str, file: str) -> Rulebook:
    """Read a rulebook's TOML text. Raises `RulebookError` naming `file`, the key and the reason."""
    node = _root(text, file)
    effective = _effective(node)
    start = effective[0].from_on
    kind_names, workflow = read_kinds(node), read_workflow(node)
    kinds = tuple(kind_names)
    variants = read_variants(node, kinds)
    variant_ids = tuple(variant.id for variant in variants)
    settings = _settings(node, start)
    attestations = {name: Attestation(name, _label(table)) for name, table in _attestation_tables(node)}
    conditions = read_conditions(node, Names(start, kinds, variant_ids, attestations, settings))
    _refuse_unused(node, attestations, conditions)
    sheets = read_score_sheets(node, start, kinds, variant_ids)
    rulebook = Rulebook(
        id=node.string("id"),
        digest=digest_of(node.data),
        title=node.text("title"),
        issuer=node.text("issuer"),
        document_number=node.string("document_number"),
        dated=node.day("dated"),
        dated_precision=node.choice("dated_precision", PRECISIONS, PRECISIONS[0]),
        effective=effective,
        settings=settings,
        attestations=attestations,
        conditions=conditions,
        content=text,
        kind_names=kind_names,
        workflow=workflow,
        deadlines=read_deadlines(node, start, workflow),
        checks=read_checks(node),
        variants=variants,
        score_sheets=sheets,
        forms=read_forms(node, kinds, variant_ids, sheets),
        **_lists(node, kinds),
    )
    rulebook = replace(rulebook, articles=read_articles(node, _sections(rulebook)))
    node.finish()
    return rulebook


def _lists(node: Node, kinds: tuple[str, ...]) -> dict[str, Any]:
    """The fields that any rulebook may do without."""
    return {
        "yearly_dates": read_yearly_dates(node),
        "quota": read_quota(node),
        "year_targets": read_year_targets(node, kinds),
        "registers": read_registers(node, kinds),
        "rule_sets": read_rule_sets(node, kinds),
        "supplies": read_supplies(node),
        "grants": read_grants(node, kinds),
    }


def _root(text: str, file: str) -> Node:
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise RulebookError(N_("%(file)s is not TOML: %(reason)s"), file=file, reason=str(error)) from error
    node = Node(RulebookError, file, "", data)
    if node.whole("format") != FORMAT:
        node.fail("format", N_("%(file)s: %(key)s has to be %(format)s"), format=FORMAT)
    if node.string("id") != Path(file).stem:
        node.fail("id", N_("%(file)s: %(key)s has to be the name of the file"))
    return node


def _attestation_tables(node: Node) -> Iterable[tuple[str, Node]]:
    return node.named_tables("attestations") if node.has("attestations") else ()


def _sections(rulebook: Rulebook) -> dict[str, Collection[str]]:
    """What articles may refer to."""
    return {
        "kinds": rulebook.kinds,
        "variants": [variant.id for variant in rulebook.variants],
        "workflow": [*FLAGS, "minimum_photos"],
        "settings": rulebook.settings,
        "deadlines": rulebook.deadlines,
        "yearly_dates": rulebook.yearly_dates,
        "quota": (),
        "year_targets": (),
        "checks": (),
        "registers": rulebook.registers,
        "rule_sets": [rule_set.code for rule_set in rulebook.rule_sets],
        "supplies": [supply.code for supply in rulebook.supplies],
        "grants": [grant.id for grant in rulebook.grants],
        "conditions": [condition.id for condition in rulebook.conditions],
        "sheets": rulebook.score_sheets,
        "forms": [form.id for form in rulebook.forms],
    }


def _label(table: Node) -> Text:
    label = table.text("label")
    table.finish()
    return label


def _effective(node: Node) -> tuple[Range, ...]:
    ranges: list[Range] = []
    for row in node.tables("effective"):
        until_on = row.day("until") if row.has("until") else None
        found = Range(row.day("from"), until_on, row.string("reference"))
        row.finish()
        if until_on is not None and until_on <= found.from_on:
            row.fail("until", N_("%(file)s: %(key)s has to be later than its start"))
        if ranges and (ranges[-1].until_on is None or found.from_on < ranges[-1].until_on):
            row.fail("from", N_("%(file)s: %(key)s overlaps the range before it"))
        ranges.append(found)
    return tuple(ranges)


def _settings(node: Node, start: date) -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for name, table in node.named_tables("settings"):
        if name not in SETTINGS:
            node.fail(f"settings.{name}", N_("%(file)s: %(key)s is not a known key"))
        found[name] = Setting(
            id=name,
            label=table.text("label"),
            unit=table.string("unit"),
            basis=cast("Basis", table.choice("basis", BASES)),
            values=read_series(table, "values", start, _numbers(SETTINGS[name])),
        )
        table.finish()
    for name in REQUIRED:
        if name not in found:
            node.fail(f"settings.{name}", N_("%(file)s: %(key)s is missing"))
    return found


def _numbers(count: int) -> Callable[[Node, str], tuple[int, ...]]:
    def read(row: Node, key: str) -> tuple[int, ...]:
        if count == 1:
            return (row.whole(key),)
        numbers = row.get(key)
        whole = isinstance(numbers, list) and all(type(number) is int and number >= 0 for number in numbers)
        if not whole or len(numbers) != count:
            row.fail(key, N_("%(file)s: %(key)s has to be a list of %(count)s whole numbers"), count=count)
        return tuple(numbers)

    return read


def _refuse_unused(node: Node, attestations: Mapping[str, Attestation], conditions: tuple[Condition, ...]) -> None:
    used = {item for condition in conditions for part in condition.parts for item in part.attested_items}
    for name in attestations:
        if name not in used:
            node.fail(f"attestations.{name}", N_("%(file)s: %(key)s is not used by any condition"))
