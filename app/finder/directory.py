"""The directory (decision 8): an immutable snapshot of the published sites that answers without a database.

Positions are indices into the snapshot: the sites with a pin come first, both parts by `site_id`, so that ordering by
(distance, position) is ordering by (distance, site_id).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from math import inf
from typing import Any, NamedTuple, Self

import numpy as np
import orjson
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from app.finder.entries import EVERYTHING, Box, Entry, Filters, Mask
from app.finder.features import FeatureBytes
from app.finder.geometry import (
    Floats,
    Positions,
    distances_m,
    earth_centred,
    earth_centred_many,
    shortest_possible_m,
)
from app.finder.timetable import Timetable, live_of

Hit = tuple[int, float]

SPARE = 10
# Below this share of matching sites, looking at each of them beats asking the tree for many more than needed.
SPARSE = 0.05
ROUNDING_M = 0.001
SUBSETS_KEPT = 64
SUSPENDED: Mapping[str, Any] = {"state": "suspended", "hours_today": None, "changes_at": None}
SUSPENDED_BYTES = orjson.dumps(SUSPENDED)[1:-1] + b","


class Subset(NamedTuple):
    """Placed sites: as a mask of shape (placed,) and as positions in rising order."""

    mask: Mask
    positions: Positions


@dataclass(frozen=True, eq=False)
class Directory:
    """The snapshot. Build it with `build`; nothing changes it afterwards but its own caches."""

    version: int
    entries: tuple[Entry, ...]
    placed: int
    _lons: Floats
    _lats: Floats
    _points_m: Floats
    _tree: Any
    _bits: NDArray[np.uint64]
    _codes: Mapping[str, int]
    _kinds: NDArray[np.str_]
    _timetable: Timetable
    _features: FeatureBytes
    _by_id: Mapping[int, int]
    _suspended: tuple[int, ...]
    _texts: tuple[str, ...]
    _subsets: dict[tuple[Filters, int], Subset] = field(default_factory=dict)

    @classmethod
    def build(cls, entries: Iterable[Entry], version: int) -> Self:
        """Make the snapshot; takes about a second for 100,000 sites. Raises ValueError for a repeated `site_id`,
        for half a pin and for more than 64 facility codes."""
        ordered = tuple(sorted(entries, key=lambda entry: (entry.lon is None, entry.site_id)))
        by_id = {entry.site_id: position for position, entry in enumerate(ordered)}
        if len(by_id) != len(ordered):
            raise ValueError("a site is in the directory twice")
        if any((entry.lon is None) != (entry.lat is None) for entry in ordered):
            raise ValueError("a pin has both coordinates or none")
        pins = [(entry.lon, entry.lat) for entry in ordered if entry.lon is not None]
        degrees = np.array(pins, dtype=np.float64).reshape(-1, 2)
        points_m = earth_centred_many(degrees[:, 0], degrees[:, 1])
        codes = {code: bit for bit, code in enumerate(sorted({code for entry in ordered for code in entry.facilities}))}
        bits = np.array([_bits(entry.facilities, codes) for entry in ordered], dtype=np.uint64)
        return cls(
            version=version,
            entries=ordered,
            placed=len(pins),
            _lons=np.ascontiguousarray(degrees[:, 0]),
            _lats=np.ascontiguousarray(degrees[:, 1]),
            _points_m=points_m,
            _tree=cKDTree(points_m) if pins else None,
            _bits=bits,
            _codes=codes,
            _kinds=np.array([entry.kind for entry in ordered], dtype=np.str_),
            _timetable=Timetable([entry.hours for entry in ordered]),
            _features=FeatureBytes.of((entry.lon, entry.lat, entry.properties) for entry in ordered),
            _by_id=by_id,
            _suspended=tuple(position for position, entry in enumerate(ordered) if entry.suspensions),
            _texts=tuple(entry.search_text for entry in ordered),
        )

    @cached_property
    def districts(self) -> Mapping[str, int]:
        """How many sites there are by district code; sites without one are left out."""
        return Counter(entry.district for entry in self.entries if entry.district)

    def has_facility(self, code: str) -> bool:
        """Whether any site has it."""
        return code in self._codes

    def position_of(self, site_id: int) -> int | None:
        """The position of a site, None when it is not published."""
        return self._by_id.get(site_id)

    def live(self, position: int, at: datetime) -> Mapping[str, Any]:
        """`state` (open, closed, unknown, suspended), `hours_today` and `changes_at`, as in the API's properties."""
        entry = self.entries[position]
        return SUSPENDED if entry.is_suspended(at) else live_of(entry.hours, at)

    def nearest(
        self,
        lon: float,
        lat: float,
        *,
        limit: int,
        at: datetime,
        filters: Filters = EVERYTHING,
        radius_m: float = inf,
    ) -> list[Hit]:
        """The `limit` nearest matching sites as (position, metres) by (distance, site_id), exact on the spheroid.

        `lon`, `lat` in WGS-84 degrees; sites farther than `radius_m` are left out, one exactly that far stays in.
        """
        among = None if filters.is_empty else self._matching(filters, at)
        available = self.placed if among is None else len(among.positions)
        wanted = min(limit, available)
        if wanted < 1:
            return []
        origin = earth_centred(lon, lat)
        size = wanted + SPARE
        while True:
            found, beyond_m = self._shortlist(origin, among, size)
            metres = distances_m(lon, lat, self._lons[found], self._lats[found])
            order = np.lexsort((found, metres))[:wanted]
            # Nothing unseen can be nearer than `beyond_m`: done when the last one wanted is surely nearer than that.
            last_m = metres[order[-1]] if len(order) == wanted else inf
            if min(last_m, radius_m) + ROUNDING_M < beyond_m or size >= available:
                break
            size *= 4
        hits = zip(found[order].tolist(), metres[order].tolist(), strict=True)
        return [hit for hit in hits if hit[1] <= radius_m] if radius_m < inf else list(hits)

    def within(self, box: Box, *, limit: int, at: datetime, filters: Filters = EVERYTHING) -> tuple[list[int], int]:
        """Positions of at most `limit` matching sites in the box, by site_id, and how many there are in all."""
        inside = box.mask(self._lons, self._lats)
        if filters.is_empty:
            found = np.flatnonzero(inside)
        else:
            found = np.flatnonzero(inside & self._matching(filters, at).mask)
        return found[:limit].tolist(), len(found)

    def search(
        self, words: Sequence[str], *, at: datetime, district: str = "", filters: Filters = EVERYTHING
    ) -> list[int]:
        """Positions of all matching sites whose text holds every folded word and whose district code starts with
        `district`; sites without a pin are among them."""
        found: Iterable[int] = range(len(self.entries))
        if not filters.is_empty:
            found = np.flatnonzero(self._mask(filters, at)).tolist()
        if district:
            found = [position for position in found if self.entries[position].district.startswith(district)]
        texts = self._texts
        for word in words:
            found = [position for position in found if word in texts[position]]
        return [*found]

    def collection(self, hits: Iterable[tuple[int, float | None]], at: datetime, members: bytes = b"") -> bytes:
        """The sites as a GeoJSON FeatureCollection (RFC 7946, WGS-84) with what the clock says at `at`.

        `members`: further members of the collection, serialised, each followed by a comma.
        """
        live = self._timetable.live_bytes(at)
        suspended = {position for position in self._suspended if self.entries[position].is_suspended(at)}
        return self._features.collection(
            ((place, metres, SUSPENDED_BYTES if place in suspended else live(place)) for place, metres in hits), members
        )

    def _shortlist(
        self, origin: tuple[float, float, float], among: Subset | None, size: int
    ) -> tuple[Positions, float]:
        """At least `size` positions if there are so many, and a distance that no other matching site undercuts."""
        if among is None:
            return self._from_tree(origin, size)
        share = len(among.positions) / self.placed
        if share > SPARSE and size <= 4 * SPARE:
            found, beyond_m = self._from_tree(origin, int(size / share * 1.5))
            return found[among.mask[found]], beyond_m
        if size >= share * self.placed:
            return among.positions, inf
        chords_m = np.linalg.norm(self._points_m[among.positions] - origin, axis=1)
        nearest = np.argpartition(chords_m, size - 1)[:size]
        return among.positions[nearest], shortest_possible_m(float(chords_m[nearest].max()))

    def _from_tree(self, origin: tuple[float, float, float], size: int) -> tuple[Positions, float]:
        size = min(size, self.placed)
        chords_m, found = self._tree.query(origin, [*range(1, size + 1)] if size == 1 else size)
        return found, inf if size == self.placed else shortest_possible_m(float(chords_m[-1]))

    def _matching(self, filters: Filters, at: datetime) -> Subset:
        """The placed sites that match, kept for the minute."""
        key = (filters, int(at.timestamp()) // 60 if filters.open_now else 0)
        kept = self._subsets.get(key)
        if kept is None:
            if len(self._subsets) >= SUBSETS_KEPT:
                self._subsets.clear()
            mask = self._mask(filters, at)[: self.placed]
            kept = self._subsets[key] = Subset(mask, np.flatnonzero(mask))
        return kept

    def _mask(self, filters: Filters, at: datetime) -> Mask:
        mask = np.ones(len(self.entries), dtype=np.bool_)
        if filters.kinds:
            mask &= np.isin(self._kinds, [*filters.kinds])
        if filters.facilities:
            if not filters.facilities <= self._codes.keys():
                return np.zeros_like(mask)
            wanted = np.uint64(_bits(filters.facilities, self._codes))
            mask &= (self._bits & wanted) == wanted
        if filters.open_now:
            mask &= self._timetable.open_mask(at)
            mask[[position for position in self._suspended if self.entries[position].is_suspended(at)]] = False
        return mask


def _bits(facilities: frozenset[str], codes: Mapping[str, int]) -> int:
    if len(codes) > 64:
        raise ValueError(f"{len(codes)} facility codes do not fit into 64 bits")
    return sum(1 << codes[code] for code in facilities)
