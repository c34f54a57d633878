"""Heat maps and lines of numbers."""

from datetime import date

from app.anomalies.charts import SHADES, days_by_hour, month_lines, months_by_hour
from app.months import Month
from tests.anomalies.helpers import at, days_of, use

FEBRUARY = Month(2026, 2)


def test_shades_go_from_none_to_the_most() -> None:
    events = [use(at(date(2026, 2, 3), 9, n)) for n in range(12)] + [use(at(date(2026, 2, 28), 23))]
    rows = days_by_hour(days_of(events), FEBRUARY)
    assert [row.label for row in rows] == [str(day) for day in range(1, 29)]
    assert (rows[2].shades[9], rows[27].shades[23], rows[0].shades[9]) == (SHADES, 1, 0)
    assert (rows[2].total, rows[27].total) == (12, 1)


def test_a_month_without_uses_is_a_line_of_zeros() -> None:
    (row,) = months_by_hour({}, FEBRUARY, FEBRUARY)
    assert (row.hours, row.shades) == ((0,) * 24, (0,) * 24)
    (line,) = month_lines({}, FEBRUARY, FEBRUARY)
    assert (line.counted, line.closed, line.satisfaction, line.most_60) == (0, None, None, 0)


def test_the_numbers_of_a_month() -> None:
    events = [use(at(date(2026, 2, 3), 21), step=5), use(at(date(2026, 2, 4), 9), step=4), use(at(date(2026, 3, 1), 9))]
    february, march = month_lines(days_of(events), FEBRUARY, FEBRUARY + 1)
    assert (february.counted, february.closed, february.ratings, february.satisfaction) == (2, 1, 2, 90.0)
    assert (march.counted, march.closed, march.satisfaction) == (1, 0, None)
