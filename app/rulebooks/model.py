"""What conditions are made of once a rulebook has been read: frozen and exact. See also `sheets` and `rules`."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Generic, Literal, TypeVar

from app.errors import N_
from app.rulebooks.errors import NotInForce

Basis = Literal["policy", "operator"]
BASES: tuple[Basis, ...] = ("policy", "operator")
KINDS = ("room", "holiday_care", "nursery", "combined")
LOCATION_KINDS = ("public", "internal")
LANGUAGES = ("zh", "en")
AT_LEAST = ">="
IS = "is"
OPERATORS = (AT_LEAST, IS)
DEMONSTRATION, STANDARD, ENCOURAGED = "demonstration", "standard", "encouraged"
PURPOSES = (DEMONSTRATION, STANDARD, ENCOURAGED)
"""What a condition is for: the title; what every site has to have; what it should have and is not held to."""
SECTIONS = ("basic", "management", "effect")
"""Which demands a condition belongs to: those of the premises, of daily management, of the effect of use."""
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
    when a system fact says no. `variants` are those of the rulebook that the part is for (none: all). `months` is the
    period before the date that a measure looks back over, `incidents` and `activity` what it looks for, `section`
    which demands on the parts of a combined site it checks.
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
    variants: tuple[str, ...] = ()
    months: int | None = None
    incidents: tuple[str, ...] = ()
    activity: str | None = None
    section: str | None = None

    @property
    def attested_items(self) -> tuple[str, ...]:
        """The attestations that this part asks for."""
        own = (self.item,) if self.measure in ("attested", "no_incident") and self.item else ()
        return (*own, self.or_attested) if self.or_attested else own


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, of a title unless `purpose` says otherwise: met when all its parts that apply are met."""

    id: str
    kinds: tuple[str, ...]
    article: Text
    label: Text
    parts: tuple[Part, ...]
    purpose: str = DEMONSTRATION
    section: str = "basic"

    def parts_for(self, location_kind: str, variant: str | None = None) -> tuple[Part, ...]:
        """The parts that apply to public or to internal sites; none when the condition does not.

        While the variant is not known the parts of every variant apply, and none of them can be judged.
        """
        of_kind = tuple(part for part in self.parts if location_kind in part.location_kinds)
        return tuple(part for part in of_kind if not part.variants or variant is None or variant in part.variants)


@dataclass(frozen=True, slots=True)
class Attestation:
    """A sentence that a named person states to be true or not of a site."""

    id: str
    label: Text
