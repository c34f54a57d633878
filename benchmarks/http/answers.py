"""Before anything is timed: ours finds the nearest rooms, and all give the same rooms for the same boxes."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from benchmarks.http.contenders import FindsInBox, FindsNearest
from benchmarks.http.data import Position, World, earth_centred_m
from benchmarks.http.server import Server
from benchmarks.table import Row, Target

GEOD = Geod(ellps="WGS84")
POSITIONS, BOXES, NEAREST = 400, 40, 10
SPARE = 200
"""Far more than a straight line through the earth could put into another order than the way along its surface."""
ROUNDING_M = 0.01


def nearest_rows(world: World, contenders: Iterable[tuple[FindsNearest, Server]]) -> Iterator[Row]:
    """How many of 400 lists of the ten nearest are wrong, by contender; of ours none may be."""
    truth = [ten_nearest_m(world, place) for place in world.places(POSITIONS)]
    for contender, server in contenders:
        wrong = 0
        for place, distances in zip(world.places(POSITIONS), truth, strict=True):
            ids = contender.ids(server.get(contender.nearest(place).path)[2])
            wrong += not np.allclose(distances_m(world.pins[np.array(ids) - 1], place), distances, atol=ROUNDING_M)
        target = Target.at_most(0, f"of {POSITIONS}") if contender.name == "ours" else Target(unit=f"of {POSITIONS}")
        yield Row(f"{contender.name}: wrong lists of the nearest", wrong, target)


def check_boxes(world: World, contenders: Iterable[tuple[FindsInBox, Server]]) -> None:
    """Raises RuntimeError when a contender gives other rooms for a box than lie in it."""
    for contender, server in contenders:
        for holding in (10, 500):
            for box in world.boxes(BOXES, holding):
                west, south, east, north = box
                lons, lats = world.pins.T
                inside = (west <= lons) & (lons <= east) & (south <= lats) & (lats <= north)
                found = contender.ids(server.get(contender.within(box, holding).path)[2])
                if sorted(found) != (np.flatnonzero(inside) + 1).tolist():
                    raise RuntimeError(f"{contender.name} has other rooms in {box}")


def ten_nearest_m(world: World, place: Position) -> NDArray[np.float64]:
    """The distances of the ten nearest rooms in metres, rising, by looking at every room."""
    through_the_earth = np.linalg.norm(world.earth_centred_m - earth_centred_m(np.array([place])), axis=1)
    few = np.argpartition(through_the_earth, min(SPARE, world.sites - 1))[:SPARE]
    return np.sort(distances_m(world.pins[few], place))[:NEAREST]


def distances_m(pins: NDArray[np.float64], place: Position) -> NDArray[np.float64]:
    """Along the surface of the WGS-84 spheroid."""
    number = len(pins)
    distances: NDArray[np.float64] = GEOD.inv(np.full(number, place[0]), np.full(number, place[1]), *pins.T)[2]
    return distances
