"""Each detector on both sides of its limit, on half a year of an otherwise honest room."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest

from app.anomalies.context import ROOM_TYPES, SiteContext
from app.anomalies.detectors import Flag, detectors, flags, is_flagged, limits_of, said, sentence
from app.anomalies.signals import Event, Signals
from tests.anomalies.helpers import DAYTIME, FIRST, LAST, MALL, at, dates, days_of, every_day, honest, unrated, use

OFFICE = SiteContext("office", DAYTIME)


@cache
def year(seed: int = 1) -> tuple[Event, ...]:
    """Honest uses, made once."""
    return tuple(honest(seed))


def found(events: Iterable[Event], context: SiteContext = MALL) -> dict[str, Flag]:
    """The flags by detector."""
    return {flag.detector: flag for flag in flags(days_of(events, context), context, FIRST, LAST)}


def is_working(on: date) -> bool:
    return on.isoweekday() < 6


def cleared(on: date, number: int) -> list[Event]:
    """One phone, its cookie cleared before each of `number` uses."""
    return [use(at(on, 9 + 1.7 * n, on.day * 61), device=f"staff-{on}") for n in range(number)]


def crowd(on: date, number: int, hour: float = 10, seconds: float = 300) -> list[Event]:
    """Many phones one after another."""
    return [use(at(on, hour, n * seconds)) for n in range(number)]


def rated_run(on: date, number: int) -> list[Event]:
    """The best ratings, one a minute."""
    return [use(at(on, 14, 60 * n), step=5) for n in range(number)]


def late_praise(on: date) -> list[Event]:
    """A use of the morning with the best rating in the evening."""
    return [replace(use(at(on, 9.7)), step=5, rated_at=at(on, 19))]


CASES = {
    "many_tokens": (lambda on: cleared(on, 4), lambda on: cleared(on, 2)),
    "changed_soon": (
        lambda on: [use(at(on, 13, 300 * n), device=f"staff-{on}") for n in range(3)],
        lambda on: [use(at(on, 13, 1200 * n), device=f"staff-{on}") for n in range(3)],
    ),
    "night": (lambda on: crowd(on, 1, hour=3.5), lambda on: crowd(on, 1, hour=4.5)),
    "closed_hours": (lambda on: crowd(on, 1, hour=21.8), lambda on: crowd(on, 1, hour=7.7)),
    "over_capacity": (
        lambda on: crowd(on, 24, seconds=40) if on.day == 9 else [],
        lambda on: crowd(on, 5, seconds=300) if on.day == 9 else [],
    ),
    "bursts": (
        lambda on: crowd(on, 20, seconds=170) if on.day in (4, 19) else [],
        lambda on: crowd(on, 12, hour=8.5, seconds=3300) if on.day in (4, 19) else [],
    ),
    "short_gaps": (
        lambda on: crowd(on, 3, hour=9 + on.day % 9, seconds=70),
        lambda on: crowd(on, 3, hour=9 + on.day % 9, seconds=1100),
    ),
    "even_gaps": (lambda on: crowd(on, 8, hour=0.5, seconds=3000), lambda on: crowd(on, 2, hour=9, seconds=4800)),
    "month_end": (
        lambda on: crowd(on, 9, hour=8.5, seconds=4000) if (on + timedelta(days=3)).day <= 3 else [],
        lambda on: crowd(on, 1, hour=11) if (on + timedelta(days=3)).day <= 3 else [],
    ),
    "peak_days": (
        lambda on: crowd(on, 40, hour=8.2, seconds=1000) if on.day in (7, 20) else [],
        lambda on: crowd(on, 9, hour=8.2, seconds=4000) if on.day in (7, 20) else [],
    ),
    "hour_profile": (
        lambda on: crowd(on, 2, hour=9.05 + on.day % 7 / 50, seconds=1300),
        lambda on: crowd(on, 2, hour=13.05 + on.day % 7 / 5, seconds=1300),
    ),
    "top_device": (
        lambda on: [use(at(on, 9 + n), f"c{n}", f"d{on}") for n in range(9)],
        lambda on: [use(at(on, 9 + 2 * n), f"c{n}", f"d{on}") for n in range(2)],
    ),
    "regulars": (
        lambda on: [use(at(on, 9 + n + on.day % 5 / 4), f"c{n}", f"d{n}{on}") for n in range(9)],
        lambda on: [use(at(on, 9 + 3 * n + on.day % 5 / 4), f"c{n}{on.day // 5}", f"d{n}{on}") for n in range(4)],
    ),
    "rating_bursts": (
        lambda on: rated_run(on, 5) if on.day % 3 == 0 else [],
        lambda on: rated_run(on, 2) if on.day % 3 == 0 else [],
    ),
    "late_ratings": (late_praise, lambda on: late_praise(on) if on.day == 3 else []),
}


@pytest.mark.parametrize("detector", CASES)
def test_a_detector_on_both_sides_of_its_limit(detector: str) -> None:
    above, below = CASES[detector]
    flag = found([*year(), *every_day(above)])[detector]
    assert flag.strength >= 1
    assert flag.months
    assert detector not in found([*year(), *every_day(below)])


@pytest.mark.parametrize("seed", range(1, 5))
def test_an_honest_year_is_not_flagged(seed: int) -> None:
    assert not is_flagged(found(year(seed)).values())


def test_one_woman_in_an_office_is_no_machine() -> None:
    """Two women who pump three times a working day are nearly all the uses of such a room."""
    events = every_day(
        lambda on: [
            use(at(on, hour + who / 2, (on.toordinal() * 7919 + hour * 31) % 1700), f"{who}-{on.month}", f"{who}-{on}")
            for hour in (9, 13, 16)
            for who in (0, 1)
        ],
        is_working,
    )
    assert not is_flagged(found(events, OFFICE).values())


def test_declared_activities_suppress_bursts() -> None:
    events = [*year(), *every_day(lambda on: crowd(on, 60, seconds=40) if on.day == 9 else [])]
    busy = frozenset(on for on in dates() if on.day == 9)
    assert {"over_capacity", "bursts", "short_gaps"} <= found(events).keys()
    assert not {"over_capacity", "bursts", "short_gaps"} & found(events, replace(MALL, declared=busy)).keys()


def test_declaring_every_day_suppresses_nothing_much() -> None:
    events = [*year(), *every_day(lambda on: crowd(on, 24, seconds=40) if on.day in (9, 15, 18, 22, 26) else [])]
    assert "over_capacity" in found(events, replace(MALL, declared=frozenset(dates())))


def test_days_too_much_alike() -> None:
    same = every_day(lambda on: [use(at(on, 9 + n * 0.9 + on.day % 7 / 9)) for n in range(10)])
    assert "even_days" in found(same)
    assert "even_days" not in found(year())


def test_a_level_that_jumps() -> None:
    quiet = [event for event in year() if event.used_at < at(date(2026, 8, 1), 0)]
    busy = [event for event in honest(3, 16) if event.used_at >= at(date(2026, 8, 1), 0)]
    flag = found([*quiet, *busy])["level_jump"]
    assert [str(month) for month in flag.months] == ["2026-08"]
    assert flag.figures["before"] < 200 < flag.figures["after"]
    opened = replace(MALL, opened_on=date(2026, 7, 2))
    assert "level_jump" not in found([*quiet, *busy], opened)


def test_another_rhythm_than_the_year_before() -> None:
    def moved(by_hours: float) -> dict[date, Signals]:
        early = [replace(event, used_at=event.used_at - timedelta(days=365, hours=by_hours)) for event in year()]
        return days_of([*early, *year()])

    assert "own_history" in {flag.detector for flag in flags(moved(5), MALL, FIRST, LAST)}
    assert "own_history" not in {flag.detector for flag in flags(moved(0.5), MALL, FIRST, LAST)}


def test_praise_on_certain_days_only() -> None:
    ordinary = unrated(year())
    poor = every_day(lambda on: [use(at(on, 10 + n), step=3) for n in range(3)], lambda on: on.day % 2 == 0)
    praise = every_day(lambda on: [use(at(on, 10 + n), step=5) for n in range(4)], lambda on: on.day % 2 == 1)
    mixed = every_day(lambda on: [use(at(on, 10 + n), step=3 if (n + on.day) % 2 else 5) for n in range(4)])
    assert "mixed_ratings" in found([*ordinary, *poor, *praise])
    assert "mixed_ratings" not in found([*ordinary, *mixed])


def test_hardly_anything_but_fives_supports_only() -> None:
    perfect = [replace(event, step=5) if event.step else event for event in year()]
    flagged = found(perfect)
    assert list(flagged) == ["perfect_score"]
    assert not is_flagged(flagged.values())
    assert is_flagged([*flagged.values(), replace(flagged["perfect_score"], detector="even_days")])


def test_phones_used_three_times_a_day_are_rare_at_a_public_place() -> None:
    thrice = every_day(lambda on: [use(at(on, hour + on.day % 4 / 3), f"{on}", f"d{on}") for hour in (9, 13, 16)])
    assert "thrice_a_day" in found([*year(), *thrice])
    assert "thrice_a_day" not in found([*year(), *thrice], OFFICE)


def test_a_room_with_hardly_any_uses_is_not_judged() -> None:
    assert flags(days_of(every_day(lambda on: cleared(on, 5), lambda on: on.day == 3)), MALL, FIRST, FIRST + 1) == ()
    assert flags({}, MALL, FIRST, LAST) == ()
    assert flags({}, replace(MALL, opened_on=date(2030, 1, 1)), FIRST, LAST) == ()


def test_flags_read_back_and_say_what_they_mean() -> None:
    flag = found([*year(), *every_day(CASES["closed_hours"][0])])["closed_hours"]
    assert Flag.from_json(flag.to_json()) == flag
    assert f"{flag.figures['part']} 次使用（" in sentence(flag, "zh_Hans_CN")
    assert "outside the published hours" in sentence(flag, "en")


def test_every_detector_says_why() -> None:
    for name, data in detectors().items():
        assert all(said(name, what, lang) for what in ("title", "sentence", "reason") for lang in ("zh", "en")), name
        assert isinstance(data["alone"], bool)
        for room_type in ROOM_TYPES:
            assert limits_of(name, room_type)["least"] > 0
