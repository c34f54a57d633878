"""Somebody who wants to know the withheld numbers: random months, and what bounds their releases leave.

Two solvers that know nothing of each other: bounds pushed up and down the tree, exact because every number stands in
one sum as a part and in one as a total; and the same questions as linear programs.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf

import numpy as np
from scipy.optimize import linprog

from app.usage.figures.disclosure import Disclosed, Group

Bounds = tuple[float, float]
NUMBERS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 17, 18, 40, 250)


def seeded(seed: int) -> random.Random:
    """Chance that can be had again."""
    return random.Random(seed)  # noqa: S311  no secret is made of it


def random_month(rng: random.Random) -> Group[str]:
    """One city, its numbers near the edges or like those of real rooms; unions of any level have sites or none."""
    names = iter(range(10**6))
    mean = rng.choice([0, 2, 6, 15, 60])

    def number() -> int:
        return _number(rng, mean)

    def group(depth: int) -> Group[str]:
        cells = {f"s{next(names)}": number() for _ in range(rng.randint(0, 4) if depth else rng.randint(1, 4))}
        parts = tuple(group(depth - 1) for _ in range(rng.randint(1, 4) if depth else 0))
        return Group(f"u{next(names)}", cells, parts)

    return group(rng.randint(0, 2))


def _number(rng: random.Random, mean: int) -> int:
    return int(rng.expovariate(1 / mean)) if mean else rng.choice(NUMBERS)


def months_of(seed: int, months: int) -> Iterator[Group[str]]:
    """Months of one network: every site has a new number each month, and about every tenth is not open."""
    rng = seeded(seed)
    network = random_month(rng)

    def another(group: Group[str]) -> Group[str]:
        cells = {key: _number(rng, rng.choice([0, 4, 30])) for key in group.cells if rng.random() < 0.9}
        return Group(group.key, cells, tuple(map(another, group.parts)))

    yield network
    for _ in range(months - 1):
        yield another(network)


@dataclass
class Told:
    """A release as its reader writes it down: bounds of each figure by itself, and which add up to which."""

    bounds: dict[str, Bounds] = field(default_factory=dict)
    parts: dict[str, list[str]] = field(default_factory=dict)
    """In an order in which every total comes after its parts."""

    @classmethod
    def of(cls, root: Group[str], disclosed: Disclosed[str]) -> "Told":
        told = cls()
        told._read(root, disclosed)
        return told

    def _read(self, group: Group[str], disclosed: Disclosed[str]) -> None:
        for part in group.parts:
            self._read(part, disclosed)
        self.parts[group.key] = [*group.cells, *(part.key for part in group.parts)]
        self.bounds |= {key: published_bounds(disclosed.cells[key], (1, 7)) for key in group.cells}
        self.bounds[group.key] = published_bounds(disclosed.totals[group.key], (0, inf))


def published_bounds(number: int | None, withheld: Bounds) -> Bounds:
    """What a figure says by itself: the release says that sites withhold exactly 1 to 7."""
    if number is None:
        return withheld
    return (0, 0) if number == 0 else (max(8, number - 2), number + 2)


def propagated(told: Told) -> dict[str, Bounds]:
    """The exact bounds of every figure, given all others."""
    bounds = dict(told.bounds)
    for total, parts in told.parts.items():
        added = (sum(bounds[part][0] for part in parts), sum(bounds[part][1] for part in parts))
        bounds[total] = _meet(bounds[total], added)
    for total, parts in reversed(told.parts.items()):
        low, high = sum(bounds[part][0] for part in parts), sum(bounds[part][1] for part in parts)
        for part in parts:
            low_rest, high_rest = low - bounds[part][0], high - bounds[part][1]
            bounds[part] = _meet(bounds[part], (bounds[total][0] - high_rest, bounds[total][1] - low_rest))
    return bounds


def _meet(one: Bounds, other: Bounds) -> Bounds:
    met = (max(one[0], other[0]), min(one[1], other[1]))
    assert met[0] <= met[1], "a release says nothing impossible"
    return met


def programmed(told: Told, figures: list[str]) -> Iterator[tuple[str, Bounds]]:
    """The bounds of some figures by linear programming; whole, because the constraints are a tree's."""
    place = {key: number for number, key in enumerate(told.bounds)}
    equal = np.zeros((len(told.parts), len(place)))
    for row, (total, parts) in enumerate(told.parts.items()):
        equal[row, place[total]] = -1
        equal[row, [place[part] for part in parts]] = 1
    box = [told.bounds[key] for key in place]
    for key in figures:
        aim = np.zeros(len(place))
        aim[place[key]] = 1
        ends = [linprog(sign * aim, A_eq=equal, b_eq=np.zeros(len(equal)), bounds=box) for sign in (1, -1)]
        assert all(end.status == 0 for end in ends)
        yield key, (round(ends[0].fun), round(-ends[1].fun))


def given_away(disclosed: Disclosed[str], bounds: Mapping[str, Bounds]) -> list[str]:
    """The withheld figures among ``bounds`` of which their reader knows more than she may."""
    sites = [key for key, said in disclosed.cells.items() if said is None and bounds.get(key, (1, 7)) != (1, 7)]
    totals = [key for key, said in disclosed.totals.items() if said is None and key in bounds]
    return sites + [key for key in totals if bounds[key][1] - bounds[key][0] < 5]


def withheld(disclosed: Disclosed[str]) -> list[str]:
    """Every figure that is not published."""
    return [key for key, said in (disclosed.cells | disclosed.totals).items() if said is None]
