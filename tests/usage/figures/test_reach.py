import random

from app.usage.figures.reach import apart, at_least, clipped, meet, plus, spans, spread, without
from tests.usage.figures.solver import seeded


def numbers(reach: tuple[tuple[int, int], ...]) -> set[int]:
    return {number for first, last in reach for number in range(first, last + 1)}


def some(rng: random.Random) -> tuple[tuple[int, int], ...]:
    starts = [rng.randint(0, 40) for _ in range(rng.randint(1, 3))]
    return spans((start, start + rng.randint(0, 5)) for start in starts)


def test_sets_of_spans_are_sets() -> None:
    rng = seeded(1)
    for _ in range(300):
        one, other = some(rng), some(rng)
        assert numbers(plus(one, other)) <= {a + b for a in numbers(one) for b in numbers(other)}
        assert numbers(meet(one, other)) == numbers(one) & numbers(other)
        assert numbers(without((0, 50), one)) == set(range(51)) - numbers(one)
        assert spread(one) == max(numbers(one)) - min(numbers(one))
        assert at_least(one, 20) == min((number for number in numbers(one) if number >= 20), default=None)


def test_sums_of_few_spans_are_whole() -> None:
    assert plus(((1, 2), (10, 11)), ((0, 0), (100, 101))) == ((1, 2), (10, 11), (101, 103), (110, 112))


def test_many_spans_are_cut_to_the_widest() -> None:
    assert spans([(10 * n, 10 * n + n % 8) for n in range(9)]) == (
        (20, 22),
        (30, 33),
        (40, 44),
        (50, 55),
        (60, 66),
        (70, 77),
    )


def test_spans_that_touch_are_one_and_backward_ones_none() -> None:
    assert spans([(5, 4), (1, 2), (3, 3)]) == ((1, 3),)


def test_the_hull_keeps_what_is_left_of_it() -> None:
    assert clipped((3, 30), ((0, 4), (10, 12), (29, 40))) == (3, 30)
    assert clipped((3, 30), ((10, 12), (40, 50))) == (10, 12)


def test_two_numbers_far_apart_but_no_farther_than_needed() -> None:
    assert apart(((0, 20),), 6) == (7, 13)
    assert apart(((0, 2), (7, 8)), 6) == (2, 8)
    assert apart(((0, 2),), 6) == (0, 2)
