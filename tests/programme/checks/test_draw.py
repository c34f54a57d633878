"""The draw: the same everywhere, as large as asked, and heavier sites come more often."""

import subprocess
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.programme.checks.draw import (
    FLAGGED,
    HEAVIEST,
    NOT_VISITED,
    POOR,
    Standing,
    best_lot,
    draw,
    normal_seed,
    reasons_for,
    size_of,
    weight_of,
)

weights = st.dictionaries(st.integers(1, 2**31 - 1), st.integers(1, 8), max_size=60)
seeds = st.text(min_size=1, max_size=60).filter(lambda text: bool(normal_seed(text)))
YEAR = 2026


def test_this_seed_has_always_given_this_draw() -> None:
    """Fixed for ever: a draw of rule 1 has to give the same sites in ten years."""
    assert draw("双色球 2026135", {1: 1, 2: 4, 3: 1, 4: 6, 5: 1, 6: 3}, 3) == [4, 2, 6]


def test_anybody_can_check_a_lot_with_a_shell() -> None:
    shell = "printf 'xiaowu-draw-1\\n%s\\n17\\n1' '双色球 2026135' | sha256sum"
    printed = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True).stdout.split()[0]
    assert best_lot("双色球 2026135", 17, 1).number == int(printed, 16)


@given(seeds, weights, st.integers(0, 80))
def test_the_order_of_the_candidates_does_not_matter(seed: str, of: dict[int, int], size: int) -> None:
    backwards = dict(reversed(of.items()))
    assert draw(seed, of, size) == draw(seed, backwards, size)


@given(seeds, weights, st.integers(0, 80))
def test_as_many_different_candidates_as_asked(seed: str, of: dict[int, int], size: int) -> None:
    drawn = draw(seed, of, size)
    assert len(drawn) == len(set(drawn)) == min(size, len(of))
    assert set(drawn) <= set(of)
    assert draw(seed, of, size + 1)[: len(drawn)] == drawn


@given(seeds, weights, st.integers(1, 2**31 - 1))
def test_a_site_that_leaves_changes_nothing_for_the_others(seed: str, of: dict[int, int], left: int) -> None:
    without = {site: weight for site, weight in of.items() if site != left}
    assert [site for site in draw(seed, of, len(of)) if site != left] == draw(seed, without, len(without))


@given(seeds, st.integers(1, 10**6), st.integers(1, HEAVIEST - 1))
def test_one_more_lot_never_hurts(seed: str, site: int, weight: int) -> None:
    assert best_lot(seed, site, weight + 1).number <= best_lot(seed, site, weight).number


@given(st.fractions(0, 1), st.integers(0, 10_000))
def test_the_size_is_the_share_rounded_up(share: Fraction, number: int) -> None:
    size = size_of(share, number)
    assert size - 1 < share * number <= size


def test_half_of_seven_is_four() -> None:
    assert [size_of(Fraction(1, 2), number) for number in (0, 1, 2, 7, 8)] == [0, 1, 1, 4, 4]


def test_weights_matter_as_much_as_they_say() -> None:
    """A site with four lots against three with one is first in four of seven draws; 2,000 seeds, five sigma."""
    first = [draw(f"seed {number}", {1: 4, 2: 1, 3: 1, 4: 1}, 1)[0] for number in range(2000)]
    assert abs(first.count(1) - 2000 * 4 / 7) < 5 * (2000 * 4 / 7 * 3 / 7) ** 0.5
    assert abs(first.count(2) - 2000 / 7) < 5 * (2000 * 1 / 7 * 6 / 7) ** 0.5


def test_a_seed_read_aloud_and_typed_again_is_the_same() -> None:
    assert normal_seed(" ２０２６　１３５\n") == "2026 135"
    assert draw("２０２６　１３５", {1: 1, 2: 1}, 1) == draw("2026 135", {1: 1, 2: 1}, 1)


@pytest.mark.parametrize(
    ("seed", "of", "size"), [("", {1: 1}, 1), (" \0", {1: 1}, 1), ("x", {1: 0}, 1), ("x", {1: 100}, 1), ("x", {}, -1)]
)
def test_what_is_no_draw_is_refused(seed: str, of: dict[int, int], size: int) -> None:
    with pytest.raises(ValueError, match=r"weight|seed"):
        draw(seed, of, size)


@pytest.mark.parametrize(("share", "number"), [(Fraction(3, 2), 4), (Fraction(-1, 2), 4), (Fraction(1, 2), -1)])
def test_what_is_no_share_is_refused(share: Fraction, number: int) -> None:
    with pytest.raises(ValueError, match="share"):
        size_of(share, number)


@pytest.mark.parametrize(
    ("standing", "reasons"),
    [
        (Standing(), (NOT_VISITED,)),
        (Standing(date(YEAR - 1, 1, 1), "passed", Fraction(85, 100)), ()),
        (Standing(date(YEAR - 2, 12, 31), "passed", Fraction(1)), (NOT_VISITED,)),
        (Standing(date(YEAR, 3, 1), "passed", Fraction(8499, 10000)), (POOR,)),
        (Standing(date(YEAR, 3, 1), "rectify", None), (POOR,)),
        (Standing(date(YEAR, 3, 1), "failed", Fraction(1)), (POOR,)),
        (Standing(None, "failed", None, is_flagged=True), (NOT_VISITED, POOR, FLAGGED)),
    ],
)
def test_why_a_site_has_more_lots(standing: Standing, reasons: tuple[str, ...]) -> None:
    assert reasons_for(standing, YEAR) == reasons
    assert weight_of(reasons) == 1 + 3 * (NOT_VISITED in reasons) + 2 * (POOR in reasons) + 2 * (FLAGGED in reasons)
