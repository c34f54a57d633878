"""Reading what a rulebook says beside conditions and sheets: names, procedure, dates, quotas, targets, lists."""

from datetime import date
from fractions import Fraction
from typing import cast

from app.errors import N_
from app.rulebooks.model import BASES, KINDS, Basis, Text
from app.rulebooks.node import Node
from app.rulebooks.rules import (
    DEADLINES,
    FLAGS,
    REGISTERS,
    RULE_SETS,
    YEARLY_DATES,
    Checks,
    Deadline,
    Grant,
    MonthDay,
    Quota,
    RuleSet,
    Supply,
    Variant,
    Workflow,
    YearTarget,
)
from app.rulebooks.series import read_series

ALWAYS = ("suspension", "resubmission", "rectification", "report")
OF_TITLES = ("recommendation", "panel", "recheck_months")
STEPS = ("acceptance", "filing", "plaque", "deregistration", "demonstration")
LEAP_YEAR = 2000
MOST_OF_A_YEAR = 366


def basis_of(node: Node) -> Basis:
    """Whether the text states it or the operator has set it."""
    return cast("Basis", node.choice("basis", BASES))


def read_kinds(node: Node) -> dict[str, Text]:
    """``[kinds]``: what the city calls each kind of site it governs."""
    table = node.table("kinds")
    found = {kind: table.text(kind) for kind in KINDS if table.has(kind)}
    table.finish()
    if not found:
        node.fail("kinds", N_("%(file)s: %(key)s has to name at least one kind of site"))
    return found


def read_variants(node: Node, kinds: tuple[str, ...]) -> tuple[Variant, ...]:
    """``[[variants]]``: names that depend on the premises; no two of a kind may share premises."""
    found: list[Variant] = []
    for row in node.tables("variants") if node.has("variants") else ():
        kind = row.choice("kind", kinds)
        one = Variant(row.string("id"), kind, row.words("premises"), row.text("name"))
        row.finish()
        taken = {code for other in found if other.kind == kind for code in other.premises}
        if taken & set(one.premises):
            row.fail("premises", N_("%(file)s: %(key)s are those of another variant of the same kind"))
        if one.id in [other.id for other in found]:
            row.fail("id", N_("%(file)s: %(key)s uses the name %(name)s twice"), name=one.id)
        found.append(one)
    return tuple(found)


def read_workflow(node: Node) -> Workflow:
    """``[workflow]``: which steps there are."""
    table = node.table("workflow")
    workflow = Workflow(
        **{flag: table.flag(flag) for flag in FLAGS},
        minimum_photos=table.whole("minimum_photos"),
        operator=table.words("operator", (*FLAGS, "minimum_photos"), 0) if table.has("operator") else (),
        reference=table.string("reference"),
    )
    table.finish()
    return workflow


def read_deadlines(node: Node, start: date, workflow: Workflow) -> dict[str, Deadline]:
    """``[deadlines.NAME]``: one for every step there is."""
    found: dict[str, Deadline] = {}
    for name, table in node.named_tables("deadlines"):
        if name not in DEADLINES:
            node.fail(f"deadlines.{name}", N_("%(file)s: %(key)s is not a known key"))
        found[name] = Deadline(basis_of(table), read_series(table, "values", start, lambda row, key: row.whole(key, 1)))
        table.finish()
    for name in _needed(workflow):
        if name not in found:
            node.fail(f"deadlines.{name}", N_("%(file)s: %(key)s is missing"))
    return found


def _needed(workflow: Workflow) -> tuple[str, ...]:
    steps = tuple(name for name in STEPS if name != "demonstration" and getattr(workflow, name))
    return ALWAYS + steps + (OF_TITLES if workflow.demonstration else ())


