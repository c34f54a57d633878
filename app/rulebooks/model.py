"""What a rulebook is once it has been read: frozen, exact, and answerable only for the dates it is in force."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Generic, Literal, TypeVar

from app.errors import N_
from app.rulebooks.errors import NoConditions, NotInForce

Basis = Literal["policy", "operator"]
BASES: tuple[Basis, ...] = ("policy", "operator")
KINDS = ("room", "holiday_care", "nursery", "combined")
LOCATION_KINDS = ("public", "internal")
LANGUAGES = ("zh", "en")
AT_LEAST = ">="
IS = "is"
OPERATORS = (AT_LEAST, IS)
RESULTS = ("met", "not_met", "unknown")
Scalar = Fraction | bool
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Text:
    """One thing to say to people, in each language."""

    zh: str
    en: str

    def __getitem__(self, language: str) -> str:
        """The wording in ``zh`` or ``en``."""
        wording: str = getattr(self, language)
        return wording


@dataclass(frozen=True, slots=True)
class Range:
    """Dates on which a rulebook is in force: `from_on` included, `until_on` excluded or null while there is no end."""

    from_on: date
    until_on: date | None
    reference: str

    def __contains__(self, on: date) -> bool:
        return self.from_on <= on and (self.until_on is None or on < self.until_on)


@dataclass(frozen=True, slots=True)
class Dated(Generic[Value]):
    """A value from a date on, with the place in the text that sets it."""

    from_on: date
    value: Value
    reference: str


@dataclass(frozen=True, slots=True)
class Series(Generic[Value]):
    """Values by start date, ascending; each holds until the next one starts."""

    entries: tuple[Dated[Value], ...]

    def at(self, on: date) -> Dated[Value]:
        """The entry that holds on a date. Raises `NotInForce` before the first: there is no value to fall back on."""
        index = bisect_right([entry.from_on for entry in self.entries], on)
        if index == 0:
            raise NotInForce(N_("No value is in force on %(on)s"), on=on.isoformat())
        return self.entries[index - 1]


@dataclass(frozen=True, slots=True)
class Setting:
    """A number that is no condition by itself: whole numbers, one or several."""

    id: str
    label: Text
    unit: str
    basis: Basis
    values: Series[tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Threshold:
    """What has to be reached, by location kind."""

    by_location: Mapping[str, Scalar]

    def of(self, location_kind: str) -> Scalar:
        """The threshold for ``public`` or ``internal``."""
        return self.by_location[location_kind]


@dataclass(frozen=True, slots=True)
class FacilityGroup:
    """One kind of equipment the text names; any of the facilities serves."""

    label: Text
    any_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One checkable part of a condition: a named measure against a threshold.

    `item` is the attestation or system fact the measure looks at, `or_attested` an attestation that is accepted in
    place of the measure, `valid_months` how long an attestation holds (null: until a later one), `absent` the result
    when a system fact says no.
    """

    id: str
    label: Text
    measure: str
    operator: str
    unit: str
    basis: Basis
    thresholds: Series[Threshold]
    advice: Mapping[str, Text]
    location_kinds: tuple[str, ...] = LOCATION_KINDS
    item: str | None = None
    or_attested: str | None = None
    valid_months: int | None = None
    absent: str = "not_met"
    groups: tuple[FacilityGroup, ...] = ()

    @property
    def attested_items(self) -> tuple[str, ...]:
        """The attestations that this part asks for."""
        own = (self.item,) if self.measure == "attested" and self.item else ()
        return (*own, self.or_attested) if self.or_attested else own


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a title: met when all its parts that apply are met."""

    id: str
    kinds: tuple[str, ...]
    article: Text
    label: Text
    parts: tuple[Part, ...]

    def parts_for(self, location_kind: str) -> tuple[Part, ...]:
        """The parts that apply to public or to internal sites; none when the condition does not."""
        return tuple(part for part in self.parts if location_kind in part.location_kinds)


@dataclass(frozen=True, slots=True)
class ScoreItem:
    """One line of a score sheet. Fixed items give `most` or nothing, ranged ones anything from `least` to `most`."""

    id: str
    label: Text
    least: Fraction
    most: Fraction
    is_ranged: bool
    veto: bool


@dataclass(frozen=True, slots=True)
class ScoreGroup:
    """A headed group of score items; their highest points add up to `points`."""

    id: str
    label: Text
    points: Fraction
    items: tuple[ScoreItem, ...]


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """A self-check sheet: the groups add up to `points`; at `pass_mark` and above it is passed."""

    kind: str
    article: Text
    label: Text
    points: Fraction
    pass_mark: Series[Fraction]
    groups: tuple[ScoreGroup, ...]


@dataclass(frozen=True, slots=True)
class Attestation:
    """A sentence that a named person states to be true or not of a site."""

    id: str
    label: Text


@lru_cache(maxsize=512)
def _numbers_at(values: Series[tuple[int, ...]], on: date) -> tuple[int, ...]:
    return values.at(on).value


@dataclass(frozen=True, slots=True, eq=False)
class Rulebook:
    """One published policy as data. `digest` is the SHA-256 (hex) over the canonical form of the file's content.

    Compared by identity, so that what follows from a rulebook and a date can be remembered.
    """

    id: str
    digest: str
    title: Text
    issuer: Text
    document_number: str
    dated: date
    effective: tuple[Range, ...]
    settings: Mapping[str, Setting]
    attestations: Mapping[str, Attestation]
    conditions: tuple[Condition, ...]
    score_sheets: Mapping[str, ScoreSheet] = field(default_factory=dict)

    def is_in_force(self, on: date) -> bool:
        """Whether a date is inside an effective range."""
        return any(on in effective for effective in self.effective)

    def require_in_force(self, on: date) -> None:
        """Raise `NotInForce` when `on` is outside every effective range."""
        if not self.is_in_force(on):
            raise NotInForce(
                N_("Rulebook %(id)s is not in force on %(on)s"),
                {"on": N_("Rulebook %(id)s is not in force on %(on)s")},
                id=self.id,
                on=on.isoformat(),
            )

    def setting(self, name: str, on: date) -> int:
        """The single number of a setting on a date. Raises `NotInForce`."""
        return _numbers_at(self.settings[name].values, on)[0]

    def setting_numbers(self, name: str, on: date) -> tuple[int, ...]:
        """All numbers of a setting on a date. Raises `NotInForce`."""
        return _numbers_at(self.settings[name].values, on)

    def conditions_for(self, kind: str, location_kind: str) -> tuple[Condition, ...]:
        """The conditions with at least one part for such a site. Raises `NoConditions`."""
        of_kind = tuple(condition for condition in self.conditions if kind in condition.kinds)
        if not of_kind:
            message = N_("Rulebook %(id)s has no demonstration conditions for sites of the kind %(kind)s")
            raise NoConditions(message, {"rulebook": message}, id=self.id, kind=kind)
        return tuple(condition for condition in of_kind if condition.parts_for(location_kind))

    def attestations_for(self, kind: str, location_kind: str) -> tuple[Attestation, ...]:
        """What has to be stated about such a site, in the order of the conditions. Raises `NoConditions`."""
        items: dict[str, Attestation] = {}
        for condition in self.conditions_for(kind, location_kind):
            for part in condition.parts_for(location_kind):
                items |= {item: self.attestations[item] for item in part.attested_items}
        return tuple(items.values())
