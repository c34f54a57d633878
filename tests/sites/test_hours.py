from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sites.hours import ALL_DAY, SESSIONS, Hours, HoursException, Interval, day_kind, normalise

OFFICE = (Interval(510, 1050),)
WORKWEEK = dict.fromkeys(range(1, 6), OFFICE)

intervals = (
    st.lists(st.integers(0, 1439), min_size=0, max_size=6, unique=True)
    .map(sorted)
    .map(lambda edges: tuple(Interval(*pair) for pair in zip(edges[0::2], edges[1::2], strict=False)))
)
maybe = st.none() | intervals
dates = st.dates(date(2020, 1, 1), date(2032, 12, 31))
exceptions = st.builds(
    lambda start, days, hours, note: HoursException(start, start + timedelta(days=days), hours, note),
    dates,
    st.integers(0, 40),
    maybe,
    st.text(max_size=5),
)
hours_values = st.builds(
    Hours,
    text=st.text(max_size=10),
    week=st.dictionaries(st.integers(1, 7), intervals),
    holidays=maybe | st.just("usual"),
    workday=maybe,
    exceptions=st.lists(exceptions, max_size=3).map(tuple),
    calendar=st.sampled_from(["cn", "none"]),
)


@given(hours_values)
def test_json_round_trip_keeps_every_field(hours: Hours) -> None:
    assert Hours.from_json(hours.to_json()) == hours
    assert hash(Hours.from_json(hours.to_json())) == hash(hours)


@given(hours_values)
def test_sessions_round_trip_keeps_the_week(hours: Hours) -> None:
    week = {day: hours.sessions(day) for day in range(1, 8)}
    assert Hours.from_sessions(week).week == hours.week


@given(hours_values, dates, st.integers(0, 1439))
def test_unknown_is_never_reported_as_closed(hours: Hours, on: date, minute: int) -> None:
    moment = datetime(on.year, on.month, on.day, minute // 60, minute % 60)  # noqa: DTZ001
    today = hours.intervals_on(on)
    state = hours.state_at(moment)
    if today is None:
        assert state in ("unknown", "open")
    else:
        assert state != "unknown"
        if any(start <= minute < end for start, end in today):
            assert state == "open"


@given(hours_values, dates, st.integers(0, 1439))
def test_an_aware_moment_means_the_same_as_local_time(hours: Hours, on: date, minute: int) -> None:
    local = datetime(on.year, on.month, on.day, minute // 60, minute % 60)  # noqa: DTZ001
    aware = (local - timedelta(hours=8)).replace(tzinfo=UTC)
    assert hours.state_at(aware) == hours.state_at(local)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_edges_are_half_open() -> None:
    hours = Hours(week=WORKWEEK)
    assert hours.state_at(at("2026-11-20T08:29")) == "closed"
    assert hours.state_at(at("2026-11-20T08:30")) == "open"
    assert hours.state_at(at("2026-11-20T17:29")) == "open"
    assert hours.state_at(at("2026-11-20T17:30")) == "closed"


def test_a_day_nobody_stated_is_unknown() -> None:
    assert Hours(week=WORKWEEK).state_at(at("2026-11-22T10:00")) == "unknown"
    assert Hours.UNKNOWN.state_at(at("2026-11-20T10:00")) == "unknown"
    assert not Hours.UNKNOWN.is_known


def test_an_interval_past_midnight_belongs_to_the_day_it_started() -> None:
    hours = Hours(week={5: (Interval(1200, 1560),), 6: ()})
    assert hours.state_at(at("2026-11-21T01:59")) == "open"
    assert hours.state_at(at("2026-11-21T02:00")) == "closed"


def test_public_holidays_are_unknown_unless_stated() -> None:
    national_day = at("2026-10-01T10:00")
    assert Hours(week=WORKWEEK).state_at(national_day) == "unknown"
    assert Hours(week=WORKWEEK, holidays="usual").state_at(national_day) == "open"
    assert Hours(week=WORKWEEK, holidays=()).state_at(national_day) == "closed"
    assert Hours(week=WORKWEEK, calendar="none").state_at(national_day) == "open"


def test_working_weekends_use_hours_stated_for_working_days() -> None:
    working_saturday = at("2026-10-10T10:00")
    weekend_closed = {**WORKWEEK, 6: (), 7: ()}
    assert Hours(week=weekend_closed, workday=OFFICE).state_at(working_saturday) == "open"
    assert Hours(week=weekend_closed).state_at(working_saturday) == "unknown"
    assert Hours(week={6: OFFICE}).state_at(working_saturday) == "open"


def test_beyond_the_published_calendar_the_weekday_applies() -> None:
    assert day_kind(date(2099, 10, 1)) == "ordinary"
    assert Hours(week={4: OFFICE}).state_at(at("2099-10-01T10:00")) == "open"


def test_the_later_exception_wins_and_unknown_is_possible() -> None:
    hours = Hours(
        week=dict.fromkeys(range(1, 8), ALL_DAY),
        exceptions=(
            HoursException(date(2026, 11, 1), date(2026, 11, 30), (), "repairs"),
            HoursException(date(2026, 11, 20), date(2026, 11, 20), None, "nobody knows"),
        ),
    )
    assert hours.state_at(at("2026-11-19T10:00")) == "closed"
    assert hours.state_at(at("2026-11-20T10:00")) == "unknown"
    assert hours.state_at(at("2026-12-01T10:00")) == "open"


def test_a_whole_day_is_shown_in_three_sessions() -> None:
    hours = Hours(week={1: OFFICE, 2: (), 3: (Interval(480, 690), Interval(810, 1020))})
    assert hours.sessions(1) == {"morning": (510, 720), "noon": (720, 840), "afternoon": (840, 1050)}
    assert hours.sessions(2) == dict.fromkeys(SESSIONS)
    assert hours.sessions(3) == {"morning": (480, 690), "noon": None, "afternoon": (810, 1020)}
    assert hours.sessions(4) is None


def test_touching_intervals_are_joined() -> None:
    assert normalise([(720, 840), (510, 720)]) == ((510, 840),)


@pytest.mark.parametrize(
    "pairs",
    [[(10, 10)], [(20, 10)], [(-1, 5)], [(1440, 1500)], [(0, 2881)], [(1, 2, 3)], [(1.5, 3)], [(True, 3)],
     [(0, 1), (2, 3), (4, 5), (6, 7)], [(0, 1441)]],
)  # fmt: skip
def test_pairs_that_are_no_intervals_are_refused(pairs: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match=r"minute|interval"):
        normalise(pairs)


@pytest.mark.parametrize(
    "sessions",
    [{"evening": (1, 2)}, {"morning": (700, 800), "noon": (750, 900)}, {"morning": (900, 960), "noon": (720, 800)}],
)
def test_sessions_that_contradict_themselves_are_refused(sessions: dict[str, tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="session"):
        Hours.from_sessions({1: sessions})


@pytest.mark.parametrize(
    "value",
    [
        {"week": {"8": []}},
        {"week": {"x": []}},
        {"week": {"1": [[1]]}},
        {"week": [1]},
        {"holidays": "never"},
        {"calendar": "tw"},
        {"exceptions": [{"from_on": "2026-01-02", "to_on": "2026-01-01", "intervals": None}]},
        {"exceptions": [{}]},
    ],
)
def test_malformed_json_is_refused(value: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Hours.from_json(value)


def test_nothing_is_unknown() -> None:
    assert Hours.from_json(None) is Hours.UNKNOWN
    assert Hours.from_json({}) is Hours.UNKNOWN
