"""What happens in a room where nobody cheats. Pure: the same room and generator give the same taps."""

from dataclasses import replace

import numpy as np

from benchmarks.fraud.rooms import DAY_S, DAYS, Room
from benchmarks.fraud.taps import Names, Taps

HOUSE = 0
NETWORK_STRIDE = 100_000
WEEKS_WITH_A_CHILD = (6, 40)
USES_A_DAY = 1.03


def honest_taps(room: Room, names: Names, rng: np.random.Generator) -> Taps:
    """All taps of the year: walk-ins, returning women, groups, activities, second taps, ratings."""
    piles = [_walk_ins(room, names, rng), _returning(room, names, rng), _gatherings(room, names, rng)]
    taps = _only_when_reachable(room, Taps.joined(piles))
    taps = Taps.joined([taps, _second_taps(room, taps, names, rng)])
    return rate(_late(taps, rng), room.rated, room.steps, rng)


def devices(room: Room, number: int, rng: np.random.Generator, wifi: float | None = None) -> np.ndarray:
    """Network and user agent of `number` phones, shape (number,): the house's network or one of a carrier's."""
    agents = rng.choice(len(room.user_agents), number, p=room.user_agents)
    carriers = 1 + (room.networks * rng.random(number) ** 1.5).astype(int)
    networks = np.where(rng.random(number) < (room.wifi if wifi is None else wifi), HOUSE, carriers)
    return np.asarray(networks * NETWORK_STRIDE + agents)


