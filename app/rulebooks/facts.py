"""What is known about one site: the only thing, beside the rulebook and a date, that a verdict depends on.

The form of a facts file is `data/facts.schema.json`, explained in docs/rulebooks.md. Null or a missing key means that
nobody knows; it never means no.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

from app.errors import N_, Invalid
from app.months import Month
from app.rulebooks.errors import FactsError
from app.rulebooks.model import KINDS, LOCATION_KINDS
from app.rulebooks.node import Node

STEPS = 5
SYSTEM_FACTS = ("is_recorded", "has_live_code", "is_public", "has_pin", "has_outside_photo", "has_photo")
"""Is the site in operation and in this system; has it a code that works; may the public find it; is it on the map; is
there a photo of its entrance; is there any photo."""


@dataclass(frozen=True, slots=True)
class SiteMonthFacts:
    """One month's tally. `ratings` are numbers of ratings by step, 1 (very dissatisfied) first."""

    month: Month
    recorded: int
    counted: int
    ratings: tuple[int, ...] = (0,) * STEPS


@dataclass(frozen=True, slots=True)
class SuspensionFacts:
    """An official interval without use, [`starts_at`, `ends_at`); `ends_at` is null while it lasts. Aware instants."""

    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class AttestationFacts:
    """`by` (empty: nobody knows who) stated on a date that something holds, or that it does not."""

    holds: bool
    stated_on: date
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known about a site. `months` is null when no code ever hung there, so that nothing could be logged.

    A month that `months` does not name had no use. `facilities` maps codes to a number, or to null when it is there
    and nobody counted; the whole map is null when nobody has looked.
    """

    site_id: int | str
    name: str
    kind: str
    location_kind: str
    accepted_on: date | None = None
    area_m2: Fraction | None = None
    facilities: Mapping[str, int | None] | None = None
    system: Mapping[str, bool] = field(default_factory=dict)
    attestations: Mapping[str, AttestationFacts] = field(default_factory=dict)
    months: Mapping[Month, SiteMonthFacts] | None = None
    suspensions: tuple[SuspensionFacts, ...] = ()

    @classmethod
    def from_json(cls, data: object, source: str = "facts") -> "Facts":
        """Read parsed JSON (floats as Decimal). Raises `FactsError` naming `source` and the key."""
        node = Node(FactsError, source, "", data)
        site = node.table("site")
        facts = cls(
            site_id=site.identifier("id"),
            name=site.string("name"),
            kind=site.choice("kind", KINDS),
            location_kind=site.choice("location_kind", LOCATION_KINDS),
            accepted_on=node.day("accepted_on") if node.has("accepted_on") else None,
            area_m2=node.number("area_m2") if node.has("area_m2") else None,
            facilities=_facilities(node.table("facilities")) if node.has("facilities") else None,
            system=_system(node.table("system")) if node.has("system") else {},
            attestations=_attestations(node) if node.has("attestations") else {},
            months=_months(node) if node.has("months") else None,
            suspensions=_suspensions(node) if node.has("suspensions") else (),
        )
        site.finish()
        node.finish()
        return facts

    @classmethod
    def from_text(cls, text: str, source: str = "facts") -> "Facts":
        """Read a facts file's text. Raises `FactsError` when it is no JSON or not of the documented form."""
        try:
            data = json.loads(text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_no_repeats)
        except (ValueError, RecursionError) as error:
            raise FactsError(N_("%(file)s is not JSON: %(reason)s"), file=source, reason=str(error)) from error
        return cls.from_json(data, source)


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"“{next(name for name in names if names.count(name) > 1)}” stands twice in one table")
    return table


def _facilities(node: Node) -> dict[str, int | None]:
    found = {code: node.whole(code) if node.has(code) else None for code in node.data}
    node.finish()
    return found


def _system(node: Node) -> dict[str, bool]:
    found = {name: node.flag(name) for name in SYSTEM_FACTS if node.has(name)}
    node.finish()
    return found


def _attestations(node: Node) -> dict[str, AttestationFacts]:
    found = {}
    for item, stated in node.named_tables("attestations"):
        found[item] = AttestationFacts(
            holds=stated.flag("holds"),
            stated_on=stated.day("stated_on"),
            by=stated.string("by"),
            note=stated.remark("note"),
        )
        stated.finish()
    return found


def _months(node: Node) -> dict[Month, SiteMonthFacts]:
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


def _suspensions(node: Node) -> tuple[SuspensionFacts, ...]:
    found = []
    for row in node.tables("suspensions", least=0):
        starts_at = row.instant("starts_at")
        ends_at = row.instant("ends_at") if row.has("ends_at") else None
        row.finish()
        if ends_at is not None and ends_at < starts_at:
            row.fail("ends_at", N_("%(file)s: %(key)s is before its start"))
        found.append(SuspensionFacts(starts_at, ends_at))
    return tuple(found)
