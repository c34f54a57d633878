"""Geometry of the month chart and the rating bars: numbers in, numbers for SVG attributes out. Pure."""

import math
from dataclasses import dataclass
from fractions import Fraction

from app.months import Month, month_range
from app.rulebooks.facts import Facts

WIDTH, HEIGHT = 310, 180
LEFT, RIGHT, TOP, BOTTOM = 34, 4, 14, 30
STEPS_OF_TEN = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Bar:
    """One month: x and width of its slot, y and height of both bars, in units of the view box."""

    month: Month
    recorded: int
    counted: int
    x: float
    width: float
    recorded_y: float
    recorded_height: float
    counted_y: float
    counted_height: float
    left_out: bool
    is_current: bool
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole chart. `ticks` are (value, y); `threshold_y` is null without a threshold."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[int, float], ...]
    threshold_y: float | None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM


def month_chart(facts: Facts, last: Month, number: int, threshold: Fraction | None, left_out: set[Month]) -> Chart:
    """Bars of `number` months up to `last`, which is not over yet, with the threshold of the mean as a line."""
    months = month_range(last - (number - 1), last)
    tallies = facts.months or {}
    values = [(tallies[m].recorded, tallies[m].counted) if m in tallies else (0, 0) for m in months]
    highest = max([recorded for recorded, _ in values] + [math.ceil(threshold or 0), 1])
    step = tick_step(highest)
    top = step * math.ceil(highest / step)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top, 1)

    slot = (WIDTH - LEFT - RIGHT) / number
    bars = tuple(
        Bar(
            month=month,
            recorded=recorded,
            counted=counted,
            x=round(LEFT + slot * (index + 0.12), 1),
            width=round(slot * 0.76, 1),
            recorded_y=y(recorded),
            recorded_height=round(y(0) - y(recorded), 1),
            counted_y=y(counted),
            counted_height=round(y(0) - y(counted), 1),
            left_out=month in left_out,
            is_current=month == last,
            label=f"{month.month}",
        )
        for index, (month, (recorded, counted)) in enumerate(zip(months, values, strict=True))
    )
    ticks = tuple((value, y(value)) for value in range(0, top + 1, step))
    return Chart(bars, ticks, y(float(threshold)) if threshold is not None else None)


def tick_step(highest: int) -> int:
    """A round distance between ticks, so that there are at most five above zero."""
    power = int("1" + "0" * (len(str(max(highest // 5, 1))) - 1))
    return next(step * power for step in STEPS_OF_TEN if step * power * 5 >= highest)


def shares(counts: tuple[int, ...]) -> tuple[float, ...]:
    """Each count as a share of the largest, 0 to 100."""
    largest = max(counts, default=0)
    return tuple(round(100 * count / largest, 1) if largest else 0.0 for count in counts)
