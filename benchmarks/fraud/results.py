"""Runs room-years through the rule and the detectors and keeps one small row of each."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass

from app.anomalies.detectors import flags, is_flagged
from benchmarks.fraud.door import context_of, days_of
from benchmarks.fraud.families import FAMILIES
from benchmarks.fraud.rooms import ALL_MONTHS
from benchmarks.fraud.roomtypes import BY_CODE
from benchmarks.fraud.scenarios import HONEST, SCENARIOS, RoomYear, room_year


@dataclass(frozen=True)
class Task:
    """One room-year to make; the same task always gives the same row."""

    family: str
    seed: int
    kind: str
    scenario: str
    number: int


@dataclass(frozen=True)
class Row:
    """What came of one room-year. `strengths` of the flags by detector; `uncounted`: share of the attack."""

    task: Task
    mean_monthly: float
    satisfaction: float | None
    reached: bool
    uncounted: float | None
    is_flagged: bool
    strengths: dict[str, float]

    @property
    def detectors(self) -> tuple[str, ...]:
        """The detectors that gave a flag."""
        return tuple(self.strengths)

    def to_json(self) -> dict[str, object]:
        """A flat JSON object."""
        values = asdict(self)
        return {**values.pop("task"), **values}


def tasks(families: Sequence[str], seeds: Sequence[int], rooms: int, attacked: int) -> Iterator[Task]:
    """`rooms` honest room-years and `attacked` of each attack, for every family, seed and kind of room."""
    for family in families:
        for seed in seeds:
            for kind in BY_CODE:
                for scenario in SCENARIOS:
                    for number in range(rooms if scenario == HONEST else attacked):
                        yield Task(family, seed, kind, scenario, number)


def year_of(task: Task) -> RoomYear:
    """The room-year of a task."""
    return room_year(task.seed, BY_CODE[task.kind], task.scenario, task.number, FAMILIES[task.family])


def row_of(task: Task) -> Row:
    """Make the year, judge it, flag it."""
    year = year_of(task)
    found = flags(days_of(year.room, year.judged), context_of(year.room), ALL_MONTHS[0], ALL_MONTHS[-1])
    return Row(
        task=task,
        mean_monthly=round(float(year.judged.monthly().mean()), 2),
        satisfaction=year.satisfaction,
        reached=bool(year.reached),
        uncounted=year.uncounted_share,
        is_flagged=is_flagged(found),
        strengths={flag.detector: flag.strength for flag in found},
    )


def rows_of(wanted: Sequence[Task], jobs: int = 1) -> list[Row]:
    """The rows of all tasks, in their order, made by `jobs` processes."""
    if jobs <= 1:
        return [row_of(task) for task in wanted]
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(row_of, wanted, chunksize=20))
