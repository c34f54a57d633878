"""Import profiles: how the columns of a published list become columns of `Site`. TOML, read strictly.

A faulty profile is refused with the file, the key and the reason. Profiles shipped with the product lie in
`app/sites/profiles`; anyone may write another and name its path.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.sites.datums import Datum
from app.sites.models import Admission, LocationKind, SiteKind, SiteStatus
from app.sites.particulars import particulars, premises

FOLDER = Path(__file__).parent.parent / "profiles"
TEXTS = (
    "external_code",
    "name",
    "address",
    "access_note",
    "division_code",
    "floor_label",
    "landmark",
    "public_phone",
    "contact_name",
    "contact_phone",
    "note",
    "union",
)
CHOICES: dict[str, tuple[str, ...]] = {
    "kind": tuple(SiteKind),
    "location_kind": tuple(LocationKind),
    "admission": tuple(Admission),
    "status": tuple(SiteStatus),
    "premises": tuple(premises()),
    **{code: tuple(one.choices) for code, one in particulars().items() if one.choices},
}
TRUTHS = ("women_only", "open_to_outsiders", "is_listed")
DATES = ("opened_on", "accepted_on", "filed_on", "last_verified_on")
NUMBERS = ("floor_order", "room_count", "area_m2")
PARTICULARS = frozenset(particulars())
"""Fields that only forms ask for: they go into `Site.particulars`."""
TARGETS = frozenset({*TEXTS, *CHOICES, *TRUTHS, *DATES, *NUMBERS, *PARTICULARS})


@dataclass(frozen=True)
class FieldRule:
    """Where one field comes from: columns joined by `join`, or a constant; then transforms, then a table of values.

    `first` takes the first of the columns that says something, instead of joining them. `contains` maps a piece of text
    to a value, the first that occurs wins. `default` stands for an empty result.
    """

    columns: tuple[str, ...] = ()
    join: str = " "
    constant: str | None = None
    transforms: tuple[str, ...] = ()
    values: Mapping[str, str] | None = None
    contains: Mapping[str, str] | None = None
    prefix: str = ""
    default: str = ""
    required: bool = False
    optional: bool = False
    first: bool = False


@dataclass(frozen=True)
class HoursRule:
    """The column of opening hours, that of open days if there is one, and whose public holidays apply."""

    column: str
    days: str | None = None
    calendar: str = "cn"
    optional: bool = False


@dataclass(frozen=True)
class FacilityRule:
    """`column` holds a list (JSON or separated), `flags` are columns that say yes; `adds` keeps what is known."""

    column: str | None = None
    separator: str = ";"
    values: Mapping[str, str] = field(default_factory=dict)
    ignore: frozenset[str] = frozenset()
    flags: Mapping[str, str] = field(default_factory=dict)
    adds: bool = False
    optional: bool = False


@dataclass(frozen=True)
class CoordinateRule:
    """Two columns `lon` and `lat`, or one `cell` with both in `order`.

    A number below `trusted` in the column `confidence`, or one of the values in `doubtful` columns, is flagged.
    """

    lon: str | None = None
    lat: str | None = None
    cell: str | None = None
    order: str = "lng,lat"
    confidence: str | None = None
    trusted: float = 0.85
    optional: bool = False
    doubtful: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """A pattern over the joined `columns` that must (or, if `forbidden`, must not) be found."""

    columns: tuple[str, ...]
    pattern: re.Pattern[str]
    forbidden: bool
    level: str
    problem: str
    remedy: str


@dataclass(frozen=True)
class Profile:
    """A whole profile. `datum` is None when the file has no coordinates or the operator has to state it.

    `match_also` (``name``, ``address``): a row and a site of this source that name and address do not bring together
    are the same if this alone is equal and nothing else has it. For editions of one register, whose names drift.
    `skip` maps a column to the words (totals and the like) whose rows are no sites.
    """

    id: str
    title: str
    source: str
    datum: Datum | None
    encoding: str | None
    delimiter: str
    sheet: str | None
    fields: Mapping[str, FieldRule]
    hours: HoursRule | None
    facilities: FacilityRule | None
    coordinates: CoordinateRule | None
    floor_from: tuple[str, ...]
    floor_style: str
    checks: tuple[Check, ...]
    match_also: tuple[str, ...] = ()
    skip: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def columns(self) -> list[str]:
        """The columns that a file has to have."""
        return list(dict.fromkeys(self._needed()))

    def _needed(self) -> Iterator[str]:
        for rule in self.fields.values():
            if not rule.optional:
                yield from rule.columns
        if self.hours and not self.hours.optional:
            yield from filter(None, (self.hours.column, self.hours.days))
        if self.facilities and not self.facilities.optional:
            yield from filter(None, (self.facilities.column, *self.facilities.flags))
        place = self.coordinates
        if place and not place.optional:
            yield from filter(None, (place.lon, place.lat, place.cell, place.confidence, *place.doubtful))
        for check in self.checks:
            yield from check.columns
