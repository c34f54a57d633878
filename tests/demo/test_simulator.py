"""The simulator: repeatable, exact where a verdict hangs on it, and obedient to the published counting rule."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from app.demo.scenario import MONTHS, network
from app.demo.simulator import Pattern, Room, Tap, simulate
from app.months import Month, local_date, month_range
from app.usage.counting import DAILY_LIMIT, MINIMUM_GAP, Reason

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
WINDOW = month_range(Month.of(NOW) - 12, Month.of(NOW) - 1)
WEEKDAYS = Pattern(
    weekdays=(1, 1, 1, 1, 1, 0, 0), holiday=0, hours=(0,) * 9 + (1,) * 8 + (0,) * 7, sessions=(0.5, 0.3, 0.2), pool=6
)
PLAIN = Room(
    pattern=WEEKDAYS,
    monthly_uses=62.5,
    rated=0.4,
    ratings=(0, 0, 0, 0.5, 0.5),
    opened_on=date(2020, 1, 1),
    double_taps=0.2,
)


def counted(taps: list[Tap]) -> Counter[str]:
    return Counter(str(Month.of(tap.used_at)) for tap in taps if tap.reason is None)


def test_same_seed_gives_the_same_taps_and_another_seed_does_not() -> None:
    assert simulate(PLAIN, MONTHS, NOW, (1, 2)) == simulate(PLAIN, MONTHS, NOW, (1, 2))
    assert simulate(PLAIN, MONTHS, NOW, (1, 2)) != simulate(PLAIN, MONTHS, NOW, (1, 3))


@pytest.mark.parametrize("seed", range(5))
def test_the_mean_of_the_last_twelve_whole_months_is_exact(seed: int) -> None:
    per_month = counted(simulate(PLAIN, MONTHS, NOW, (seed,)))
    assert sum(per_month[str(month)] for month in WINDOW) == 12 * 62.5
    assert len(set(per_month.values())) > 3


def test_nothing_lies_after_the_end_or_before_the_first_month() -> None:
    taps = simulate(PLAIN, MONTHS, NOW, (1,))
    assert (Month.of(NOW) - MONTHS).start_at <= taps[0].used_at <= taps[-1].used_at < NOW
    assert all(tap.rated_at is None or tap.used_at < tap.rated_at < NOW for tap in taps)
    assert Month.of(taps[0].used_at) == Month.of(NOW) - MONTHS


def test_every_tap_obeys_the_counting_rule() -> None:
    by_person: dict[tuple[bytes, date], list[Tap]] = defaultdict(list)
    taps = simulate(PLAIN, MONTHS, NOW, (1,))
    for tap in taps:
        by_person[tap.person, local_date(tap.used_at)].append(tap)
    for mine in by_person.values():
        times = [tap.used_at for tap in mine if tap.reason is None]
        assert len(times) <= DAILY_LIMIT
        assert all(later - earlier >= MINIMUM_GAP for earlier, later in pairwise(times))
    repeated = [tap for tap in taps if tap.reason is Reason.TOO_SOON]
    assert len(repeated) > 50
    assert all(tap.repeats and tap.step is None for tap in repeated)


def test_holidays_and_weekends_are_quiet_and_made_up_working_days_are_not() -> None:
    days = {local_date(tap.used_at) for tap in simulate(PLAIN, MONTHS, NOW, (1,))}
    assert not any(date(2026, 10, 1) <= day <= date(2026, 10, 7) for day in days)
    weekend = {day for day in days if day.weekday() >= 5}
    assert weekend
    assert weekend <= {date(2025, 9, 28), date(2025, 10, 11), date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28),
                       date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10)}  # fmt: skip


def test_a_room_is_empty_before_it_opened_and_uncounted_while_suspended() -> None:
    opened = date(2026, 6, 1)
    month = Month(2026, 8)
    room = Room(
        pattern=WEEKDAYS, monthly_uses=60, rated=0, ratings=(0, 0, 0, 0, 1), opened_on=opened,
        suspended=((month.start_at, month.end_at),),
    )  # fmt: skip
    taps = simulate(room, MONTHS, NOW, (1,))
    assert min(local_date(tap.used_at) for tap in taps) >= opened
    inside = [tap for tap in taps if Month.of(tap.used_at) == month]
    assert inside
    assert {tap.reason for tap in inside} == {Reason.SITE_SUSPENDED}


def test_a_year_beyond_the_published_calendar_still_works() -> None:
    later = NOW + timedelta(days=365 * 9)
    assert len(simulate(PLAIN, 12, later, (1,))) > 700


def test_too_few_months_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 12"):
        simulate(PLAIN, 11, NOW, (1,))


def test_the_network_is_whole() -> None:
    plan = network()
    codes = [union.code for union in plan.unions]
    assert len(plan.rooms) == 36
    assert len(set(codes)) == len(codes)
    assert {union.parent for union in plan.unions} - {""} <= set(codes)
    for room in plan.rooms:
        assert room.union in codes
        assert room.facilities in plan.facilities
        assert abs(sum(plan.moods[room.mood]) - 1) < 1e-9
        assert room.uses * 12 % 1 == 0, room.name
