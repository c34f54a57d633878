"""A day in small numbers."""

from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.anomalies.scoring import signals_by_day
from app.anomalies.signals import CLOSED_MARGIN, NOTHING, Event, Signals, most_within, signals_of
from app.sites.hours import Hours
from tests.anomalies.helpers import DAYTIME, at, use

ON = date(2026, 10, 14)
NUMBERS = st.integers(min_value=0, max_value=500)
VALUES = {
    "hours": st.lists(NUMBERS, min_size=24, max_size=24).map(tuple),
    "seconds": st.lists(NUMBERS, min_size=12, max_size=12).map(tuple),
    "steps": st.lists(NUMBERS, min_size=5, max_size=5).map(tuple),
    "reasons": st.dictionaries(st.sampled_from(["too_soon", "site_closed"]), NUMBERS),
    "closed": st.none() | NUMBERS,
}


@settings(max_examples=25)
@given(st.fixed_dictionaries({one.name: VALUES.get(one.name, NUMBERS) for one in fields(Signals)}))
def test_json_reads_back_to_the_same(values: dict[str, Any]) -> None:
    signals = Signals(**values)
    assert Signals.from_json(signals.to_json()) == signals


def test_json_of_other_versions_is_read() -> None:
    assert Signals.from_json({}) == NOTHING
    assert Signals.from_json({"counted": 3, "something_of_next_year": 7}) == Signals(counted=3)


def test_json_holds_no_pseudonym() -> None:
    written = str(signals_of([use(at(ON, 9), "a-token-of-hers", "a-device-of-hers", 5)]).to_json())
    assert "hers" not in written


def test_uses_are_counted_by_local_hour() -> None:
    signals = signals_of([use(at(ON, 0)), use(at(ON, 9.99)), use(at(ON, 10)), use(at(ON, 23.99))])
    assert {hour: number for hour, number in enumerate(signals.hours) if number} == {0: 1, 9: 1, 10: 1, 23: 1}


def test_a_day_ends_at_midnight_in_shanghai() -> None:
    days = signals_by_day([use(at(ON, 23.999)), use(at(ON + timedelta(days=1), 0))], None)
    assert {on: signals.counted for on, signals in days.items()} == {ON: 1, ON + timedelta(days=1): 1}


def test_what_does_not_count_is_told_by_its_reason_only() -> None:
    repeated = Event(at(ON, 9, 20), is_counted=False, reason="too_soon", token="t", device="d")
    signals = signals_of([use(at(ON, 9), "t", "d"), repeated])
    assert (signals.recorded, signals.counted, signals.reasons) == (2, 1, {"too_soon": 1})
    assert (signals.recorded_10, signals.most_10, signals.short_gaps) == (2, 1, 0)


@pytest.mark.parametrize(("minutes", "most"), [(9.99, 2), (10, 1)])
def test_an_interval_is_half_open(minutes: float, most: int) -> None:
    times = [at(ON, 9), at(ON, 9 + minutes / 60)]
    assert most_within(times, timedelta(minutes=10)) == most


@pytest.mark.parametrize(("seconds", "number"), [(89, 1), (90, 0)])
def test_gaps_below_ninety_seconds(seconds: int, number: int) -> None:
    assert signals_of([use(at(ON, 9)), use(at(ON, 9, seconds))]).short_gaps == number


def test_even_gaps_are_those_of_a_machine() -> None:
    machine = [use(at(ON, 9, 600 * n)) for n in range(5)]
    woman = [use(at(ON, hour)) for hour in (9, 10, 11.1, 13)]
    assert (signals_of(machine).even_gaps, signals_of(woman).even_gaps) == (3, 0)


def test_hours_of_the_house_with_a_margin() -> None:
    margin = CLOSED_MARGIN / timedelta(hours=1)
    hours = (7.9 - margin, 8.1 - margin, 12, 19.9 + margin, 20.1 + margin)
    events = [use(at(ON, hour)) for hour in hours]
    assert signals_of(events, hours=DAYTIME).closed == 2
    assert signals_of(events).closed is None
    assert signals_of(events, hours=Hours.UNKNOWN).closed is None
    assert signals_of([], hours=DAYTIME).closed == 0


def test_one_device_with_many_cookies() -> None:
    events = [use(at(ON, 9 + n), f"t{n}", "phone") for n in range(4)] + [use(at(ON, 15), "other", "hers")]
    signals = signals_of(events)
    assert (signals.devices, signals.top_device, signals.most_tokens, signals.cleared) == (2, 4, 4, 3)


def test_a_cookie_that_was_there_before_has_not_been_cleared() -> None:
    events = [use(at(ON, 9), "first", "phone"), use(at(ON, 11), "second", "phone")]
    assert signals_of(events, seen={"second": 1}).cleared == 0
    assert signals_of(events, seen={"second": 1}).new_tokens == 1


def test_a_cookie_is_new_again_in_the_next_month() -> None:
    last, first = date(2026, 9, 30), date(2026, 10, 1)
    days = signals_by_day([use(at(on, 9), "t") for on in (last - timedelta(days=1), last, first)], None)
    assert [days[on].new_tokens for on in sorted(days)] == [1, 0, 1]


def test_regulars_and_phones_used_three_times() -> None:
    events = [use(at(ON, hour), "hers") for hour in (9, 12, 15)] + [use(at(ON, 10))]
    signals = signals_of(events, seen={"hers": 5})
    assert (signals.regulars, signals.thrice, signals.thrice_uses, signals.tokens) == (3, 1, 3, 2)


def test_ratings_in_a_run() -> None:
    run = [use(at(ON, 9, 60 * n), step=5) for n in range(3)]
    alone = use(at(ON, 15), step=2)
    signals = signals_of([*run, alone])
    assert signals.steps == (0, 1, 0, 0, 3)
    assert (signals.rating_10, signals.rating_10_fives, signals.burst_ratings, signals.burst_fives) == (3, 3, 3, 3)


def test_late_and_quick_ratings() -> None:
    early = Event(at(ON, 9), True, None, "t", "d", 5, at(ON, 9, 20))
    late = Event(at(ON, 9), True, None, "u", "e", 5, at(ON, 20))
    signals = signals_of([early, late])
    assert (signals.quick_ratings, signals.late_ratings, signals.late_fives) == (1, 1, 1)


def test_devices_that_are_forgotten_keep_their_figures() -> None:
    before = signals_of([use(at(ON, 9), "a", "phone"), use(at(ON, 10), "b", "phone")])
    forgotten = [Event(at(ON, hour), True, None, token) for hour, token in ((9, "a"), (10, "b"), (11, "c"))]
    after = signals_of(forgotten).after(before)
    assert (after.counted, after.with_device, after.most_tokens) == (3, 2, 2)
    assert before.after(signals_of(forgotten)) == before


def test_one_phone_does_not_hide_its_cookies_by_waiting_until_the_day_is_forgotten() -> None:
    before = signals_of([use(at(ON, hour)) for hour in (9, 10, 11, 12)])
    forgotten = [Event(at(ON, hour), True, None, f"t{hour}") for hour in (9, 10, 11, 12)]
    queued = [use(at(ON, 15, second), device="script") for second in (0, 100, 200)]
    after = signals_of([*forgotten, *queued]).after(before)
    assert (after.counted, after.with_device, after.devices, after.top_device) == (7, 4, 4, 3)
    assert (after.most_tokens, after.cleared, after.cleared_soon, after.alike) == (3, 2, 2, 3)
    assert signals_of([*forgotten, *queued]).after(after) == after
