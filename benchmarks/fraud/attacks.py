"""Ten ways to make a room with little use look like one that reaches the threshold. Pure.

Every attack knows what the honest uses of each month are and adds what is missing; the family says how much
two people who cheat in the same manner differ.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.fraud.families import Ways
from benchmarks.fraud.honest import NETWORK_STRIDE, devices, times
from benchmarks.fraud.rooms import DAY_S, DAYS, MONTH_OF_DAY, MONTHS, Room
from benchmarks.fraud.taps import Names, Taps

Rng = np.random.Generator
ATTACKS_NETWORK = 90_000 * NETWORK_STRIDE
Attack = Callable[["Case", Rng], list[Taps]]


@dataclass(frozen=True)
class Case:
    """One room to inflate: `missing` uses of each month, shape (12,); `ratings` are its honest ratings."""

    room: Room
    names: Names
    missing: np.ndarray

    @property
    def ways(self) -> Ways:
        """How people cheat in this family."""
        return self.room.family.ways

    def working(self, month: int) -> np.ndarray:
        """The days of `month` on which the room is open."""
        return np.flatnonzero((month == MONTH_OF_DAY) & self.room.is_working())

    def phones(self, number: int, rng: Rng, wifi: float | None = None) -> np.ndarray:
        """Phones like those of honest visitors, shape (number,)."""
        return devices(self.room, number, rng, wifi)

    def moments(self, days: np.ndarray, rng: Rng) -> np.ndarray:
        """One second in the opening hours of each of `days`, evenly or by the room's rhythm."""
        if rng.random() < 0.5:
            return times(self.room, days, rng)
        opens, closes = self.room.open_s[days].T
        return np.asarray(days * DAY_S + rng.uniform(opens, closes))


def attack(name: str, case: Case, rng: Rng) -> Taps:
    """The taps that the attack `name` adds to the year."""
    piles = [Taps.make(np.empty(0), np.empty(0), np.empty(0), is_fake=True), *ATTACKS[name](case, rng)]
    return Taps.joined(piles)


def _fake(at: np.ndarray, token: np.ndarray, device: np.ndarray) -> Taps:
    return Taps.make(at, token, np.broadcast_to(device, np.shape(at)), is_fake=True)


def _bursts(case: Case, rng: Rng, month: int, size: int, gap_s: float) -> np.ndarray:
    """The missing moments of `month` in runs: about `size` uses each, about `gap_s` seconds apart."""
    piles, left, typical = [], int(case.missing[month]), size
    while left > 0:
        size = min(left, max(2, int(rng.poisson(typical))))
        start = case.moments(rng.choice(case.working(month), 1), rng)
        piles.append(start + np.cumsum(rng.uniform(0.6, 1.4, size) * gap_s))
        left -= size
    return np.concatenate([*piles, np.empty(0)])


def _one_phone_bursts(case: Case, rng: Rng) -> list[Taps]:
    """A member of staff taps again and again on her own phone."""
    phone, cookie = case.phones(1, rng), case.names.new(1)
    size, gap = int(rng.integers(15, 60)), rng.uniform(5, 60)
    piles = []
    for month in range(MONTHS):
        at = _bursts(case, rng, month, size, gap)
        piles.append(_fake(at, np.repeat(cookie, len(at)), phone))
    return piles


def _cleared_bursts(case: Case, rng: Rng) -> list[Taps]:
    """The same, with the cookie cleared before every tap."""
    phone = case.phones(1, rng)
    size, gap = int(rng.integers(*case.ways.run, endpoint=True)), rng.uniform(*case.ways.gap_s)
    moments = [_bursts(case, rng, month, size, gap) for month in range(MONTHS)]
    return [_fake(at, case.names.new(len(at)), phone) for at in moments]


def _cleared_spread(case: Case, rng: Rng) -> list[Taps]:
    """The cookie cleared before every tap, the taps spread over the days and the opening hours."""
    phones = case.phones(int(rng.integers(*case.ways.phones, endpoint=True)), rng)
    workdays = rng.uniform(*case.ways.workdays)
    piles = []
    for month, number in enumerate(case.missing):
        working = case.working(month)
        some = working[rng.random(len(working)) < workdays]
        days = np.resize(rng.permutation(some if len(some) else working), number)
        at = case.moments(days, rng)
        piles.append(_fake(at, case.names.new(number), phones[rng.integers(len(phones), size=number)]))
    return piles


def _staff_chain(case: Case, rng: Rng) -> list[Taps]:
    """As the shift begins, the staff pass the poster one after another, each with her own phone."""
    people = int(rng.integers(6, 15))
    phones, cookies = case.phones(people, rng, wifi=0.7), case.names.new(people)
    lasts, begins = rng.uniform(*case.ways.chain_s), rng.uniform(-600, 900)
    piles = []
    for month, number in enumerate(case.missing):
        days = np.sort(np.resize(rng.permutation(case.working(month)), number))
        turn = np.arange(number) - np.searchsorted(days, days)
        who = (turn + days * 3) % people
        at = days * DAY_S + case.room.open_s[days, 0] + begins + rng.uniform(0, lasts, number)
        piles.append(_fake(at, cookies[who], phones[who]))
    return piles


def _month_end_crowd(case: Case, rng: Rng) -> list[Taps]:
    """On the last days of the month everybody in the house is asked to tap once."""
    last = int(rng.integers(*case.ways.last_days, endpoint=True))
    piles = []
    for month, number in enumerate(case.missing):
        at = case.moments(rng.choice(case.working(month)[-last:], number), rng)
        piles.append(_fake(at, case.names.new(number), case.phones(number, rng, wifi=0.6)))
    return piles


