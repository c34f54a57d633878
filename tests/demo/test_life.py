"""How the union side of the demonstration is told: its steps and its dates. What it brings about: `tests.demo.life`."""

from datetime import UTC, datetime

import pytest

from app.demo import services
from app.demo.life import PARTS
from app.demo.stage import Stage
from app.months import local_date
from app.rulebooks import load

RULEBOOK = "qingdao-2023"


def test_the_bar_counts_every_part() -> None:
    assert services.steps() == 2 * 36 + len(PARTS) + 1


@pytest.mark.parametrize("day", [(2027, 1, 1), (2027, 3, 1), (2026, 12, 31), (2028, 2, 29)])
def test_this_year_begins_on_its_first_day(day: tuple[int, int, int]) -> None:
    stage = Stage(datetime(*day, 4, tzinfo=UTC), load(RULEBOOK), {}, {})
    assert local_date(stage.this_year(100)).year == stage.today.year
    assert stage.this_year(100) <= stage.now
    assert local_date(stage.this_year(0)) == stage.today
