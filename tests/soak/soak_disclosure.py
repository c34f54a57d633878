"""The whole of what tests/usage/figures/test_disclosure.py does in part: `pytest tests/soak/soak_disclosure.py`."""

import pytest

from app.usage.figures.disclosure import Group, disclose
from tests.usage.figures.solver import Told, given_away, months_of, programmed, withheld
from tests.usage.figures.test_disclosure import learned_by_trying

PAIRS = Group("city", {}, (Group("unit", {"a": 0, "b": 0}), Group("other", {"c": 0, "d": 0})))
STEPS = Group("city", {"d": 0}, (Group("district", {"c": 0}, (Group("unit", {"a": 0, "b": 0}),)),))
ROW = Group("city", dict.fromkeys("abcd", 0))


def test_a_linear_program_recovers_no_withheld_figure_of_a_thousand_networks() -> None:
    found, asked = [], 0
    for seed in range(1000):
        for month in months_of(seed, 3):
            disclosed = disclose(month)
            bounds = dict(programmed(Told.of(month, disclosed), withheld(disclosed)))
            asked += len(bounds)
            found += [f"{seed}: {key}" for key in given_away(disclosed, bounds)]
    assert found == []
    assert asked > 15_000


@pytest.mark.parametrize("shape", [PAIRS, STEPS, ROW], ids=["pairs", "steps", "row"])
def test_whoever_tries_every_possible_month_of_four_sites_learns_no_more(shape: Group[str]) -> None:
    assert learned_by_trying(shape, 17) == []
