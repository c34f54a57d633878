"""What is known about one site: the only thing, beside the rulebook and a date, that a verdict depends on.

The form of a facts file is `data/facts.schema.json`, explained in docs/rulebooks.md. Null or a missing key means that
nobody knows; it never means no.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

from app.errors import N_
from app.months import Month
from app.rulebooks import facts_json
from app.rulebooks.errors import FactsError
from app.rulebooks.known import (
    ActivityFacts,
    AttestationFacts,
    CareFacts,
    IncidentFacts,
    NurseryFacts,
    SiteMonthFacts,
    SuspensionFacts,
    TitleFacts,
)
from app.rulebooks.model import KINDS, LOCATION_KINDS
from app.rulebooks.node import Node


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known about a site. `months` is null when no code ever hung there, so that nothing could be logged.

    A month that `months` does not name had no use. `facilities` maps codes to a number, or to null when it is there
    and nobody counted; the whole map is null when nobody has looked. `premises` is a code of the sites' vocabulary.
    `activities`, `titles` and `parts` (of a combined site) are null when nobody knows, empty when there is none.
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
    premises: str | None = None
    activities: tuple[ActivityFacts, ...] | None = None
    incidents: tuple[IncidentFacts, ...] = ()
    titles: tuple[TitleFacts, ...] | None = None
    care: CareFacts | None = None
    nursery: NurseryFacts | None = None
    parts: "tuple[PartFacts, ...] | None" = None

    @classmethod
    def from_json(cls, data: object, source: str = "facts") -> "Facts":
        """Read parsed JSON. Raises `FactsError` naming `source` and the key."""
        return _read(Node(FactsError, source, "", data))

    @classmethod
    def from_text(cls, text: str, source: str = "facts") -> "Facts":
        """Read a facts file's text. Raises `FactsError` when it is no JSON or not of the documented form."""
        try:
            data = json.loads(text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_no_repeats)
        except (ValueError, RecursionError) as error:
            raise FactsError(N_("%(file)s is not JSON: %(reason)s"), file=source, reason=str(error)) from error
        return cls.from_json(data, source)

    def to_json(self) -> dict[str, Any]:
        """The documented JSON form: `from_json` reads the same facts from it. What is not known is left out."""
        body: dict[str, Any] = {
            "site": {
                "id": self.site_id,
                "name": self.name,
                "kind": self.kind,
                "location_kind": self.location_kind,
                "premises": self.premises,
            },
            "accepted_on": facts_json.plain_json(self.accepted_on),
            "months": None if self.months is None else facts_json.plain_json(tuple(self.months.values())),
            "parts": None if self.parts is None else [part.to_json() for part in self.parts],
        }
        for name in PLAIN:
            body[name] = facts_json.plain_json(getattr(self, name))
        body["site"] = {name: value for name, value in body["site"].items() if value is not None}
        return {name: value for name, value in body.items() if value is not None}


PLAIN = (
    "area_m2", "facilities", "system", "attestations", "suspensions", "activities", "incidents", "titles", "care",
    "nursery",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PartFacts:
    """One part of a combined site: a site of its own, and the total of its latest self-check (null: none yet)."""

    facts: Facts
    self_check_score: Fraction | None = None

    def to_json(self) -> dict[str, Any]:
        """The part in a facts file."""
        body: dict[str, Any] = {"facts": self.facts.to_json()}
        if self.self_check_score is not None:
            body["self_check_score"] = facts_json.plain_json(self.self_check_score)
        return body


def _read(node: Node) -> Facts:
    site = node.table("site")
    facts = Facts(
        site_id=site.identifier("id"),
        name=site.string("name"),
        kind=site.choice("kind", KINDS),
        location_kind=site.choice("location_kind", LOCATION_KINDS),
        premises=site.string("premises") if site.has("premises") else None,
        accepted_on=node.day("accepted_on") if node.has("accepted_on") else None,
        area_m2=node.number("area_m2") if node.has("area_m2") else None,
        facilities=facts_json.read_facilities(node.table("facilities")) if node.has("facilities") else None,
        system=facts_json.read_system(node.table("system")) if node.has("system") else {},
        attestations=facts_json.read_attestations(node) if node.has("attestations") else {},
        months=facts_json.read_months(node) if node.has("months") else None,
        suspensions=facts_json.read_suspensions(node) if node.has("suspensions") else (),
        activities=facts_json.read_activities(node) if node.has("activities") else None,
        incidents=facts_json.read_incidents(node) if node.has("incidents") else (),
        titles=facts_json.read_titles(node) if node.has("titles") else None,
        care=facts_json.read_care(node.table("care")) if node.has("care") else None,
        nursery=facts_json.read_nursery(node.table("nursery")) if node.has("nursery") else None,
        parts=_read_parts(node) if node.has("parts") else None,
    )
    site.finish()
    node.finish()
    return facts


def _read_parts(node: Node) -> tuple[PartFacts, ...]:
    found = []
    for row in node.tables("parts", least=0):
        score = row.number("self_check_score") if row.has("self_check_score") else None
        part = PartFacts(_read(row.table("facts")), score)
        row.finish()
        if part.facts.kind == "combined":
            row.fail("facts.site.kind", N_("%(file)s: %(key)s: a part cannot be a combined site itself"))
        found.append(part)
    return tuple(found)


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"“{next(name for name in names if names.count(name) > 1)}” stands twice in one table")
    return table