def read_yearly_dates(node: Node) -> dict[str, MonthDay]:
    """``[yearly_dates.NAME]``: a day and a month, possible in every year."""
    found: dict[str, MonthDay] = {}
    for name, table in node.named_tables("yearly_dates") if node.has("yearly_dates") else ():
        if name not in YEARLY_DATES:
            node.fail(f"yearly_dates.{name}", N_("%(file)s: %(key)s is not a known key"))
        month, day = table.whole("month", 1), table.whole("day", 1)
        table.string("reference")
        table.finish()
        try:
            date(LEAP_YEAR + 1, month, day)
        except ValueError:
            table.fail("day", N_("%(file)s: %(key)s is not a day of every year"))
        found[name] = MonthDay(month, day)
    return found


def read_quota(node: Node) -> Quota | None:
    """``[quota]``."""
    if not node.has("quota"):
        return None
    table = node.table("quota")
    names = ("per_district_least", "per_district_most", "places")
    least, most, places = (table.whole(name, 1) if table.has(name) else None for name in names)
    quota = Quota(least, most, places, basis_of(table), table.string("reference"))
    table.finish()
    if least is not None and most is not None and most < least:
        table.fail("per_district_most", N_("%(file)s: %(key)s is less than the least"))
    return quota


def read_year_targets(node: Node, kinds: tuple[str, ...]) -> tuple[YearTarget, ...]:
    """``[[year_targets]]``."""
    found = []
    for row in node.tables("year_targets") if node.has("year_targets") else ():
        kind = row.choice("kind", kinds)
        found.append(YearTarget(row.whole("year", 1900), kind, row.whole("number", 1), row.string("reference")))
        row.finish()
    return tuple(found)


def read_registers(node: Node, kinds: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """``[registers]``: which registers sites of a kind keep."""
    if not node.has("registers"):
        return {}
    table = node.table("registers")
    found = {kind: table.words(kind, REGISTERS) for kind in kinds if table.has(kind)}
    table.finish()
    return found


def read_rule_sets(node: Node, kinds: tuple[str, ...]) -> tuple[RuleSet, ...]:
    """``[[rule_sets]]``: written rules."""
    found = []
    for row in node.tables("rule_sets") if node.has("rule_sets") else ():
        code = row.choice("code", RULE_SETS)
        found.append(RuleSet(code, row.words("kinds", kinds), row.text("label"), row.string("reference")))
        row.finish()
    return tuple(found)


def read_supplies(node: Node) -> tuple[Supply, ...]:
    """``[[supplies]]``."""
    found = []
    for row in node.tables("supplies") if node.has("supplies") else ():
        found.append(Supply(row.string("code"), row.text("label")))
        row.finish()
    return tuple(found)


def read_grants(node: Node, kinds: tuple[str, ...]) -> tuple[Grant, ...]:
    """``[[grants]]``: money that comes with a step."""
    found = []
    for row in node.tables("grants") if node.has("grants") else ():
        grant = Grant(
            id=row.string("id"),
            kinds=row.words("kinds", kinds),
            step=row.choice("step", STEPS),
            amount_yuan=row.whole("amount_yuan", 1) if row.has("amount_yuan") else None,
            label=row.text("label"),
            reference=row.string("reference"),
        )
        row.finish()
        found.append(grant)
    return tuple(found)


def read_checks(node: Node) -> Checks:
    """``[checks]``: what is checked in a year, 0 for what the text does not demand."""
    table = node.table("checks")
    checks = Checks(
        full_self_a_year=_a_year(table, "full_self_a_year"),
        spot_check_a_year=_a_year(table, "spot_check_a_year"),
        spot_check_share=table.number("spot_check_share"),
        supervision_a_year=_a_year(table, "supervision_a_year"),
        basis=basis_of(table),
        reference=table.string("reference"),
    )
    table.finish()
    if checks.spot_check_share > Fraction(1):
        table.fail("spot_check_share", N_("%(file)s: %(key)s has to be a share from 0 to 1"))
    return checks


def _a_year(table: Node, key: str) -> int:
    number = table.whole(key)
    if number > MOST_OF_A_YEAR:
        table.fail(key, N_("%(file)s: %(key)s is more often than once a day"))
    return number