def times(room: Room, days: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A second of the year for each of `days`, by the room's rhythm, shape of `days`."""
    hours = rng.choice(24, len(days), p=room.profile)
    return np.asarray(days * DAY_S + hours * 3600 + rng.uniform(0, 3600, len(days)))


def rate(taps: Taps, rated: float, steps: np.ndarray, rng: np.random.Generator) -> Taps:
    """The same taps rated anew, a share `rated` of them: on the receipt page at once, or on the way out."""
    does = rng.random(len(taps)) < rated
    step = np.where(does, 1 + rng.choice(5, len(taps), p=steps), 0)
    at_once = rng.random(len(taps)) < rng.uniform(0.1, 0.7)
    wait = np.where(at_once, rng.uniform(4, 60, len(taps)), rng.lognormal(6.5, 0.7, len(taps)).clip(30, 20_000))
    return taps.with_ratings(step, taps.at + wait)


def _walk_ins(room: Room, names: Names, rng: np.random.Generator) -> Taps:
    """Women who come once; some a second time on the same day, some with a friend."""
    days = np.repeat(np.arange(len(DAYS)), rng.poisson(room.expected))
    at = times(room, days, rng)
    first = Taps.make(at, names.new(len(at)), devices(room, len(at), rng))
    again = rng.random(len(at)) < 0.06
    second = first.of(again)
    later = second.at + rng.uniform(2400, 10_800, len(second))
    guided = first.of(rng.random(len(at)) < room.excited)
    friends = guided.at + rng.exponential(240, len(guided))
    brought = Taps.make(friends, names.new(len(friends)), devices(room, len(friends), rng))
    return Taps.joined([first, Taps.make(later, second.token, second.device), brought])


def _returning(room: Room, names: Names, rng: np.random.Generator) -> Taps:
    """Women who pump here two or three times a day for weeks or months, each with habits and a phone of her own."""
    lasts = sum(WEEKS_WITH_A_CHILD) / 2 * 7
    a_woman = USES_A_DAY * lasts * room.is_working().mean()
    women = rng.poisson(room.level * room.loyal * 12 / a_woman * (365 + lasts) / 365)
    piles = [_woman(room, names, rng) for _ in range(women)]
    return Taps.joined([Taps.make(np.empty(0), np.empty(0), np.empty(0)), *piles])


def _woman(room: Room, names: Names, rng: np.random.Generator) -> Taps:
    lasts = int(rng.uniform(*WEEKS_WITH_A_CHILD) * 7)
    start = int(rng.integers(-lasts, len(DAYS)))
    days = np.arange(max(start, 0), min(start + lasts, len(DAYS)))
    days = days[room.is_working()[days]]
    days = days[rng.random(len(days)) < rng.uniform(0.4, 0.95)]
    sessions = rng.choice([1, 2, 3], p=[0.4, 0.4, 0.2])
    habits = np.sort(_habits(room, sessions, rng))
    varies = rng.normal(0, rng.uniform(300, 2400), (len(days), sessions))
    at = (days[:, None] * DAY_S + habits[None, :] + varies).ravel()
    at = at[rng.random(len(at)) < rng.uniform(0.7, 1.0)]
    return Taps.make(at, _tokens(room, at, names, rng), _devices_of_one(room, at, rng))


def _habits(room: Room, sessions: int, rng: np.random.Generator) -> np.ndarray:
    """Her times of the day in seconds, some hours apart where the day is long enough."""
    for _ in range(20):
        habits = times(room, np.zeros(sessions, dtype=int), rng)
        if sessions == 1 or np.diff(np.sort(habits)).min() > 7200:
            break
    return habits


def _tokens(room: Room, at: np.ndarray, names: Names, rng: np.random.Generator) -> np.ndarray:
    """Her cookie at each of her taps: always a new one in private browsing, now and then a new one otherwise."""
    if rng.random() < room.private:
        return names.new(len(at))
    changes = np.cumsum(rng.random(len(at)) < room.cookie_loss)
    return names.new(int(changes[-1]) + 1)[changes] if len(at) else np.empty(0)


def _devices_of_one(room: Room, at: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Her phone at each of her taps: the same user agent, the network of the house or her carrier's of that day."""
    agent = rng.choice(len(room.user_agents), p=room.user_agents)
    at_house = rng.random(len(at)) < min(1.0, 1.3 * room.wifi)
    of_day = 1 + np.array((at // DAY_S * 7919 + agent * 104_729) % max(room.networks, 1), dtype=int)
    return np.asarray(np.where(at_house, HOUSE, of_day) * NETWORK_STRIDE + agent)


def _gatherings(room: Room, names: Names, rng: np.random.Generator) -> Taps:
    """Groups that arrive together, declared activities and small ones that nobody declared."""
    working = np.flatnonzero(room.is_working())
    together = rng.choice(working, rng.poisson(room.groups * 12))
    spans = [(int(day), int(rng.integers(2, 8)), rng.uniform(300, 1800)) for day in together]
    spans += [(day, int(rng.integers(8, 45)), rng.uniform(3600, 3 * 3600)) for day in room.declared]
    spans += [(day, int(rng.integers(4, 13)), rng.uniform(3600, 3 * 3600)) for day in room.undeclared]
    piles = [_gathering(room, names, rng, span) for span in spans]
    return Taps.joined([Taps.make(np.empty(0), np.empty(0), np.empty(0)), *piles])


def _gathering(room: Room, names: Names, rng: np.random.Generator, span: tuple[int, int, float]) -> Taps:
    day, people, lasts = span
    start = times(room, np.array([day]), rng)[0]
    at = start + np.sort(rng.uniform(0, lasts, people))
    at = np.maximum.accumulate(at + np.arange(people) * rng.uniform(5, 60))
    return Taps.make(at, names.new(people), devices(room, people, rng))


def _second_taps(room: Room, taps: Taps, names: Names, rng: np.random.Generator) -> Taps:
    """Taps again soon after: an impatient finger, or the way out; rarely with the cookie lost in between."""
    again = taps.of(rng.random(len(taps)) < room.double_taps)
    lost = rng.random(len(again)) < 0.5 * room.private + 0.1 * room.cookie_loss
    wait = np.where(rng.random(len(again)) < 0.5, rng.uniform(2, 60, len(again)), rng.uniform(60, 2400, len(again)))
    token = np.where(lost, names.new(len(again)), again.token)
    return Taps.make(again.at + wait, token, again.device)


def _late(taps: Taps, rng: np.random.Generator) -> Taps:
    """The same taps, some of them heard of hours later: they waited on a phone without a signal."""
    does = rng.random(len(taps)) < rng.uniform(0, 0.03)
    waits = np.where(does, rng.exponential(4 * 3600, len(taps)).clip(0, 71 * 3600), 0)
    return replace(taps, arrived=taps.at + waits)


def _only_when_reachable(room: Room, taps: Taps) -> Taps:
    """Without taps outside the year; days before the opening and of a suspension are left to the rule."""
    day = (taps.at // DAY_S).astype(int)
    inside = (taps.at >= 0) & (day < len(DAYS)) & (day >= room.opened)
    closed = (day >= room.suspended[0]) & (day < room.suspended[1])
    few = np.arange(len(taps)) % 10 == 0
    return taps.of(inside & (~closed | few))
