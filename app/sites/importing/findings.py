"""What the import has to say about a row: where, what is wrong, and what to do about it."""

import dataclasses
from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """``error``: the row stays out. ``warning``: it went in, a person should look. ``note``: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """`problem` and `remedy` are message ids with `params`, translated where they are shown."""

    level: Level
    field: str
    problem: str
    remedy: str = ""
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)


class Findings(list[Finding]):
    """What has been found so far."""

    __slots__ = ()

    def add(self, level: Level, place: str, problem: str, remedy: str = "", **params: object) -> None:
        """Record a finding about the field or column `place`."""
        self.append(Finding(level, place, problem, remedy, params))


@dataclasses.dataclass(slots=True)
class Draft:
    """One row of a file on its way to a site.

    `number` is the row as a spreadsheet counts it (the header is row 1; of GeoJSON the number of the feature), `cells`
    the row as read, `values` the columns of `Site` that it states, `union` the code of the host union if it states
    one. `pin_problem` says why a person has to set or check the pin, `decision` are the words for which a person has
    to decide who may come in.
    """

    number: int
    cells: Mapping[str, object]
    values: dict[str, Any] = dataclasses.field(default_factory=dict)
    union: str = ""
    findings: Findings = dataclasses.field(default_factory=Findings)
    pin_problem: Finding | None = None
    decision: str = ""

    def add(self, level: Level, place: str, problem: str, remedy: str = "", **params: object) -> None:
        """Record a finding about the field or column `place`."""
        self.findings.add(level, place, problem, remedy, **params)

    @property
    def is_rejected(self) -> bool:
        return any(finding.level == Level.ERROR for finding in self.findings)

    @property
    def needs_attention(self) -> bool:
        return any(finding.level != Level.NOTE for finding in self.findings)