def _chat_group(case: Case, rng: Rng) -> list[Taps]:
    """A photo of the poster in a chat group: many phones from everywhere within hours, a few times a month at most."""
    posts = int(rng.integers(*case.ways.posts, endpoint=True))
    fades_s = rng.uniform(*case.ways.fade_s)
    piles = []
    for month, number in enumerate(case.missing):
        month_days = np.flatnonzero(month == MONTH_OF_DAY)
        starts = rng.choice(month_days[:-1], posts) * DAY_S + rng.uniform(9, 21, posts) * 3600
        at = starts[rng.integers(posts, size=number)] + rng.exponential(fades_s, number)
        piles.append(_fake(at, case.names.new(number), case.phones(number, rng, wifi=0.05)))
    return piles


def _crude_bot(case: Case, rng: Rng) -> list[Taps]:
    """A script on a rented machine: every so many minutes round the clock, or all of it in one night."""
    addresses = 1 if rng.random() < 0.6 else int(rng.integers(2, 30))
    is_nightly = rng.random() < 0.4
    piles = []
    for month, number in enumerate(case.missing):
        days = np.flatnonzero(month == MONTH_OF_DAY)
        start = (days[0] if not is_nightly else rng.choice(days)) * DAY_S
        step = len(days) * DAY_S / max(number, 1) if not is_nightly else rng.uniform(20, 240)
        at = start + (np.arange(number) + rng.uniform(0, 1)) * step
        at = at + rng.uniform(-1, 1, number) * case.ways.jitter * step
        machine = ATTACKS_NETWORK + rng.integers(addresses, size=number) * NETWORK_STRIDE
        piles.append(_fake(at, case.names.new(number), machine))
    return piles


def _mimic_bot(case: Case, rng: Rng) -> list[Taps]:
    """A script that imitates the room: its rhythm of days and hours, phones like those of visitors."""
    weight = case.room.expected + 1e-9
    piles = []
    for month, number in enumerate(case.missing):
        days = case.working(month)
        at = times(case.room, rng.choice(days, number, p=weight[days] / weight[days].sum()), rng)
        piles.append(_fake(at, case.names.new(number), case.phones(number, rng)))
    return piles


def _few_phones(case: Case, rng: Rng) -> list[Taps]:
    """Three to five phones that keep their cookies, each tapped up to three times a day, hours apart."""
    people = int(rng.integers(*case.ways.helpers, endpoint=True))
    phones, cookies = case.phones(people, rng, wifi=0.7), case.names.new(people)
    piles = []
    for month, number in enumerate(case.missing):
        slots = [(day, who, turn) for day in case.working(month) for who in range(people) for turn in range(3)]
        chosen = np.array(slots)[rng.permutation(len(slots))[:number]].reshape(-1, 3)
        day, who, turn = chosen.T
        opens, closes = case.room.open_s[day].T
        third = (closes - opens) / 3
        at = day * DAY_S + opens + turn * third + rng.uniform(0, 1, len(day)) * (third - 2400)
        piles.append(_fake(at, cookies[who], phones[who]))
    return piles


def _rating_stuffing(case: Case, rng: Rng) -> list[Taps]:
    """`missing` best ratings a month, each with a use made for it in a run of taps with the cookie cleared."""
    staff = int(rng.integers(1, 4)) if rng.random() < 0.6 else 0
    phones = case.phones(max(staff, 1), rng, wifi=0.7)
    size, gap = int(rng.integers(4, 20)), rng.uniform(*case.ways.gap_s)
    piles = []
    for month in range(MONTHS):
        at = _bursts(case, rng, month, size, gap)
        phone = phones[rng.integers(len(phones), size=len(at))] if staff else case.phones(len(at), rng, wifi=0.7)
        pile = _fake(at, case.names.new(len(at)), phone)
        piles.append(pile.with_ratings(np.full(len(at), 5), at + rng.uniform(3, 40, len(at))))
    return piles


def late_fives(case: Case, taps: Taps, rng: Rng) -> Taps:
    """The other way of stuffing: uses that nobody rated get a 5 in runs, days later, from receipts that were kept."""
    step, rated = taps.step.copy(), taps.rated.copy()
    months = MONTH_OF_DAY[np.clip((taps.at // DAY_S).astype(int), 0, len(DAYS) - 1)]
    for month in range(MONTHS):
        free = np.flatnonzero((months == month) & (step == 0))
        chosen = rng.choice(free, min(len(free), int(case.missing[month])), replace=False)
        end = (case.working(month)[-1] + 1) * DAY_S if len(case.working(month)) else 0.0
        start = max(end - rng.uniform(2, 10) * 3600, taps.at[chosen].max(initial=0))
        step[chosen] = 5
        rated[chosen] = start + np.cumsum(rng.uniform(5, 90, len(chosen)))
    return taps.with_ratings(step, rated)


ATTACKS: dict[str, Attack] = {
    "one_phone_bursts": _one_phone_bursts,
    "cleared_bursts": _cleared_bursts,
    "cleared_spread": _cleared_spread,
    "staff_chain": _staff_chain,
    "month_end_crowd": _month_end_crowd,
    "chat_group": _chat_group,
    "crude_bot": _crude_bot,
    "mimic_bot": _mimic_bot,
    "few_phones": _few_phones,
    "rating_stuffing": _rating_stuffing,
}
STUFFING = "rating_stuffing"
