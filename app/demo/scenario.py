"""The demonstration network as data: who runs which room, what stands in it, how much it is used. Pure."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from app.demo.simulator import Interval, Pattern
from app.demo.simulator import Room as SimulatedRoom
from app.months import Month, local_date

DATA = Path(__file__).parent / "data"
ROOMS_FILE = DATA / "hangzhou_rooms.csv"
MONTHS = 14
SEED = 20231


@dataclass(frozen=True)
class Union:
    """One union of the tree; `parent` is its parent's code, empty for the root."""

    code: str
    name: str
    level: str
    parent: str
    division: str | None


@dataclass(frozen=True)
class Colleague:
    """A person beside those whom every union has; `union` is its code."""

    username: str
    role: str
    union: str
    title: str


@dataclass(frozen=True)
class Room:
    """One room of the network. `hours` is text for the hours parser; `months` ago it was accepted; `uses` a month."""

    name: str
    union: str
    location: str
    pattern: str
    hours: str
    floor: str
    floor_order: int
    landmark: str
    facilities: str
    area_m2: float
    months: int
    uses: float
    rated: float
    mood: str
    missing: tuple[str, ...]
    photos: bool
    suspended_months_ago: int | None = None

    def accepted_on(self, now: datetime) -> date:
        """The first day of the month that lies `months` before the month of `now`."""
        return (Month.of(now) - self.months).first_on

    def suspensions(self, now: datetime) -> tuple[Interval, ...]:
        """The whole month in which the room was officially closed, if there was one."""
        if self.suspended_months_ago is None:
            return ()
        month = Month.of(now) - self.suspended_months_ago
        return ((month.start_at, month.end_at),)

    def last_verified_on(self, now: datetime) -> date:
        """Some day in the last two months, different from room to room."""
        return local_date(now) - timedelta(days=sum(self.name.encode()) % 60)


@dataclass(frozen=True)
class Network:
    """All of it. `titles`: what the accounts of a role are called; `with_account`: codes of units with an account of
    their own; `facilities`: facility codes by the name of an equipment; `moods`: chances of rating steps by name."""

    notice: str
    suspension_reason: str
    access_note: str
    never_stated: tuple[str, ...]
    with_account: tuple[str, ...]
    titles: dict[str, str]
    colleagues: tuple[Colleague, ...]
    unions: tuple[Union, ...]
    rooms: tuple[Room, ...]
    patterns: dict[str, Pattern]
    moods: dict[str, tuple[float, ...]]
    facilities: dict[str, tuple[str, ...]]

    def simulated(self, room: Room, now: datetime) -> SimulatedRoom:
        """What the simulator has to know about `room`."""
        return SimulatedRoom(
            pattern=self.patterns[room.pattern],
            monthly_uses=room.uses,
            rated=room.rated,
            ratings=self.moods[room.mood],
            opened_on=room.accepted_on(now),
            suspended=room.suspensions(now),
        )


@cache
def network() -> Network:
    """Read data/network.toml."""
    data = tomllib.loads((DATA / "network.toml").read_text(encoding="utf-8"))
    return Network(
        notice=data["notice"],
        suspension_reason=data["suspension_reason"],
        access_note=data["access_note"],
        never_stated=tuple(data["never_stated"]),
        with_account=tuple(data["with_account"]),
        titles=data["titles"],
        colleagues=tuple(Colleague(**row) for row in data["colleague"]),
        unions=tuple(_union(row) for row in data["union"]),
        rooms=tuple(Room(**{**row, "missing": tuple(row["missing"])}) for row in data["room"]),
        patterns={name: _pattern(row) for name, row in data["pattern"].items()},
        moods={name: tuple(row) for name, row in data["moods"].items()},
        facilities={name: tuple(row) for name, row in data["facilities"].items()},
    )


def _union(row: dict[str, Any]) -> Union:
    return Union(row["code"], row["name"], row["level"], row.get("parent", ""), row.get("division"))


def _pattern(row: dict[str, Any]) -> Pattern:
    return Pattern(
        weekdays=tuple(row["weekdays"]),
        holiday=row["holiday"],
        hours=tuple(row["hours"]),
        sessions=tuple(row["sessions"]),
        pool=row["pool"],
    )
