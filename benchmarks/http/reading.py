"""Reading: nearest, boxes, the door page."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from benchmarks.http.answers import check_boxes, nearest_rows
from benchmarks.http.bench import Bench
from benchmarks.http.contenders import FindsInBox
from benchmarks.http.contenders.floor import Floor
from benchmarks.http.contenders.geodjango import GeoDjango
from benchmarks.http.contenders.orm import Orm
from benchmarks.http.contenders.ours import FILTERED, Ours
from benchmarks.http.contenders.proxied import Proxied
from benchmarks.http.contenders.pygeoapi import Pygeoapi
from benchmarks.http.contenders.tipg import Tipg
from benchmarks.http.data import World
from benchmarks.http.load import Request
from benchmarks.http.measuring import Comparison, Work, compared, driven, started
from benchmarks.http.server import Server
from benchmarks.table import SHOWN, Row, Target

QUESTIONS = 5_000
THREADED, PROXIED = Floor("a bare Flask page on ours' workers", "-k", "gthread", "--threads", "4"), Proxied()
FLOOR, OURS, ORM, DJANGO, TIPG, PYGEOAPI = Floor(), Ours(), Orm(), GeoDjango(), Tipg(), Pygeoapi()


def _boxes(contender: FindsInBox, holding: int) -> Callable[[World, Server], list[Request]]:
    """Boxes that hold as many rooms as the page has."""
    return lambda world, _server: [contender.within(box, holding) for box in world.boxes(QUESTIONS // 5, holding)]


def _compressed(contender: FindsInBox) -> Callable[[World, Server], list[Request]]:
    """Boxes of 500, to be sent compressed. Raises RuntimeError when they are not."""

    def requests(world: World, server: Server) -> list[Request]:
        asked = [replace(one, encoding="gzip") for one in _boxes(contender, 500)(world, server)]
        if server.get(asked[0].path, {"Accept-Encoding": "gzip"})[1]["Content-Encoding"] != "gzip":
            raise RuntimeError(f"{contender!r} does not compress")
        return asked

    return requests


def _unchanged(world: World, server: Server) -> list[Request]:
    """Boxes that were asked for before, by whoever kept the answers. Raises RuntimeError when they are sent again."""
    questions = _boxes(OURS, 10)(world, server)[:200]
    known = [replace(one, etag=server.get(one.path)[1]["ETag"]) for one in questions]
    if any(server.get(one.path, {"If-None-Match": one.etag})[0] != 304 for one in known[:10]):
        raise RuntimeError("a box that has not changed is sent again")
    return known


WORKS = (
    Work("F", FLOOR, lambda _world, _server: [FLOOR.page()]),
    Work("F, ours' workers", THREADED, lambda _world, _server: [THREADED.page()]),
    Work("nearest", OURS, lambda world, _: [OURS.nearest(place) for place in world.places(QUESTIONS)]),
    Work("filtered nearest", OURS, lambda world, _: [OURS.nearest(at, FILTERED) for at in world.places(QUESTIONS)]),
    Work("door page", OURS, lambda world, _: [OURS.door(code) for code in world.codes[:QUESTIONS]]),
    Work("box of 10", OURS, _boxes(OURS, 10)),
    Work("box of 500", OURS, _boxes(OURS, 500)),
    Work("box of 10, unchanged", OURS, _unchanged),
    Work("box of 500, gzip by nginx", PROXIED, _compressed(PROXIED)),
    Work("GeoDjango nearest", DJANGO, lambda world, _: [DJANGO.nearest(place) for place in world.places(QUESTIONS)]),
    Work("GeoDjango box of 10", DJANGO, _boxes(DJANGO, 10)),
    Work("GeoDjango box of 500", DJANGO, _boxes(DJANGO, 500)),
    Work("tipg box of 10", TIPG, _boxes(TIPG, 10)),
    Work("tipg box of 500", TIPG, _boxes(TIPG, 500)),
    Work("tipg box of 500, gzip", TIPG, _compressed(TIPG)),
    Work("pygeoapi box of 10", PYGEOAPI, _boxes(PYGEOAPI, 10)),
    Work("ORM box of 10", ORM, _boxes(ORM, 10)),
    Work("ORM nearest", ORM, lambda world, _: [ORM.nearest(place) for place in world.places(QUESTIONS)]),
)
COMPARISONS = (
    Comparison("nearest", "F", Target.at_least(0.65)),
    Comparison("nearest", "F, ours' workers", SHOWN),
    Comparison("filtered nearest", "F", Target.at_least(0.5)),
    Comparison("nearest", "ORM nearest", SHOWN),
    Comparison("nearest", "GeoDjango nearest", Target.at_least(5)),
    Comparison("nearest", "tipg box of 10", Target.at_least(6)),
    Comparison("nearest", "pygeoapi box of 10", Target.at_least(25)),
    Comparison("box of 10", "tipg box of 10", Target.at_least(6)),
    Comparison("box of 10", "GeoDjango box of 10", Target.at_least(3)),
    Comparison("box of 10", "ORM box of 10", SHOWN),
    Comparison("box of 10, unchanged", "F", Target.at_least(0.9)),
    Comparison("box of 500", "tipg box of 500", SHOWN),
    Comparison("box of 500", "GeoDjango box of 500", SHOWN),
    Comparison("box of 500, gzip by nginx", "tipg box of 500, gzip", SHOWN),
    Comparison("door page", "F", Target.at_least(0.8)),
)


def main(bench: Bench, only: str) -> Iterator[Row]:
    """The comparisons that are about `only`."""
    comparisons = [one for one in COMPARISONS if one.is_about(only)]
    with started(bench, WORKS, comparisons) as running:
        servers = {work.contender: load.server for work, load in running.items()}
        yield from nearest_rows(bench.world, ((one, servers[one]) for one in (OURS, ORM, DJANGO) if one in servers))
        check_boxes(bench.world, ((one, servers[one]) for one in (OURS, TIPG, DJANGO, ORM, PYGEOAPI) if one in servers))
        rounds = driven(bench, running)
    yield from compared(comparisons, rounds)
