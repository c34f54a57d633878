"""The directory (decision 8): an immutable snapshot of the published sites that answers without a database.

Positions are places in the snapshot's table, in no order.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from math import inf
from typing import Any, NamedTuple, Self, overload

import numpy as np
import orjson

from app.finder.entries import EVERYTHING, Box, Entry, Filters, Mask, Version, is_covered
from app.finder.geometry import Positions, earth_centred
from app.finder.pins import Origin, Pins
from app.finder.table import Table, Traits
from app.finder.timetable import Timetable, live_of

Hit = tuple[int, float]

SPARE = 10
# Looking at so many matching sites costs what the tree takes for one, of whichever kind.
LOOKS = 5
ROUNDING_M = 0.001
SUBSETS_KEPT = 64
SUSPENDED: Mapping[str, Any] = {"state": "suspended", "hours_today": None, "changes_at": None}
STATES = ("open", "unknown", "closed", "suspended")
"""As lists have them."""
SUSPENDED_BYTES = orjson.dumps(SUSPENDED)[1:-1] + b","


class Subset(NamedTuple):
    """Some of the pins: as a mask of shape (pins,) and as indices in rising order."""

    mask: Mask
    pins: Positions


class Entries(Sequence[Entry]):
    """The entries by position, each put together when it is asked for."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    @overload
    def __getitem__(self, position: int) -> Entry: ...

    @overload
    def __getitem__(self, position: slice) -> list[Entry]: ...

    def __getitem__(self, position: int | slice) -> Entry | list[Entry]:
        if isinstance(position, slice):
            raise TypeError("entries are asked for one by one")
        return self._table[position]


