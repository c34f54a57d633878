"""Reading: nearest, boxes, the door page."""

from collections.abc import Iterator

from benchmarks.http.bench import Bench
from benchmarks.http.contenders.floor import Floor
from benchmarks.http.contenders.orm import Orm
from benchmarks.http.contenders.ours import FILTERED, Ours
from benchmarks.http.measuring import Comparison, Work, driven, row, started
from benchmarks.table import SHOWN, Row, Target

QUESTIONS = 5_000
FLOOR, OURS, ORM = Floor(), Ours(), Orm()

WORKS = (
    Work("F", FLOOR, lambda _world, _server: [FLOOR.page()]),
    Work("nearest", OURS, lambda world, _: [OURS.nearest(place) for place in world.places(QUESTIONS)]),
    Work("filtered nearest", OURS, lambda world, _: [OURS.nearest(at, FILTERED) for at in world.places(QUESTIONS)]),
    Work("door page", OURS, lambda world, _: [OURS.door(code) for code in world.codes[:QUESTIONS]]),
    Work("ORM nearest", ORM, lambda world, _: [ORM.nearest(place) for place in world.places(QUESTIONS)]),
)
COMPARISONS = (
    Comparison("nearest", "F", Target.at_least(0.65)),
    Comparison("filtered nearest", "F", Target.at_least(0.5)),
    Comparison("nearest", "ORM nearest", SHOWN),
    Comparison("door page", "F", Target.at_least(0.8)),
)


def main(bench: Bench, only: str) -> Iterator[Row]:
    """The comparisons that are about `only`."""
    comparisons = [one for one in COMPARISONS if one.is_about(only)]
    with started(bench, WORKS, comparisons) as running:
        rounds = driven(bench, running)
    for comparison in comparisons:
        yield row(comparison, rounds)
