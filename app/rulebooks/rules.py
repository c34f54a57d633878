"""What a rulebook says beside conditions and sheets: names, procedure, dates, quotas, forms, the articles."""

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from app.rulebooks.model import Basis, Series, Text

LEVELS = ("unit", "district", "municipal")
DEADLINES = (
    "acceptance", "filing", "plaque", "deregistration", "suspension", "resubmission", "rectification", "report",
    "recommendation", "panel", "recheck_months",
)  # fmt: skip
"""Every deadline: all in days but the last, which is in months from the day a title was granted."""
YEARLY_DATES = ("material", "application")
REGISTERS = (
    "use", "satisfaction", "cleaning", "maintenance", "safety", "activity", "supplies", "assets", "subsidy", "keepers",
    "attendance",
)  # fmt: skip
RULE_SETS = (
    "management", "use_registration", "satisfaction", "cleaning", "safety", "registration", "attendance", "food_safety",
    "safety_patrol", "emergency", "fire", "health",
)  # fmt: skip
FORM_USES = ("application", "registration", "filing", "deregistration", "self_check", "acceptance", "summary")
FORM_FIELDS = (
    "applied_on", "applicant", "union_head_name", "union_head_phone", "site_name", "site_kind", "manager_name",
    "manager_phone", "contact_name", "contact_phone", "premises", "serves", "open_to_public", "self_check_score",
    "address", "postcode", "email", "accepted_on", "acceptance_staff", "acceptance_findings", "reason", "assets_to",
    "plaque_to", "host_kind", "belongs_to", "run_form", "class_dates", "services", "results", "equipment",
    "acceptance_result", "remark", "managed_by", "hours_morning", "hours_noon", "hours_afternoon", "admission",
    "opened_on", "park_name", "park_head_name", "park_head_phone", "enterprises", "women_workers",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Variant:
    """A name of its own that a kind of site bears at some premises (codes of the sites' vocabulary)."""

    id: str
    kind: str
    premises: tuple[str, ...]
    name: Text


@dataclass(frozen=True, slots=True)
class Workflow:
    """Which steps there are. `operator` names the flags that the text does not settle and the operator has set.

    `self_check`: an application brings a passed self-check; `demonstration_self_check`: one for the title brings a
    self-check too. `call_by_district`: the district union calls for the title and grants it itself.
    """

    self_check: bool
    acceptance: bool
    filing: bool
    plaque: bool
    deregistration: bool
    demonstration: bool
    demonstration_self_check: bool
    call_by_district: bool
    holders_may_reapply: bool
    presentation_required: bool
    minimum_photos: int
    operator: tuple[str, ...]
    reference: str


FLAGS = (
    "self_check", "acceptance", "filing", "plaque", "deregistration", "demonstration", "demonstration_self_check",
    "call_by_district", "holders_may_reapply", "presentation_required",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deadline:
    """A number of days, or of months where its name says so."""

    basis: Basis
    values: Series[int]


class MonthDay(NamedTuple):
    """A day that comes every year."""

    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Quota:
    """How many titles: recommended by each district or industry, and chosen in all; null where nothing is said."""

    per_district_least: int | None
    per_district_most: int | None
    places: int | None
    basis: Basis
    reference: str


class YearTarget(NamedTuple):
    """How many sites of a kind the text sets out to open in a year."""

    year: int
    kind: str
    number: int
    reference: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Written rules that sites of some kinds have to have; `code` is one of `RULE_SETS`."""

    code: str
    kinds: tuple[str, ...]
    label: Text
    reference: str


@dataclass(frozen=True, slots=True)
class Supply:
    """Something that is handed out to rooms and there."""

    code: str
    label: Text


@dataclass(frozen=True, slots=True)
class Grant:
    """Money that comes with a step; `amount_yuan` is null where the text names no sum."""

    id: str
    kinds: tuple[str, ...]
    step: str
    amount_yuan: int | None
    label: Text
    reference: str


@dataclass(frozen=True, slots=True)
class Checks:
    """How often a year, 0 where the text demands nothing; a district sees `spot_check_share` of its sites."""

    full_self_a_year: int
    spot_check_a_year: int
    spot_check_share: Fraction
    supervision_a_year: int
    basis: Basis
    reference: str


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form; `code` is one of `FORM_FIELDS`; a wide one takes the whole line."""

    code: str
    label: Text
    is_wide: bool


@dataclass(frozen=True, slots=True)
class Opinion:
    """A box for an opinion with seal and date; `level` is one of `LEVELS`."""

    level: str
    label: Text


@dataclass(frozen=True, slots=True)
class Form:
    """An annex to be filled in, in so many `copies`; `sheet` is the id of the score sheet printed on it, if any."""

    id: str
    annex: Text
    title: Text
    use: str
    kinds: tuple[str, ...]
    variants: tuple[str, ...]
    copies: int
    fields: tuple[FormField, ...]
    opinions: tuple[Opinion, ...]
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One article in words. `refers` names what carries it out: ``conditions.R8``, ``sheets.room``, ``forms.annex2``,
    ``workflow.filing``, ``deadlines.panel``, ``settings.window_months``, ``checks``, ``quota`` and so on."""

    number: Text
    text: Text
    refers: tuple[str, ...]
