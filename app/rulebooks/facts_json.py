"""Reading and writing the pieces of a facts file. Complaints name the file and the key."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.errors import N_, Invalid
from app.months import Month
from app.rulebooks.known import (
    ACTIVITY_KINDS,
    INCIDENT_KINDS,
    STEPS,
    SYSTEM_FACTS,
    ActivityFacts,
    AttestationFacts,
    CareFacts,
    CareTermFacts,
    IncidentFacts,
    NurseryFacts,
    SiteMonthFacts,
    SuspensionFacts,
    TitleFacts,
)
from app.rulebooks.node import Node


def read_facilities(node: Node) -> dict[str, int | None]:
    """Codes with their numbers."""
    found = {code: node.whole(code) if node.has(code) else None for code in node.data}
    node.finish()
    return found


def read_system(node: Node) -> dict[str, bool]:
    """What the system knows by itself."""
    found = {name: node.flag(name) for name in SYSTEM_FACTS if node.has(name)}
    node.finish()
    return found


def read_attestations(node: Node) -> dict[str, AttestationFacts]:
    """Statements by name."""
    found = {}
    for item, stated in node.named_tables("attestations"):
        found[item] = AttestationFacts(
            holds=stated.flag("holds"),
            stated_on=stated.day("stated_on"),
            by=stated.string("by") if stated.has("by") else "",
            note=stated.remark("note"),
        )
        stated.finish()
    return found


def read_months(node: Node) -> dict[Month, SiteMonthFacts]:
    """Tallies by month, each month once."""
    found: dict[Month, SiteMonthFacts] = {}
    for row in node.tables("months", least=0):
        try:
            month = Month.parse(row.string("month"))
        except Invalid:
            row.fail("month", N_("%(file)s: %(key)s has to be a month such as 2026-11"))
        if month in found:
            row.fail("month", N_("%(file)s: %(key)s is a month that stands here twice: %(month)s"), month=str(month))
        tally = SiteMonthFacts(month, row.whole("recorded"), row.whole("counted"), _ratings(row))
        row.finish()
        if tally.counted > tally.recorded:
            row.fail("counted", N_("%(file)s: %(key)s is more than was recorded"))
        found[month] = tally
    return found


def _ratings(row: Node) -> tuple[int, ...]:
    if not row.has("ratings"):
        return (0,) * STEPS
    ratings = row.get("ratings")
    whole = isinstance(ratings, list) and all(type(number) is int and number >= 0 for number in ratings)
    if not whole or len(ratings) != STEPS:
        row.fail("ratings", N_("%(file)s: %(key)s has to be five whole numbers, step 1 (very dissatisfied) first"))
    return tuple(ratings)


def read_suspensions(node: Node) -> tuple[SuspensionFacts, ...]:
    """Official intervals."""
    found = []
    for row in node.tables("suspensions", least=0):
        starts_at = row.instant("starts_at")
        ends_at = row.instant("ends_at") if row.has("ends_at") else None
        row.finish()
        if ends_at is not None and ends_at < starts_at:
            row.fail("ends_at", N_("%(file)s: %(key)s is before its start"))
        found.append(SuspensionFacts(starts_at, ends_at))
    return tuple(found)


def read_activities(node: Node) -> tuple[ActivityFacts, ...]:
    """The activity log."""
    found = []
    for row in node.tables("activities", least=0):
        found.append(ActivityFacts(row.choice("kind", ACTIVITY_KINDS), row.day("on")))
        row.finish()
    return tuple(found)


def read_incidents(node: Node) -> tuple[IncidentFacts, ...]:
    """What happened and should not have."""
    found = []
    for row in node.tables("incidents", least=0):
        found.append(IncidentFacts(row.choice("kind", INCIDENT_KINDS), row.day("on")))
        row.finish()
    return tuple(found)


def read_titles(node: Node) -> tuple[TitleFacts, ...]:
    """Titles given."""
    found = []
    for row in node.tables("titles", least=0):
        revoked_on = row.day("revoked_on") if row.has("revoked_on") else None
        found.append(TitleFacts(row.string("name"), row.day("granted_on"), revoked_on))
        row.finish()
    return tuple(found)


def read_care(node: Node) -> CareFacts:
    """Terms of holiday care."""
    terms = []
    for row in node.tables("terms", least=0):
        numbers = {name: row.whole(name) for name in ("children", "days_run", "expected", "attended")}
        term = CareTermFacts(row.string("name"), row.day("starts_on"), row.day("ends_on"), **numbers)
        row.finish()
        if term.ends_on < term.starts_on:
            row.fail("ends_on", N_("%(file)s: %(key)s is before its start"))
        if term.attended > term.expected:
            row.fail("attended", N_("%(file)s: %(key)s is more than was expected"))
        terms.append(term)
    node.finish()
    return CareFacts(tuple(terms))


def read_nursery(node: Node) -> NurseryFacts:
    """The latest return of a nursery."""
    amounts = ("price_yuan", "local_average_yuan", "indoor_area_m2", "outdoor_area_m2")
    found = NurseryFacts(
        as_of=node.day("as_of"),
        places=node.whole("places"),
        enrolled=node.whole("enrolled"),
        own_employees_children=node.whole("own_employees_children"),
        class_types=node.words("class_types", least=0) if node.has("class_types") else (),
        has_health_title=node.flag("has_health_title", default=False),
        **{name: node.number(name) for name in amounts if node.has(name)},
    )
    node.finish()
    return found


def plain_json(value: object) -> Any:
    """A piece of facts as JSON data. Numbers that no float holds exactly stay Decimal; every other is int or float."""
    if isinstance(value, Mapping):
        return {str(key): plain_json(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(below) for below in value]
    if isinstance(value, Month):  # before dataclasses: it may be one, and is text here
        return str(value)
    if is_dataclass(value):
        known = {one.name: plain_json(getattr(value, one.name)) for one in fields(value)}
        return {name: below for name, below in known.items() if below not in (None, "")}
    return _scalar(value)


def _scalar(value: object) -> object:
    if isinstance(value, Fraction):
        return _number(value)
    return value.isoformat() if isinstance(value, date) else value


def _number(value: Fraction) -> int | float | Decimal:
    if value.denominator == 1:
        return value.numerator
    shortest = Decimal(repr(float(value)))
    return float(value) if Fraction(shortest) == value else Decimal(value.numerator) / value.denominator
