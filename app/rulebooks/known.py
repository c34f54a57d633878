"""The pieces that facts about a site are made of. Reading and writing them is `facts_json`."""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from app.months import Month

STEPS = 5
SYSTEM_FACTS = ("is_recorded", "has_live_code", "is_public", "has_pin", "has_outside_photo", "has_photo", "has_plaque")
"""Is the site in operation and in this system; has it a code that works; may the public find it; is it on the map; is
there a photo of its entrance; is there any photo; has it been given its plaque."""
ACTIVITY_KINDS = ("activity", "lecture")
INCIDENT_KINDS = ("accident", "violation", "dishonesty", "abuse", "bad_event")


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
class ActivityFacts:
    """One activity or lecture for women workers that took place, by the local date on which it began."""

    kind: str
    on: date


@dataclass(frozen=True, slots=True)
class IncidentFacts:
    """Something of `INCIDENT_KINDS` that happened and has not been retracted."""

    kind: str
    on: date


@dataclass(frozen=True, slots=True)
class TitleFacts:
    """A demonstration title the site was given, until `revoked_on` (null while it holds)."""

    name: str
    granted_on: date
    revoked_on: date | None = None


@dataclass(frozen=True, slots=True)
class CareTermFacts:
    """One term of holiday care; both dates included. Only days marked as run count, up to the date asked about.

    `children`: different children enrolled on at least one day that ran. `expected`: over the days that ran, the
    children enrolled on each, added up (child-days). `attended`: those of them who were there.
    """

    name: str
    starts_on: date
    ends_on: date
    children: int
    days_run: int
    expected: int
    attended: int


@dataclass(frozen=True, slots=True)
class CareFacts:
    """The terms of a holiday-care site that have begun."""

    terms: tuple[CareTermFacts, ...]


@dataclass(frozen=True, slots=True)
class NurseryFacts:
    """The latest return of a nursery, as of a local date. Yuan a month, square metres; null: not said."""

    as_of: date
    places: int
    enrolled: int
    own_employees_children: int
    class_types: tuple[str, ...] = ()
    price_yuan: Fraction | None = None
    local_average_yuan: Fraction | None = None
    indoor_area_m2: Fraction | None = None
    outdoor_area_m2: Fraction | None = None
    has_health_title: bool = False
