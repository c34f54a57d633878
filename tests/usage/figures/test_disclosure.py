import itertools
from collections import defaultdict
from collections.abc import Iterator

import pytest

from app.usage.figures.disclosure import Disclosed, Group, disclose, rounded
from tests.usage.figures.solver import (
    NUMBERS,
    Told,
    given_away,
    months_of,
    programmed,
    propagated,
    random_month,
    seeded,
    withheld,
)

Release = tuple[tuple[tuple[str, int | None], ...], tuple[tuple[str, int | None], ...]]
FLAT = Group("city", {"a": 0, "b": 0})
DEEP = Group("city", {"c": 0}, (Group("unit", {"a": 0, "b": 0}),))
CHAIN = Group("city", {}, (Group("unit", {"a": 0}), Group("other", {"b": 0})))


@pytest.mark.parametrize(
    ("number", "published"), [(0, 0), (1, None), (7, None), (8, 10), (12, 10), (13, 15), (17, 15), (1000, 1000)]
)
def test_a_site_alone(number: int, published: int | None) -> None:
    disclosed = disclose(Group("unit", {"site": number}))
    assert (disclosed.cells, disclosed.totals) == ({"site": published}, {"unit": published})


def test_a_total_without_small_parts_is_always_published() -> None:
    disclosed = disclose(Group("unit", {f"s{number}": number for number in (0, 8, 9, 100)}))
    assert disclosed.totals == {"unit": 115}


def test_small_parts_hide_in_a_crowd() -> None:
    disclosed = disclose(Group("unit", dict(zip("abcdefgh", (1, 2, 3, 4, 5, 6, 40, 90), strict=True))))
    assert [disclosed.cells[key] for key in "abcdefgh"] == [None] * 6 + [40, 90]
    assert disclosed.totals == {"unit": 150}


@pytest.mark.parametrize("numbers", [(1, 1, 1), (7, 7, 7)])
def test_a_total_at_the_edge_of_what_its_parts_can_be_is_withheld(numbers: tuple[int, ...]) -> None:
    assert disclose(Group("unit", dict(zip("abc", numbers, strict=True)))).totals == {"unit": None}


def test_a_union_without_sites_has_none() -> None:
    assert disclose(Group("unit")).totals == {"unit": 0}


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(ValueError, match="never negative: -1"):
        disclose(Group("unit", {"a": -1}))


def test_a_hundred_withheld_districts_of_every_shape_still_give_a_city() -> None:
    parts = tuple(Group(f"u{n}", {f"s{n}.{m}": 1 + (n + m) % 9 for m in range(1 + n % 7)}) for n in range(100))
    assert disclose(Group("city", {}, parts)).totals["city"] is not None


def test_three_months_of_a_thousand_networks_give_no_withheld_figure_away() -> None:
    found = []
    for seed in range(1000):
        for month in months_of(seed, 3):
            disclosed = disclose(month)
            found += [f"{seed}: {key}" for key in given_away(disclosed, propagated(Told.of(month, disclosed)))]
    assert found == []


def test_a_linear_program_finds_the_same_bounds() -> None:
    """Every figure of 12 months here; `tests/soak/soak_disclosure.py` asks it about a thousand."""
    for seed in range(12):
        root = random_month(seeded(seed))
        disclosed = disclose(root)
        told = Told.of(root, disclosed)
        bounds = propagated(told)
        assert dict(programmed(told, withheld(disclosed))) == {key: bounds[key] for key in withheld(disclosed)}


def test_the_solver_would_find_what_rounding_alone_gives_away() -> None:
    found = 0
    for seed in range(200):
        root = random_month(seeded(seed))
        careful = disclose(root)
        careless = Disclosed(careful.cells, {key: rounded(total) for key, total in totals(root)})
        told = Told.of(root, careless)
        told.bounds |= {key: (total - 2, total + 2) for key, total in careless.totals.items() if total is not None}
        found += bool(given_away(careless, propagated(told)))
    assert found > 50


def totals(group: Group[str]) -> Iterator[tuple[str, int]]:
    below = [pair for part in group.parts for pair in totals(part)]
    own = {part.key for part in group.parts}
    yield from below
    yield group.key, sum(group.cells.values()) + sum(total for key, total in below if key in own)


@pytest.mark.parametrize(("shape", "top"), [(FLAT, 17), (CHAIN, 17), (DEEP, 12)], ids=["flat", "chain", "deep"])
def test_whoever_tries_every_possible_month_in_this_program_learns_no_more(shape: Group[str], top: int) -> None:
    assert learned_by_trying(shape, top) == []


def learned_by_trying(shape: Group[str], top: int) -> list[str]:
    """The withheld figures that can be narrowed by running the program on all months with numbers up to ``top``."""
    months: defaultdict[Release, list[tuple[int, ...]]] = defaultdict(list)
    keys = [key for key, _ in leaves(shape)]
    for numbers in itertools.product(range(top + 1), repeat=len(keys)):
        disclosed = disclose(filled(shape, dict(zip(keys, numbers, strict=True))))
        months[tuple(disclosed.cells.items()), tuple(disclosed.totals.items())].append(numbers)
    return [
        line for release, alike in months.items() if is_whole(release, top) for line in narrow(release, keys, alike)
    ]


def is_whole(release: Release, top: int) -> bool:
    """Whether all months with this release were tried, none of whose numbers lies beyond ``top``."""
    return all(said is None or said + 2 <= top for _, said in release[0])


def narrow(release: Release, keys: list[str], alike: list[tuple[int, ...]]) -> Iterator[str]:
    for key, said in release[0]:
        seen = {numbers[keys.index(key)] for numbers in alike}
        if said is None and seen != set(range(1, 8)):
            yield f"{release}: {key} is one of {seen}"
    sums = {sum(numbers) for numbers in alike}
    if release[1][-1][1] is None and max(sums) - min(sums) < 5:
        yield f"{release}: the city is one of {sums}"


def leaves(group: Group[str]) -> Iterator[tuple[str, int]]:
    for part in group.parts:
        yield from leaves(part)
    yield from group.cells.items()


def filled(group: Group[str], numbers: dict[str, int]) -> Group[str]:
    return Group(group.key, {key: numbers[key] for key in group.cells}, tuple(filled(p, numbers) for p in group.parts))


def test_the_order_of_sites_does_not_matter() -> None:
    rng = seeded(5)
    for _ in range(50):
        cells = {f"s{n}": rng.choice(NUMBERS) for n in range(rng.randint(1, 9))}
        shuffled = dict(rng.sample(sorted(cells.items()), len(cells)))
        assert disclose(Group("u", cells)) == disclose(Group("u", shuffled))
