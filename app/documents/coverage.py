"""Coverage as Beijing publishes it: units covered, public places by category, women workers covered, and the gaps."""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from app.accounts.models import TradeUnion
from app.documents.layouts import DATA
from app.sites.models import LocationKind
from app.sites.particulars import premises


class Room(NamedTuple):
    """A room in operation. `women_workers` is what its own form says (beijing-bda-2017 annex 3), as it was written."""

    host_id: int
    host_path: str
    location_kind: str
    premises: str | None
    women_workers: str | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Figures about the units and rooms below a union.

    `places` counts rooms in public places by the code of their premises, the empty code where nobody has said it.
    `women` and `women_covered` add up what is known; `units_unstated` units have not said how many women they employ.
    `gaps` are units with at least `gap_from` women workers (beijing-bda-2017) and no room, the largest first.
    """

    units: int
    units_covered: int
    rooms: int
    public_rooms: int
    places: Mapping[str, int]
    women: int
    women_covered: int
    units_unstated: int
    gaps: tuple[TradeUnion, ...]
    gap_from: int
    reference: str


@cache
def rules() -> Mapping[str, Any]:
    """The words and the number of `data/coverage.toml`."""
    return tomllib.loads((DATA / "coverage.toml").read_text(encoding="utf-8"))


def coverage_of(units: Sequence[TradeUnion], rooms: Sequence[Room]) -> Coverage:
    """The figures of `units` (lowest level only) and of the rooms that they, or unions above them, run."""
    hosts = {room.host_id for room in rooms}
    public = [room for room in rooms if room.location_kind == LocationKind.PUBLIC]
    counts = Counter(room.premises or "" for room in public)
    served = _served(rooms)
    least = int(rules()["women_workers_least"])
    gaps = [unit for unit in units if unit.id not in hosts and (unit.women_workers or 0) >= least]
    return Coverage(
        units=len(units),
        units_covered=sum(unit.id in hosts for unit in units),
        rooms=len(rooms),
        public_rooms=len(public),
        places={code: counts[code] for code in (*premises(), "") if counts[code]},
        women=sum(unit.women_workers or 0 for unit in units),
        women_covered=sum(_women(unit, served) for unit in units if unit.id in hosts),
        units_unstated=sum(unit.women_workers is None for unit in units),
        gaps=tuple(sorted(gaps, key=lambda unit: (-(unit.women_workers or 0), unit.path))),
        gap_from=least,
        reference=str(rules()["reference"]),
    )


def _served(rooms: Sequence[Room]) -> Counter[int]:
    """Women workers that the rooms' own forms state, by the union that runs them."""
    served: Counter[int] = Counter()
    for room in rooms:
        stated = room.women_workers or ""
        served[room.host_id] += int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 10 else 0
    return served


def _women(unit: TradeUnion, served: Counter[int]) -> int:
    """Those of the unit itself; those that a room states where it serves more, such as a whole park."""
    return max(unit.women_workers or 0, served[unit.id])
