"""Points, questions and independent answers for the tests of the directory."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
import psycopg
from numpy.typing import NDArray
from pyproj import Geod, Transformer

from app.finder.directory import Directory
from app.finder.entries import Entry, Version

GEOD = Geod(ellps="WGS84")
TO_SPACE = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)  # a Monday, 12:00 in Shanghai
QUERIES = 400
LIMIT = 10

Degrees = NDArray[np.float64]


def entry(site_id: int, lon: float | None, lat: float | None, **given: object) -> Entry:
    """A published room without facilities or known hours, unless told otherwise."""
    facilities = dict.fromkeys(given.pop("facilities", ()))
    return Entry(site_id, lon, lat, facilities=facilities, **given)


def directory(points: Degrees) -> Directory:
    """Points of shape (n, 2) as sites 1…n."""
    return Directory.build((entry(i + 1, *map(float, point)) for i, point in enumerate(points)), version=Version(1, 0))


def queries_near(points: Degrees, seed: int) -> Degrees:
    """Half near the points (one in eight exactly on one), half anywhere, poles, date line and antipodes included."""
    random = np.random.default_rng(seed)
    near = points[random.integers(0, len(points), QUERIES // 2)] + random.normal(0, 0.05, (QUERIES // 2, 2))
    near[:25] = points[random.integers(0, len(points), 25)]
    edges = [(0, 90), (77, -90), (180, 0), (-180, 0), (180, 37.5), (-180, -16.8), (179.9999, 65), (-179.9999, 65)]
    antipodes = [((lon + 360) % 360 - 180, -lat) for lon, lat in points[:12]]
    anywhere = on_the_globe(random, QUERIES - len(near) - len(edges) - len(antipodes))
    everything = np.vstack([near, np.array(edges, dtype=float), np.array(antipodes), anywhere])
    everything[:, 0] = (everything[:, 0] + 180) % 360 - 180
    return np.column_stack((everything[:, 0], everything[:, 1].clip(-90, 90)))


def on_the_globe(random: np.random.Generator, count: int) -> Degrees:
    """Points spread evenly over the sphere."""
    return np.column_stack((random.uniform(-180, 180, count), np.degrees(np.arcsin(random.uniform(-1, 1, count)))))


def generated_points() -> Degrees:
    """100,000 points: the whole globe, towns, both poles, both sides of the date line, and shared positions."""
    random = np.random.default_rng(20261122)
    towns = on_the_globe(random, 200)
    around = towns[random.integers(0, 200, 40_000)] + random.normal(0, 0.1, (40_000, 2))
    poles = np.column_stack(
        (random.uniform(-180, 180, 2_000), np.tile([1, -1], 1_000) * random.uniform(89.5, 90, 2_000))
    )
    line = np.column_stack((180 + random.normal(0, 0.05, 4_000), random.uniform(-60, 70, 4_000)))
    exact = np.array([(0, 90), (0, -90), (180, 10), (-180, 10), (180, -20), (123, 90)], dtype=float)
    spread = on_the_globe(random, 100_000 - 40_000 - 2_000 - 4_000 - len(exact) - 3_000)
    points = np.vstack([spread, around, poles, line, exact])
    points = np.vstack([points, points[random.integers(0, len(points), 3_000)]])
    # Longitudes of exactly 180 stay what they are: both spellings of the date line have to work.
    points[:, 0] = np.where(np.abs(points[:, 0]) > 180, (points[:, 0] + 180) % 360 - 180, points[:, 0])
    return np.column_stack((points[:, 0], points[:, 1].clip(-90, 90)))


def brute_force(points: Degrees, query: Iterable[float], limit: int = LIMIT) -> list[tuple[int, float]]:
    """(site_id, metres) by the geodesic to every single point."""
    return _by_geodesic(points, np.arange(len(points)), query, limit)


def sieved(points: Degrees, query: Iterable[float], limit: int = LIMIT) -> list[tuple[int, float]]:
    """The same, without the geodesics to points that the straight line through the earth already puts too far away.

    No way along the surface is shorter than the straight line: what is farther by it than `limit` points are by the
    geodesic cannot be among the nearest.
    """
    lon, lat = query
    straight_m = np.linalg.norm(_in_space(points) - _in_space(np.array([[lon, lat]])), axis=1)
    some = np.argpartition(straight_m, limit - 1)[:limit] if len(points) > limit else np.arange(len(points))
    farthest_m = max(metres for _, metres in _by_geodesic(points, some, (lon, lat), limit))
    return _by_geodesic(points, np.flatnonzero(straight_m <= farthest_m + 0.01), (lon, lat), limit)


def _in_space(points: Degrees) -> Degrees:
    return _in_space_of(points.tobytes())


@lru_cache(maxsize=8)
def _in_space_of(content: bytes) -> Degrees:
    lon, lat = np.frombuffer(content).reshape(-1, 2).T
    return np.column_stack(TO_SPACE.transform(lon, lat, np.zeros(len(lon))))


def _by_geodesic(
    points: Degrees, some: NDArray[np.int64], query: Iterable[float], limit: int
) -> list[tuple[int, float]]:
    lon, lat = query
    chosen = points[some]
    _, _, metres = GEOD.inv(
        np.full(len(chosen), lon), np.full(len(chosen), lat), chosen[:, 0].copy(), chosen[:, 1].copy()
    )
    order = np.lexsort((some, metres))[:limit]
    return [(int(some[i]) + 1, float(metres[i])) for i in order]


def answers(built: Directory, query: Iterable[float], limit: int = LIMIT) -> list[tuple[int, float]]:
    """(site_id, metres) by the directory."""
    lon, lat = map(float, query)
    found = built.nearest(lon, lat, limit=limit, at=NOON)
    return [(built.entries[position].site_id, metres) for position, metres in found]


def assert_same(found: list[tuple[int, float]], expected: list[tuple[int, float]], about: object) -> None:
    """The same sites in the same order, each distance within 0.1 m."""
    assert [site for site, _ in found] == [site for site, _ in expected], about
    assert all(abs(a - b) < 0.1 for (_, a), (_, b) in zip(found, expected, strict=True)), about


class PostGis:
    """The points in a table of their own, asked with the operators PostGIS offers for it."""

    NEAREST = """
        WITH question AS (SELECT ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography AS place),
             shortlist AS MATERIALIZED (
                SELECT id, ST_Distance(point.place, question.place) AS metres FROM point, question
                ORDER BY point.place <-> question.place LIMIT 200)
        SELECT id, metres FROM shortlist ORDER BY metres, id LIMIT %s
    """

    def __init__(self, url: str, points: Degrees) -> None:
        self.connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
        self.connection.execute("CREATE TABLE point (id int PRIMARY KEY, place geography(Point, 4326))")
        with self.connection.cursor().copy("COPY point FROM STDIN") as copy:
            for number, (lon, lat) in enumerate(points, start=1):
                copy.write_row((number, f"SRID=4326;POINT({float(lon)!r} {float(lat)!r})"))
        self.connection.execute("CREATE INDEX ON point USING gist (place)")
        self.connection.execute("ANALYZE point")

    def nearest(self, query: Iterable[float], limit: int = LIMIT) -> list[tuple[int, float]]:
        """(site_id, metres) by ST_Distance on geography."""
        return self.connection.execute(self.NEAREST, (*map(float, query), limit)).fetchall()
