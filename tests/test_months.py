"""Months in Asia/Shanghai: their edges decide titles."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.months import CLOSES_AFTER, Month, local_date, month_range

ONE_MICROSECOND = timedelta(microseconds=1)
# Shanghai has kept to eight hours before UTC since 1992; earlier years had other offsets.
instants = st.datetimes(datetime(1900, 1, 2), datetime(9990, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
months = st.builds(Month, st.integers(1901, 9990), st.integers(1, 12))


@given(months)
def test_months_tile_time_without_gap_or_overlap(month: Month) -> None:
    assert month.end_at == (month + 1).start_at
    assert Month.of(month.start_at) == month
    assert Month.of(month.end_at - ONE_MICROSECOND) == month
    assert Month.of(month.end_at) == month + 1
    assert Month.of(month.start_at - ONE_MICROSECOND) == month - 1


@given(instants)
def test_an_instant_lies_in_its_month_whatever_its_offset(instant: datetime) -> None:
    month = Month.of(instant)
    assert month.start_at <= instant < month.end_at
    assert Month.of(instant.astimezone(timezone(timedelta(hours=-11)))) == month
    assert month == Month.of_date(local_date(instant))


@given(months)
def test_a_month_closes_72_hours_after_its_end(month: Month) -> None:
    assert timedelta(hours=72) == CLOSES_AFTER
    assert month.closes_at - month.end_at == CLOSES_AFTER
    assert not month.is_closed(month.closes_at - ONE_MICROSECOND)
    assert month.is_closed(month.closes_at)


@given(months)
def test_writing_and_reading_are_inverse(month: Month) -> None:
    assert Month.parse(str(month)) == month


@given(months, st.integers(-500, 500))
def test_adding_is_counting(month: Month, number: int) -> None:
    other = month + number if month.until(Month(9990, 1)) > 500 and month.year > 1950 else month
    assert month.until(other) == (number if other != month else 0)
    assert other - month.until(other) == month
    assert (other > month) is (month.until(other) > 0)


@given(months)
def test_days_are_those_of_the_calendar(month: Month) -> None:
    assert month.first_on == date(month.year, month.month, 1)
    assert month.last_on + timedelta(days=1) == (month + 1).first_on
    assert month.days == (month.last_on - month.first_on).days + 1
    assert 28 <= month.days <= 31


def test_the_edge_lies_at_sixteen_hundred_utc_of_the_day_before() -> None:
    november = Month(2026, 11)
    assert november.start_at == datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert november.end_at == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert november.closes_at == datetime(2026, 12, 3, 16, tzinfo=UTC)
    assert Month.of(datetime(2026, 10, 31, 15, 59, 59, 999_999, tzinfo=UTC)) == Month(2026, 10)
    assert local_date(datetime(2026, 12, 31, 16, tzinfo=UTC)) == date(2027, 1, 1)


def test_summer_time_moved_the_edges_of_some_years() -> None:
    assert Month(1988, 6).start_at == datetime(1988, 5, 31, 15, tzinfo=UTC)


def test_a_leap_february_has_29_days() -> None:
    assert [Month(year, 2).days for year in (2023, 2024, 2000, 2100)] == [28, 29, 29, 28]


def test_the_year_turns() -> None:
    assert Month(2026, 12) + 1 == Month(2027, 1)
    assert Month(2026, 1) - 1 == Month(2025, 12)
    assert month_range(Month(2026, 11), Month(2027, 2)) == [
        Month(2026, 11), Month(2026, 12), Month(2027, 1), Month(2027, 2),
    ]  # fmt: skip
    assert month_range(Month(2026, 2), Month(2026, 1)) == []


WRONG = ("", "2026", "2026-", "2026-1", "2026-13", "2026-00", "26-11", "2026/11", "2026-11-01", " 2026-11", "２026-11")


@pytest.mark.parametrize("text", [*WRONG, "0000-01", "1899-12", "9999-01"])
def test_other_spellings_are_refused_by_name(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        Month.parse(text)
    assert caught.value.params == {"text": text}


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Month.of(datetime(2026, 11, 1))  # noqa: DTZ001


@pytest.mark.parametrize(("year", "month"), [(2026, 0), (2026, 13), (0, 1), (9999, 1)])
def test_there_is_no_such_month(year: int, month: int) -> None:
    with pytest.raises(ValueError, match="no such month"):
        Month(year, month)
