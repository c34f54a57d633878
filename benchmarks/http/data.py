"""Made-up sites, door codes and positions; the same seed always gives the same ones."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.spatial import cKDTree
from sqlalchemy import Table

from app.sites.facilities import facilities
from app.sites.hours import Hours, Interval, Intervals
from app.sites.models import Admission, DoorCode, LocationKind, Site, SiteKind

SITES = cast("Table", Site.__table__)
CODES = cast("Table", DoorCode.__table__)
MADE_AT = datetime(2025, 1, 1, tzinfo=UTC)
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
CITIES, STRAY = 300, 0.1
CLEAR = 4e-5
"""Degrees between the last room in a box and the first outside: PostGIS' index has boxes in single precision, and `&&`
takes what is 1.5e-5 outside for inside."""
_TO_EARTH_CENTRED = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
Position = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class World:
    """`sites` published rooms in and around cities, numbered from 1. Degrees are WGS-84."""

    sites: int
    seed: int = 20260701

    @cached_property
    def pins(self) -> NDArray[np.float64]:
        """The rooms' positions, shape (sites, 2), lon and lat, rounded to what a row stores."""
        return self._positions(self.sites, 1)

    @cached_property
    def earth_centred_m(self) -> NDArray[np.float64]:
        """The pins as points in space, shape (sites, 3)."""
        return earth_centred_m(self.pins)

    @cached_property
    def codes(self) -> list[str]:
        """The code on each room's door."""
        chance = random.Random(self.seed + 2)
        return ["".join(chance.choices(ALPHABET, k=12)) for _ in range(self.sites)]

    @property
    def doors(self) -> list[tuple[int, str]]:
        """Each room's number and code; its code has the same id."""
        return list(enumerate(self.codes, 1))

    def places(self, number: int) -> list[Position]:
        """Where people look for a room."""
        return [(float(lon), float(lat)) for lon, lat in self._positions(number, 3)]

    def boxes(self, number: int, holding: int) -> list[Box]:
        """Boxes that hold exactly `holding` rooms each."""
        tree = cKDTree(self.pins)
        middles = self.pins[np.random.default_rng(self.seed + 4).integers(self.sites, size=number * 6)]
        reach, _ = tree.query(middles, k=[holding, holding + 1], p=np.inf)
        half = reach.mean(axis=1, keepdims=True)
        edges = np.hstack([middles - half, middles + half]).round(7)
        found = tree.query_ball_point(middles, half[:, 0], p=np.inf, return_length=True)
        good = (found == holding) & (reach[:, 1] - reach[:, 0] > CLEAR)
        return [cast("Box", tuple(map(float, edge))) for edge in edges[good][:number]]

    def _positions(self, number: int, stream: int) -> NDArray[np.float64]:
        fixed = np.random.default_rng(self.seed)
        middles = np.column_stack([fixed.uniform(85, 128, CITIES), fixed.uniform(21, 47, CITIES)])
        weights = fixed.pareto(1.2, CITIES) + 0.1
        chance = np.random.default_rng(self.seed + stream)
        city = chance.choice(CITIES, number, p=weights / weights.sum())
        positions = middles[city] + chance.normal(0, 0.15, (number, 2))
        stray = chance.random(number) < STRAY
        positions[stray] = chance.uniform((85, 21), (128, 47), (int(stray.sum()), 2))
        return positions.round(6)

    def site_rows(self, host_id: int) -> Iterator[dict[str, Any]]:
        """The rooms as rows of `site`."""
        chance = random.Random(self.seed + 5)
        defaults, weeks = _defaults(SITES), _weeks()
        names, kinds = list(facilities()), [kind.value for kind in SiteKind]
        for number, (lon, lat) in enumerate(self.pins.tolist(), 1):
            yield defaults | {
                "id": number,
                "host_id": host_id,
                "name": f"爱心妈妈小屋第{number}号",
                "address": f"中山路{chance.randrange(1, 2000)}号{chance.randrange(1, 30)}层",
                "kind": chance.choices(kinds, (85, 5, 5, 5))[0],
                "location_kind": chance.choice(list(LocationKind)).value,
                "admission": Admission.ANYONE.value,
                "women_only": chance.random() < 0.5,
                "open_to_outsiders": True,
                "is_listed": True,
                "is_synthetic": True,
                "lon": lon,
                "lat": lat,
                "floor_label": f"{chance.randrange(1, 9)}层",
                "landmark": f"{chance.choice('东南西北')}侧电梯旁",
                "hours": chance.choice(weeks),
                "facilities": dict.fromkeys(chance.sample(names, chance.randrange(4, 14))),
                "last_verified_on": date(2026, 1 + chance.randrange(6), 1),
                "created_at": MADE_AT,
                "updated_at": MADE_AT,
            }

    def code_rows(self) -> Iterator[dict[str, Any]]:
        """One live code on each door; its id is the room's."""
        defaults = _defaults(CODES)
        for number, code in enumerate(self.codes, 1):
            yield defaults | {
                "id": number,
                "site_id": number,
                "code": code,
                "print_version": 1,
                "issued_at": MADE_AT,
            }


def earth_centred_m(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points on the WGS-84 spheroid, given as lon and lat, shape (n, 2), as metres from its centre, shape (n, 3)."""
    return np.column_stack(_TO_EARTH_CENTRED.transform(degrees[:, 0], degrees[:, 1], np.zeros(len(degrees))))


def _defaults(table: Table) -> dict[str, Any]:
    """What the model fills in for columns that are not given."""
    values = {}
    for column in table.columns:
        default: Any = column.default
        values[column.name] = None if default is None else {} if default.is_callable else default.arg
    return values


def _weeks() -> Sequence[dict[str, Any]]:
    """Twelve ways to be open, as `Site.hours` stores them."""
    weeks = []
    for start in (0, 480, 510, 540):
        for end in (1050, 1260, 1440):
            open_at: Intervals = (Interval(start, end),)
            days = dict.fromkeys(range(1, 8 if end > 1200 else 6), open_at)
            weeks.append(Hours("每天" if end > 1200 else "工作日", days, "usual").to_json())
    return weeks
