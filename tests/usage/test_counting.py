"""The published counting rule, and what it promises in every order of arrival."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.months import Month, local_date
from app.usage.counting import CountedUse, Door, Reason, judge, satisfaction_score, time_of_use

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
instants = st.integers(0, 60 * 48).map(lambda minutes: NOON + timedelta(minutes=minutes))


def counted(*minutes: float) -> list[CountedUse]:
    return [CountedUse(UUID(int=n), NOON + timedelta(minutes=after)) for n, after in enumerate(minutes, start=1)]


@pytest.mark.parametrize(
    ("door", "reason"),
    [
        (Door(), None),
        (Door(code_is_live=False), Reason.CODE_REVOKED),
        (Door(site_is_open=False), Reason.SITE_CLOSED),
        (Door(site_is_suspended=True), Reason.SITE_SUSPENDED),
        (Door(code_is_live=False, site_is_open=False, site_is_suspended=True), Reason.CODE_REVOKED),
        (Door(site_is_open=False, site_is_suspended=True), Reason.SITE_CLOSED),
    ],
)
def test_a_use_counts_only_at_a_live_code_of_an_open_site(door: Door, reason: Reason | None) -> None:
    assert judge(NOON, door, counted(-5)).reason == (reason or Reason.TOO_SOON)
    assert judge(NOON, door, []).reason == reason


@pytest.mark.parametrize(
    ("minutes", "reason"), [(29.99, Reason.TOO_SOON), (30, None), (-29.99, Reason.TOO_SOON), (-30, None)]
)
def test_thirty_minutes_on_either_side_are_enough(minutes: float, reason: Reason | None) -> None:
    assert judge(NOON, Door(), counted(minutes)).reason == reason


def test_a_tap_too_soon_names_the_nearest_counted_use() -> None:
    assert judge(NOON, Door(), counted(-29, 10, 25)).repeats == UUID(int=2)


def test_the_fifth_use_of_a_day_does_not_count_and_the_next_day_does() -> None:
    four = counted(-180, -120, -60, 60)
    assert judge(NOON, Door(), four[:3]).is_counted
    assert judge(NOON, Door(), four).reason == Reason.DAILY_LIMIT
    assert judge(NOON + timedelta(hours=12), Door(), four).is_counted


def test_a_day_ends_at_midnight_in_shanghai() -> None:
    midnight = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    four = [CountedUse(UUID(int=n), midnight - timedelta(hours=n)) for n in range(1, 5)]
    assert judge(midnight - timedelta(microseconds=1), Door(), four).reason == Reason.DAILY_LIMIT
    assert judge(midnight, Door(), four).is_counted


@given(st.lists(instants, max_size=30))
def test_in_whatever_order_taps_arrive_counted_uses_keep_apart(arrivals: list[datetime]) -> None:
    uses: list[CountedUse] = []
    for number, at in enumerate(arrivals):
        verdict = judge(at, Door(), uses)
        if verdict.is_counted:
            uses.append(CountedUse(UUID(int=number), at))
        else:
            assert (verdict.reason is Reason.TOO_SOON) == (verdict.repeats in {use.id for use in uses})
    times = sorted(use.used_at for use in uses)
    assert all(after - before >= timedelta(minutes=30) for before, after in pairwise(times))
    days = [local_date(at) for at in times]
    assert all(days.count(day) <= 4 for day in days)
    assert bool(uses) == bool(arrivals)


@given(st.integers(0, 72 * 3600 * 1000), st.integers(0, 6 * 365 * 24 * 3600))
def test_no_accepted_tap_lies_in_a_closed_month(age_ms: int, second: int) -> None:
    now = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    used_at = time_of_use(now, 1_000_000_000_000, 1_000_000_000_000 + age_ms)
    assert used_at is not None
    assert not Month.of(used_at).is_closed(now)


def test_time_of_use_is_the_servers_clock_less_the_wait_on_the_phone() -> None:
    hour = 3_600_000
    now_ms = int(NOON.timestamp() * 1000)
    assert time_of_use(NOON, None, None) == NOON
    assert time_of_use(NOON, now_ms - hour, None) == NOON - timedelta(hours=1)
    wrong_by_a_year = now_ms - 365 * 24 * hour
    assert time_of_use(NOON, wrong_by_a_year, wrong_by_a_year + hour) == NOON - timedelta(hours=1)
    assert time_of_use(NOON, now_ms + hour, None) == NOON
    assert time_of_use(NOON, now_ms - 72 * hour, None) == NOON - timedelta(hours=72)
    assert time_of_use(NOON, now_ms - 72 * hour - 1, None) is None


def test_the_score_is_the_mean_of_the_steps() -> None:
    assert satisfaction_score([0, 0, 0, 0, 0]) is None
    assert satisfaction_score([0, 0, 0, 0, 3]) == 100
    assert satisfaction_score([3, 0, 0, 0, 0]) == 20
    assert satisfaction_score([0, 0, 0, 1, 1]) == 90
    assert satisfaction_score([1, 1, 1, 1, 1]) == 60
