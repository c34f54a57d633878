"""Where the sites with a pin lie: a tree for what is near, an order by latitude for what lies in a box."""

from dataclasses import dataclass
from math import inf
from typing import Any, Self

import numpy as np
from scipy.spatial import cKDTree

from app.finder.entries import Box
from app.finder.geometry import Floats, Positions, distances_m, earth_centred_many, shortest_possible_m

Origin = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Pins:
    """Arrays of shape (n,) or (n, 3); a pin is an index into them, `positions` are the sites' in the table."""

    positions: Positions
    lons: Floats
    lats: Floats
    points_m: Floats
    tree: Any
    by_lat: Positions

    @classmethod
    def of(cls, lons: Floats, lats: Floats, before: Self | None = None) -> Self:
        """The pins of all sites of a table; degrees in WGS-84, NaN without a pin. `before` stays when nothing moved."""
        placed = np.flatnonzero(~np.isnan(lons)).astype(np.int32)
        if len(placed) < len(lons):
            lons, lats = lons[placed], lats[placed]
        if before is not None and before._has(placed, lons, lats):
            return before
        points_m = earth_centred_many(lons, lats)
        tree = cKDTree(points_m) if len(placed) else None
        # numpy's own kind of index: it would convert any other whole, for each box.
        return cls(placed, lons, lats, points_m, tree, np.argsort(lats, kind="stable"))

    def _has(self, positions: Positions, lons: Floats, lats: Floats) -> bool:
        pairs = ((self.positions, positions), (self.lons, lons), (self.lats, lats))
        return all(np.array_equal(mine, others) for mine, others in pairs)

    def __len__(self) -> int:
        return len(self.positions)

    def nearest(self, origin: Origin, size: int) -> tuple[Positions, float]:
        """The `size` nearest pins as the crow flies through the earth, and a distance that no other pin undercuts."""
        size = min(size, len(self))
        chords_m, found = self.tree.query(origin, [*range(1, size + 1)] if size == 1 else size)
        return found, inf if size == len(self) else shortest_possible_m(float(chords_m[-1]))

    def nearest_of(self, among: Positions, origin: Origin, size: int) -> tuple[Positions, float]:
        """The same of the pins `among`, each of which is looked at."""
        if size >= len(among):
            return among, inf
        chords_m = np.linalg.norm(self.points_m[among] - origin, axis=1)
        nearest = np.argpartition(chords_m, size - 1)[:size]
        return among[nearest], shortest_possible_m(float(chords_m[nearest].max()))

    def distances_m(self, lon: float, lat: float, found: Positions) -> Floats:
        """Metres over the spheroid from a place to the pins `found`."""
        return distances_m(lon, lat, self.lons[found], self.lats[found])

    def inside(self, box: Box) -> Positions:
        """The pins in the box, in no order."""
        first = self.lats.searchsorted(box.south, sorter=self.by_lat)
        band = self.by_lat[first : self.lats.searchsorted(box.north, "right", sorter=self.by_lat)]
        found: Positions = band[box.spans(self.lons[band])]
        return found
