"""The chart's geometry."""

from fractions import Fraction

import pytest

from app.months import Month
from app.programme.chart import month_chart, shares, tick_step
from app.rulebooks import Facts, SiteMonthFacts

LAST = Month(2026, 11)


def facts(**months: tuple[int, int]) -> Facts:
    """Facts with (recorded, counted) by month, m2026_10=(5, 3)."""
    found = {}
    for name, (recorded, counted) in months.items():
        month = Month.parse(name[1:].replace("_", "-"))
        found[month] = SiteMonthFacts(month, recorded, counted)
    return Facts("1", "x", "room", "public", months=found)


def test_bars_stand_on_the_base_and_inside_the_frame() -> None:
    chart = month_chart(facts(m2026_10=(130, 120), m2026_11=(7, 7)), LAST, 13, Fraction(100), {Month(2026, 2)})
    assert [str(bar.month) for bar in chart.bars][0::12] == ["2025-11", "2026-11"]
    for bar in chart.bars:
        assert bar.recorded_y + bar.recorded_height == pytest.approx(chart.base, abs=0.11)
        assert bar.counted_y + bar.counted_height == pytest.approx(chart.base, abs=0.11)
        assert chart.left <= bar.x < bar.x + bar.width <= chart.right
        assert bar.counted_height <= bar.recorded_height
    assert chart.threshold_y is not None
    assert chart.bars[-2].counted_y < chart.threshold_y < chart.bars[-1].counted_y
    assert [bar.left_out for bar in chart.bars].index(True) == 3
    assert [bar.is_current for bar in chart.bars] == [False] * 12 + [True]


def test_an_empty_chart_has_a_frame() -> None:
    chart = month_chart(Facts("1", "x", "room", "public"), LAST, 13, None, set())
    assert len(chart.ticks) == 2
    assert chart.threshold_y is None


@pytest.mark.parametrize(
    ("highest", "step"), [(1, 1), (5, 1), (6, 2), (10, 2), (11, 5), (100, 20), (101, 50), (999, 200), (123456, 50000)]
)
def test_ticks_are_round_and_few(highest: int, step: int) -> None:
    assert tick_step(highest) == step


def test_five_ticks_suffice() -> None:
    assert all(tick_step(highest) * 5 >= highest for highest in range(1, 20_000))


def test_shares() -> None:
    assert shares((0, 5, 10)) == (0, 50, 100)
    assert shares((0, 0)) == (0, 0)
    assert shares(()) == ()
