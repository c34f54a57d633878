"""What the pages draw from the stored days: heat maps of hours, and a line of numbers for each month. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.anomalies.signals import NOTHING, Signals
from app.months import Month, month_range
from app.usage.counting import satisfaction_score

SHADES = 6


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a heat map: uses by local hour, 24, each with its shade, 0 (none) to `SHADES`."""

    label: str
    hours: tuple[int, ...]
    shades: tuple[int, ...]

    @property
    def total(self) -> int:
        """All uses of the line."""
        return sum(self.hours)


@dataclass(frozen=True, slots=True)
class MonthLine:
    """The numbers of one month. `satisfaction` is 20 to 100, None without a rating; `on_site` were proven on site."""

    month: Month
    recorded: int
    counted: int
    closed: int | None
    most_10: int
    most_60: int
    top_device: int
    ratings: int
    satisfaction: float | None
    on_site: int


def days_by_hour(days: Mapping[date, Signals], month: Month) -> list[Row]:
    """The hours of each day of a month."""
    dates = [month.first_on + timedelta(days=n) for n in range(month.days)]
    return _shaded([(str(on.day), days.get(on, NOTHING).hours) for on in dates])


def months_by_hour(days: Mapping[date, Signals], first: Month, last: Month) -> list[Row]:
    """The hours of each month, both included."""
    return _shaded([(str(month), _sum(_of(days, month))) for month in month_range(first, last)])


def month_lines(days: Mapping[date, Signals], first: Month, last: Month) -> list[MonthLine]:
    """The numbers of each month, both included."""
    return [_line(month, _of(days, month)) for month in month_range(first, last)]


def _of(days: Mapping[date, Signals], month: Month) -> list[Signals]:
    return [signals for on, signals in days.items() if Month.of_date(on) == month]


def _sum(signals: Iterable[Signals]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*(one.hours for one in signals), strict=True))) or NOTHING.hours


def _shaded(lines: Sequence[tuple[str, tuple[int, ...]]]) -> list[Row]:
    most = max((number for _label, hours in lines for number in hours), default=0)
    most = max(most, 1)
    return [Row(label, hours, tuple(-(-number * SHADES // most) for number in hours)) for label, hours in lines]


def _line(month: Month, days: Sequence[Signals]) -> MonthLine:
    steps = [sum(one.steps[step] for one in days) for step in range(5)]
    closed = [one.closed for one in days if one.closed is not None]
    return MonthLine(
        month=month,
        recorded=sum(one.recorded for one in days),
        counted=sum(one.counted for one in days),
        closed=sum(closed) if closed else None,
        most_10=max((one.most_10 for one in days), default=0),
        most_60=max((one.most_60 for one in days), default=0),
        top_device=max((one.top_device for one in days), default=0),
        ratings=sum(steps),
        satisfaction=satisfaction_score(steps),
        on_site=sum(one.on_site for one in days),
    )
