"""Reading: nearest, boxes, the door page."""

from benchmarks.http.contenders.floor import Floor
from benchmarks.http.contenders.orm import Orm
from benchmarks.http.contenders.ours import FILTERED, Ours
from benchmarks.http.measuring import Comparison, Work
from benchmarks.table import SHOWN, Target

QUESTIONS = 5_000
FLOOR, OURS, ORM = Floor(), Ours(), Orm()

WORKS = (
    Work("F", FLOOR, lambda _: [FLOOR.page()]),
    Work("nearest", OURS, lambda world: [OURS.nearest(place) for place in world.places(QUESTIONS)]),
    Work("nearest, filtered", OURS, lambda world: [OURS.nearest(place, FILTERED) for place in world.places(QUESTIONS)]),
    Work("door page", OURS, lambda world: [OURS.door(code) for code in world.codes[:QUESTIONS]]),
    Work("ORM nearest", ORM, lambda world: [ORM.nearest(place) for place in world.places(QUESTIONS)]),
)
COMPARISONS = (
    Comparison("nearest", "F", Target.at_least(0.65)),
    Comparison("nearest, filtered", "F", Target.at_least(0.5)),
    Comparison("nearest", "ORM nearest", SHOWN),
    Comparison("door page", "F", Target.at_least(0.8)),
)