@dataclass(frozen=True, eq=False)
class Directory:
    """The snapshot. Make it with `build` or `of`; nothing changes it afterwards but its own caches."""

    version: Version
    table: Table
    _ids: Positions
    _by_id: Positions
    _pins: Pins
    _timetable: Timetable
    _subsets: dict[tuple[Filters, int], Subset] = field(default_factory=dict)

    @classmethod
    def build(cls, entries: Iterable[Entry], version: Version) -> Self:
        """Make the snapshot of `entries`.

        Raises ValueError for a repeated `site_id`, for half a pin and for more than 64 facility codes.
        """
        table = Table()
        table.extend([*zip(*entries, strict=True)])
        return cls.of(table, version)

    @classmethod
    def of(cls, table: Table, version: Version, before: "Directory | None" = None) -> Self:
        """Make the snapshot of the sites in the table; `before`: the one whose pins may still hold.

        Raises ValueError for a repeated `site_id`.
        """
        ids = np.frombuffer(table.ids, dtype=np.int64)
        by_id = np.argsort(ids, kind="stable").astype(np.int32)
        if not np.all(np.diff(ids[by_id])):
            raise ValueError("a site is in the directory twice")
        pins = Pins.of(np.frombuffer(table.lons), np.frombuffer(table.lats), None if before is None else before._pins)
        return cls(version, table, ids, by_id, pins, Timetable(table.hours))

    def with_changes(self, site_ids: Iterable[int], entries: Iterable[Entry], version: Version) -> "Directory":
        """The snapshot after a change: `entries` are those of the sites `site_ids` that are published now."""
        table, published = copy(self.table), {entry.site_id: entry for entry in entries}
        places = {site_id: place for site_id in site_ids if (place := self.position_of(site_id)) is not None}
        for site_id, entry in published.items():
            table.extend([(value,) for value in entry])
            if site_id in places:
                table.move_last(places[site_id])
        # From the end on, so that what is moved into a gap is never a site that goes as well.
        for place in sorted((place for site_id, place in places.items() if site_id not in published), reverse=True):
            table.move_last(place)
        return Directory.of(table, version, self)

    @cached_property
    def entries(self) -> Entries:
        """The entries by position."""
        return Entries(self.table)

    @cached_property
    def districts(self) -> Mapping[str, int]:
        """How many sites there are by district code; sites without one are left out."""
        return {code: count for code, count in self._counts("district").items() if code and count}

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of which there is a site."""
        return frozenset(kind for kind, count in self._counts("kind").items() if count)

    def _counts(self, trait: str) -> Mapping[str, int]:
        """How many sites there are by what they have in common; what none has any more may be there with 0."""
        found: Counter[str] = Counter()
        column = self.table.traits
        for traits, count in zip(column.values, np.bincount(column.numbers).tolist(), strict=False):
            found[getattr(Traits(*traits), trait)] += count
        return found

    @cached_property
    def _held(self) -> int:
        return int(np.bitwise_or.reduce(np.array(self.table.bits, dtype=np.uint64), initial=0))

    def has_facility(self, code: str) -> bool:
        """Whether any site has it."""
        bits = self.table.bits_of(frozenset((code,)))
        return bits is not None and bool(self._held & bits)

    def position_of(self, site_id: int) -> int | None:
        """The position of a site, None when it is not published."""
        rank = int(self._ids.searchsorted(site_id, sorter=self._by_id))
        position = int(self._by_id[rank]) if rank < len(self._by_id) else None
        return position if position is not None and self.table.ids[position] == site_id else None

    def live(self, position: int, at: datetime) -> Mapping[str, Any]:
        """`state` (open, closed, unknown, suspended), `hours_today` and `changes_at`, as in the API's properties."""
        return SUSPENDED if self._is_suspended(position, at) else live_of(self.table.hours[position], at)

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
        available = len(self._pins) if among is None else len(among.pins)
        wanted = min(limit, available)
        if wanted < 1:
            return []
        pins, origin, size = self._pins, earth_centred(lon, lat), wanted + SPARE
        while True:
            found, beyond_m = self._shortlist(origin, among, size)
            metres = pins.distances_m(lon, lat, found)
            positions = pins.positions[found]
            order = np.lexsort((self._ids[positions], metres))[:wanted]
            # Nothing unseen can be nearer than `beyond_m`: done when the last one wanted is surely nearer than that.
            last_m = metres[order[-1]] if len(order) == wanted else inf
            if min(last_m, radius_m) + ROUNDING_M < beyond_m or size >= available:
                break
            size *= 4
        hits = zip(positions[order].tolist(), metres[order].tolist(), strict=True)
        return [hit for hit in hits if hit[1] <= radius_m] if radius_m < inf else list(hits)

    def within(self, box: Box, *, limit: int, at: datetime, filters: Filters = EVERYTHING) -> tuple[list[int], int]:
        """Positions of at most `limit` matching sites in the box, by site_id, and how many there are in all."""
        found = self._pins.inside(box)
        if not filters.is_empty:
            found = found[self._matching(filters, at).mask[found]]
        positions = self._pins.positions[found]
        ids, total = self._ids[positions], len(positions)
        if limit < total:
            first = np.argpartition(ids, limit)[:limit]
            positions, ids = positions[first], ids[first]
        return positions[np.argsort(ids)].tolist(), total

    def search(
        self, words: Sequence[str], *, at: datetime, district: str = "", filters: Filters = EVERYTHING
    ) -> list[int]:
        """Positions of all matching sites whose text holds every folded word and whose district code starts with
        `district`, in no order; sites without a pin are among them."""
        mask = np.ones(len(self.table), dtype=np.bool_)
        if not filters.is_empty:
            mask &= self._mask(filters, at)
        if district:
            mask &= self.table.traits.mask(lambda key: Traits(*key).district.startswith(district))
        found: Iterable[int] = self.table.texts.holding(words) if words else np.flatnonzero(mask).tolist()
        return [position for position in found if mask[position]]

    def by_state_and_name(self, positions: Sequence[int], at: datetime) -> list[int]:
        """The positions by state as in `STATES`, then by name, then by site_id."""
        table, found = self.table, np.array(positions, dtype=np.intp)
        states = self._timetable.ranks(at, STATES)[found]
        suspended = {position for position in table.suspensions if self._is_suspended(position, at)}
        states[[position in suspended for position in positions]] = STATES.index(SUSPENDED["state"])
        order: list[int] = found[np.lexsort((self._ids[found], self._name_ranks[found], states))].tolist()
        return order

    @cached_property
    def _name_ranks(self) -> Positions:
        """Shape (positions,): where each stands when they are ordered by name; the same name, the same rank."""
        names = [*map(self.table.name_at, range(len(self.table)))]
        ranks = {name: rank for rank, name in enumerate(sorted(set(names)))}
        return np.fromiter(map(ranks.__getitem__, names), dtype=np.int32, count=len(names))

    def collection(self, hits: Iterable[tuple[int, float | None]], at: datetime, members: bytes = b"") -> bytes:
        """The sites as a GeoJSON FeatureCollection (RFC 7946, WGS-84) with what the clock says at `at`.

        `members`: further members of the collection, serialised, each followed by a comma.
        """
        live, feature = self._timetable.live_bytes(at), self.table.feature
        pieces = [b'{"type":"FeatureCollection",', members, b'"features":[']
        for position, metres in hits:
            said = SUSPENDED_BYTES if self._is_suspended(position, at) else live(position)
            pieces += feature(position, said, metres)
            pieces.append(b",")
        if pieces[-1] == b",":
            pieces.pop()
        return b"".join((*pieces, b"]}"))

    def _shortlist(self, origin: Origin, among: Subset | None, size: int) -> tuple[Positions, float]:
        """At least `size` pins if there are so many, and a distance that no other matching site undercuts."""
        pins = self._pins
        if among is None:
            return pins.nearest(origin, size)
        asked = int(1.5 * size * len(pins) / len(among.pins))
        if asked * LOOKS < len(among.pins):
            found, beyond_m = pins.nearest(origin, asked)
            return found[among.mask[found]], beyond_m
        return pins.nearest_of(among.pins, origin, size)

    def _is_suspended(self, position: int, at: datetime) -> bool:
        spans = self.table.suspensions.get(position)
        return spans is not None and is_covered(spans, at)

    def _matching(self, filters: Filters, at: datetime) -> Subset:
        """The pins that match, kept for the minute."""
        key = (filters, int(at.timestamp()) // 60 if filters.open_now else 0)
        kept = self._subsets.get(key)
        if kept is None:
            if len(self._subsets) >= SUBSETS_KEPT:
                self._subsets.clear()
            mask = self._mask(filters, at)[self._pins.positions]
            kept = self._subsets[key] = Subset(mask, np.flatnonzero(mask))
        return kept

    def _mask(self, filters: Filters, at: datetime) -> Mask:
        """Shape (positions,): which match."""
        table, mask = self.table, np.ones(len(self.table), dtype=np.bool_)
        if filters.kinds:
            mask &= table.traits.mask(lambda key: Traits(*key).kind in filters.kinds)
        if filters.facilities:
            wanted = table.bits_of(filters.facilities)
            if wanted is None:
                return np.zeros_like(mask)
            mask &= (np.frombuffer(table.bits, dtype=np.uint64) & np.uint64(wanted)) == np.uint64(wanted)
        if filters.open_now:
            mask &= self._timetable.open_mask(at)
            mask[[position for position in table.suspensions if self._is_suspended(position, at)]] = False
        return mask
