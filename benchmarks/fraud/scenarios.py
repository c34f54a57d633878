"""One room-year of a seed, a kind of room and a scenario: honest, or one of the ten attacks."""

import zlib
from dataclasses import dataclass

import numpy as np

from app.usage.counting import satisfaction_score
from benchmarks.fraud.attacks import ATTACKS, STUFFING, Case, attack, late_fives
from benchmarks.fraud.door import Judged, judged
from benchmarks.fraud.families import Family
from benchmarks.fraud.honest import honest_taps, rate
from benchmarks.fraud.rooms import MONTHS, Room, draw_room, draw_steps
from benchmarks.fraud.roomtypes import RoomType
from benchmarks.fraud.taps import Names, Taps

HONEST = "honest"
SCENARIOS = (HONEST, *ATTACKS)
WANTED_SCORE = 90


@dataclass(frozen=True)
class RoomYear:
    """A room and its judged taps; `reached` says whether it has the uses and the satisfaction that the title asks."""

    room: Room
    scenario: str
    judged: Judged

    @property
    def uncounted_share(self) -> float | None:
        """Share of the attack's taps that the rule does not count; None without an attack's taps."""
        fake = self.judged.taps.is_fake
        return None if not fake.any() else float(1 - self.judged.is_counted[fake].mean())

    @property
    def satisfaction(self) -> float | None:
        """Score of the ratings of counted uses, 20 to 100."""
        steps = np.bincount(self.judged.taps.step[self.judged.is_counted], minlength=6)[1:]
        return satisfaction_score(steps.tolist())

    @property
    def reached(self) -> bool:
        """Whether the title's numbers are reached."""
        return self.judged.monthly().mean() >= self.room.threshold and (self.satisfaction or 0) >= WANTED_SCORE


def room_year(seed: int, kind: RoomType, scenario: str, number: int, family: Family) -> RoomYear:
    """The same arguments give the same year, whatever else is asked for. `number` tells rooms of a scenario apart."""
    key = [zlib.crc32(text.encode()) for text in (family.name, kind.code, scenario)]
    rng = np.random.default_rng([seed, *key, number])
    names = Names()
    if scenario == HONEST:
        room = draw_room(kind, family, rng)
        return RoomYear(room, scenario, judged(room, honest_taps(room, names, rng)))
    if scenario == STUFFING:
        return _stuffed(kind, family, names, rng)
    room = draw_room(kind, family, rng, level=kind.threshold * rng.uniform(*family.ways.base))
    honest = honest_taps(room, names, rng)
    wanted = np.ceil(kind.threshold * rng.uniform(1.0, 1.06, MONTHS)).astype(int)
    missing = concentrated(
        np.maximum(0, wanted - judged(room, honest).monthly()), rng.uniform(*family.ways.months), rng
    )
    added = attack(scenario, Case(room, names, missing), rng)
    added = rate(added, rng.uniform(0, 0.5), draw_steps(rng.uniform(0.9, 1), rng), rng)
    return RoomYear(room, scenario, judged(room, Taps.joined([honest, added])))


def concentrated(missing: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """The same sum in a `share` of the months only, shape (12,)."""
    chosen = rng.permutation(MONTHS)[: max(1, round(share * MONTHS))]
    weights = np.where(np.isin(np.arange(MONTHS), chosen), missing, 0)
    return np.asarray(np.ceil(weights * missing.sum() / max(weights.sum(), 1)).astype(int))


def unhappy_steps(rng: np.random.Generator) -> np.ndarray:
    """Chances of ratings 1 to 5 whose score lies between 70 and 86."""
    while True:
        steps = draw_steps(rng.uniform(0.15, 0.6), rng)
        if 70 <= float(steps @ np.arange(20, 101, 20)) <= 86:
            return steps


def _stuffed(kind: RoomType, family: Family, names: Names, rng: np.random.Generator) -> RoomYear:
    """A room with the uses but without the satisfaction, and the best ratings that lift it to 90."""
    room = draw_room(kind, family, rng, level=kind.threshold * rng.uniform(0.9, 1.6))
    honest = rate(honest_taps(room, names, rng), room.rated, unhappy_steps(rng), rng)
    before = judged(room, honest)
    steps = before.taps.step[before.is_counted & (before.taps.step > 0)]
    short = np.maximum(0, (WANTED_SCORE - 20 * steps).sum() / (100 - WANTED_SCORE)) * 1.05
    case = Case(room, names, np.full(MONTHS, int(np.ceil(short / MONTHS))))
    if rng.random() < 0.3:
        return RoomYear(room, STUFFING, judged(room, late_fives(case, honest, rng)))
    return RoomYear(room, STUFFING, judged(room, Taps.joined([honest, attack(STUFFING, case, rng)])))
