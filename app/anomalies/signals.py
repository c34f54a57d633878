"""One site's day in small numbers: what the detectors read after pseudonyms and records are gone. Pure.

A day is a local date in Asia/Shanghai, its instants ``[00:00, 24:00)``. *Device* is what ``p_day`` tells apart: one
kind of device behind one network on one day; *token* is what ``p_site`` tells apart: one browser's cookie in one month.
Neither is kept: `Signals` holds counts only, never a value that could be linked to another.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from itertools import chain, pairwise
from typing import Any, Self

from app.months import SHANGHAI
from app.sites.hours import Hours

Token = str | bytes
NEVER_SEEN: Mapping[Token, int] = {}
SHORT_GAP = timedelta(seconds=90)
EVEN_WITHIN = timedelta(seconds=5)
CLOSED_MARGIN = timedelta(minutes=60)
CHANGED_SOON = timedelta(minutes=15)
QUICK_RATING = timedelta(seconds=30)
LATE_RATING = timedelta(hours=6)
REGULAR_DAYS = 5
TEN, SIXTY = timedelta(minutes=10), timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class Event:
    """One recorded use as the signals see it. `used_at`, `rated_at` are aware instants; `step` 1 to 5 with `rated_at`.

    `reason` says why it does not count, None exactly when `is_counted`. `device` is None once it has been erased.
    """

    used_at: datetime
    is_counted: bool
    reason: str | None
    token: Token
    device: Token | None = None
    step: int | None = None
    rated_at: datetime | None = None
    is_on_site: bool = False


@dataclass(frozen=True, slots=True)
class Signals:
    """Numbers of one site and day. Everything but `recorded…` and `reasons` is about counted uses.

    `hours`: uses by local hour, 24. `seconds`: uses by the second of the minute, in 12 steps of five.
    `closed`: uses outside the opening hours by more than an hour; None when these are not known.
    `most_…_10`, `…_60`: the most uses in any 10 and 60 minutes. `short_gaps`: uses less than 90 s after the one before;
    `even_gaps`: uses as long after the one before as that one was after its own, to 5 s.
    `with_device`: uses whose device is known; of these `devices` different ones, `top_device` uses of the busiest,
    `most_tokens` under one device. `cleared`: uses of a token new this month on a device that had shown another.
    `cleared_soon`: those of them within 15 minutes of the use before on that device; `alike`: pairs of the day's tokens
    on one device, the later new this month.
    `tokens`: different ones; `new_tokens` first seen this month on that day; `regulars`: uses of tokens seen on five or
    more earlier days of the month; `thrice`: tokens with three or more uses, `thrice_uses` their uses.
    `steps`: ratings by step 1 to 5; `rating_10`: the most ratings in any 10 minutes, `rating_10_fives` of them step 5;
    `burst_ratings`: ratings in runs of three or more within 10 minutes, `burst_fives` of them step 5;
    `quick_ratings`: ratings within 30 s of the use; `late_ratings`: more than six hours after it, `late_fives` of them
    step 5. `on_site`: uses proven on site.
    """

    recorded: int = 0
    counted: int = 0
    hours: tuple[int, ...] = (0,) * 24
    seconds: tuple[int, ...] = (0,) * 12
    closed: int | None = None
    most_10: int = 0
    most_60: int = 0
    recorded_10: int = 0
    recorded_60: int = 0
    short_gaps: int = 0
    even_gaps: int = 0
    tokens: int = 0
    new_tokens: int = 0
    regulars: int = 0
    thrice: int = 0
    thrice_uses: int = 0
    with_device: int = 0
    devices: int = 0
    top_device: int = 0
    most_tokens: int = 0
    cleared: int = 0
    cleared_soon: int = 0
    alike: int = 0
    steps: tuple[int, ...] = (0,) * 5
    rating_10: int = 0
    rating_10_fives: int = 0
    burst_ratings: int = 0
    burst_fives: int = 0
    quick_ratings: int = 0
    late_ratings: int = 0
    late_fives: int = 0
    on_site: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads back to an equal value; what equals the default is left out."""
        values = {name: getattr(self, name) for name in _NAMES}
        said = {name: value for name, value in values.items() if value != getattr(NOTHING, name)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read `to_json`'s object. Keys that are missing have their default, unknown ones are passed over."""
        known = {one.name for one in fields(cls)}
        read: dict[str, Any] = {}
        for name in known & values.keys():
            value = values[name]
            read[name] = tuple(value) if isinstance(value, list) else value
        return cls(**read)

    def after(self, before: Self) -> Self:
        """These signals of a day, taken again after `before`: devices erased since keep their earlier figures.

        Of each figure the larger stays. What came from a phone's queue since then has devices of another key, so that
        neither figure holds the other's pairs and the larger is never more than the truth.
        """
        return replace(self, **{name: max(getattr(before, name), getattr(self, name)) for name in OF_DEVICES})


OF_DEVICES = ("with_device", "devices", "top_device", "most_tokens", "cleared", "cleared_soon", "alike")
NOTHING = Signals()
_NAMES = tuple(one.name for one in fields(Signals))


def signals_of(
    events: Iterable[Event], *, hours: Hours | None = None, seen: Mapping[Token, int] = NEVER_SEEN
) -> Signals:
    """The signals of one site and local day from its `events`, in any order.

    `hours` are those of the site on that day; `seen` says on how many earlier days of the month a token had a counted
    use there, and may hold tokens that the day does not.
    """
    ordered = sorted(events, key=lambda event: event.used_at)
    counted = [event for event in ordered if event.is_counted]
    times = [event.used_at for event in counted]
    local = [at.astimezone(SHANGHAI) for at in times]
    recorded = [event.used_at for event in ordered]
    return Signals(
        recorded=len(ordered),
        counted=len(counted),
        hours=_histogram((at.hour for at in local), 24),
        seconds=_histogram((at.second // 5 for at in local), 12),
        closed=_closed(times, hours),
        most_10=most_within(times, TEN),
        most_60=most_within(times, SIXTY),
        recorded_10=most_within(recorded, TEN),
        recorded_60=most_within(recorded, SIXTY),
        short_gaps=sum(later - earlier < SHORT_GAP for earlier, later in pairwise(times)),
        even_gaps=_even_gaps(times),
        reasons=dict(Counter(event.reason for event in ordered if event.reason is not None)),
        on_site=sum(event.is_on_site for event in counted),
        **_tokens(counted, seen),
        **_devices(counted, seen),
        **_ratings(counted),
    )


def most_within(times: Sequence[datetime], span: timedelta) -> int:
    """The most of `times` (in order) in any half-open interval of length `span`."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= span:
            first += 1
        most = max(most, last - first + 1)
    return most


def _histogram(values: Iterable[int], size: int) -> tuple[int, ...]:
    numbers = Counter(values)
    return tuple(numbers[value] for value in range(size))


def _closed(times: Sequence[datetime], hours: Hours | None) -> int | None:
    """None when it is not known of any use whether the site was open."""
    if hours is None:
        return None
    around = (-CLOSED_MARGIN, timedelta(0), CLOSED_MARGIN)
    now = [hours.state_at(at) for at in times]
    states = [
        {state} if state == "open" else {hours.state_at(at + margin) for margin in around}
        for at, state in zip(times, now, strict=True)
    ]
    if states and all("unknown" in state for state in states):
        return None
    return sum(state == {"closed"} for state in states)


def _even_gaps(times: Sequence[datetime]) -> int:
    gaps = [later - earlier for earlier, later in pairwise(times)]
    return sum(gap >= SHORT_GAP and abs(gap - before) <= EVEN_WITHIN for before, gap in pairwise(gaps))


def _tokens(counted: Sequence[Event], seen: Mapping[Token, int]) -> dict[str, Any]:
    uses = Counter(event.token for event in counted)
    often = [number for number in uses.values() if number >= 3]
    return {
        "tokens": len(uses),
        "new_tokens": sum(token not in seen for token in uses),
        "regulars": sum(number for token, number in uses.items() if seen.get(token, 0) >= REGULAR_DAYS),
        "thrice": len(often),
        "thrice_uses": sum(often),
    }


def _devices(counted: Sequence[Event], seen: Mapping[Token, int]) -> dict[str, Any]:
    uses: Counter[Token] = Counter()
    tokens: dict[Token, set[Token]] = defaultdict(set)
    latest: dict[Token, datetime] = {}
    cleared = cleared_soon = alike = 0
    for event in counted:
        if event.device is None:
            continue
        uses[event.device] += 1
        shown = tokens[event.device]
        if shown and event.token not in shown and event.token not in seen:
            cleared += 1
            alike += len(shown)
            cleared_soon += event.used_at - latest[event.device] <= CHANGED_SOON
        shown.add(event.token)
        latest[event.device] = event.used_at
    return {
        "with_device": uses.total(),
        "devices": len(uses),
        "top_device": max(uses.values(), default=0),
        "most_tokens": max(map(len, tokens.values()), default=0),
        "cleared": cleared,
        "cleared_soon": cleared_soon,
        "alike": alike,
    }


def _ratings(counted: Sequence[Event]) -> dict[str, Any]:
    rated = sorted(
        (event.rated_at, event.step, event.rated_at - event.used_at)
        for event in counted
        if event.rated_at is not None and event.step is not None
    )
    steps = Counter(step for _at, step, _after in rated)
    windows = [[step for at, step, _ in rated[place:] if at < start + TEN] for place, (start, *_) in enumerate(rated)]
    fullest = max(windows, key=len, default=[])
    bursts = [range(start, start + len(window)) for start, window in enumerate(windows) if len(window) >= 3]
    in_burst = set(chain.from_iterable(bursts))
    return {
        "steps": tuple(steps[step] for step in range(1, 6)),
        "rating_10": len(fullest),
        "rating_10_fives": fullest.count(5),
        "burst_ratings": len(in_burst),
        "burst_fives": sum(rated[n][1] == 5 for n in in_burst),
        "quick_ratings": sum(after <= QUICK_RATING for _at, _step, after in rated),
        "late_ratings": sum(after > LATE_RATING for _at, _step, after in rated),
        "late_fives": sum(after > LATE_RATING and step == 5 for _at, step, after in rated),
    }
