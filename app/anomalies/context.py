"""What the detectors know about a site beside its days, and the six types of rooms. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from app.sites.hours import Hours

ROOM_TYPES = ("hospital", "mall", "station", "office", "factory", "community")
"""Hospital or clinic; mall or shop; station or airport; office of a unit; factory of a unit; park, library, service."""
_MAPPING = Path(__file__).parent / "data" / "room_types.toml"


@dataclass(frozen=True, slots=True)
class SiteContext:
    """`room_type` is one of `ROOM_TYPES`; `capacity` how many can use it at once, None when nobody has said.

    `hours` are the opening hours. `declared` holds the local dates with a declared activity. Days before `opened_on`
    are no days of the site.
    """

    room_type: str
    hours: Hours | None = None
    capacity: int | None = None
    opened_on: date | None = None
    declared: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if self.room_type not in ROOM_TYPES:
            raise ValueError(f"unknown room type {self.room_type!r}")


def room_type_named(name: str) -> str:
    """One of `ROOM_TYPES` from its code or another usual word for it. Raises ValueError for an unknown one."""
    word = name.strip().lower()
    found: str = _mapping()["aliases"].get(word, word)
    if found not in ROOM_TYPES:
        raise ValueError(f"unknown room type {name!r}")
    return found


def room_type_of(location_kind: str, premises: str | None) -> str:
    """The type of a room from `Site.location_kind` and `Site.premises` (data/room_types.toml)."""
    mapping = _mapping()
    found: str = mapping["premises"].get(premises or "", mapping["otherwise"][location_kind])
    return found


@cache
def _mapping() -> Mapping[str, Any]:
    return tomllib.loads(_MAPPING.read_text(encoding="utf-8"))
