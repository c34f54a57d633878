"""Draws one room: everything about it that is not the same in the next room of its kind."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from app.months import Month, month_range
from app.sites.hours import day_kind
from benchmarks.fraud.families import Family
from benchmarks.fraud.roomtypes import RoomType

FIRST = Month(2025, 1)
MONTHS = 12
DAYS = [FIRST.first_on + timedelta(days=n) for n in range(((FIRST + MONTHS).first_on - FIRST.first_on).days)]
MONTH_OF_DAY = np.array([FIRST.until(Month.of_date(day)) for day in DAYS])
ALL_MONTHS = month_range(FIRST, FIRST + (MONTHS - 1))
DAY_S = 86_400


@dataclass(frozen=True)
class Room:
    """One room and its year. Days are numbered from `FIRST`, seconds count from the first local midnight.

    `expected`: walk-in uses expected on each day, shape (days,); `open_s`: first and last second open of each day,
    equal when closed, shape (days, 2); `profile`: chances of the 24 hours; `user_agents`: chances of each user agent;
    `steps`: chances of ratings 1 to 5; `suspended`: half-open days; `declared`: days with a declared activity.
    """

    kind: RoomType
    family: Family
    level: float
    expected: np.ndarray
    open_s: np.ndarray
    profile: np.ndarray
    user_agents: np.ndarray
    networks: int
    wifi: float
    loyal: float
    private: float
    cookie_loss: float
    double_taps: float
    groups: float
    excited: float
    rated: float
    steps: np.ndarray
    opened: int
    suspended: tuple[int, int]
    declared: tuple[int, ...]
    undeclared: tuple[int, ...]

    @property
    def opened_on(self) -> date:
        """First day on which the room was open."""
        return FIRST.first_on + timedelta(days=self.opened)

    @property
    def threshold(self) -> int:
        """Mean monthly uses that the title asks for."""
        return self.kind.threshold

    def is_working(self) -> np.ndarray:
        """On which days the room was open at all, shape (days,)."""
        days = np.arange(len(DAYS))
        closed = (days >= self.suspended[0]) & (days < self.suspended[1])
        return (self.open_s[:, 1] > self.open_s[:, 0]) & (days >= self.opened) & ~closed


def draw_room(kind: RoomType, family: Family, rng: np.random.Generator, level: float | None = None) -> Room:
    """One room of `kind`. `level` (counted uses a month) fixes what is drawn otherwise; then it is open all year."""
    is_free = level is None
    level = kind.level * _log_uniform(rng, *family.level) if level is None else level
    opened = -int(rng.integers(400)) if rng.random() > 0.2 or not is_free else int(rng.integers(1, 200))
    start = int(rng.integers(30, 330))
    suspended = (start, start + int(rng.integers(2, 21))) if rng.random() < 0.2 and is_free else (-1, -1)
    open_s = _open_seconds(kind)
    open_days = np.flatnonzero((open_s[:, 1] > open_s[:, 0]) & (np.arange(len(DAYS)) > opened))
    loyal = float(np.clip(kind.loyal * rng.uniform(*family.loyal), 0, 0.95))
    return Room(
        kind=kind,
        family=family,
        level=level,
        expected=_expected(kind, family, level * (1 - loyal), opened, rng),
        open_s=open_s,
        profile=_profile(kind, family, open_s, rng),
        user_agents=_user_agents(family, rng),
        networks=round(_log_uniform(rng, *family.networks)),
        wifi=float(np.clip(kind.wifi * rng.uniform(*family.wifi), 0, 0.95)),
        loyal=loyal,
        private=rng.uniform(*family.private),
        cookie_loss=rng.uniform(*family.cookie_loss),
        double_taps=rng.uniform(*family.double_taps),
        groups=kind.groups * rng.uniform(*family.groups),
        excited=rng.uniform(*family.excited),
        rated=float(np.clip(kind.rated * rng.uniform(0.2, 2.2), 0.03, 0.9)),
        steps=draw_steps(float(np.clip(kind.fives + rng.normal(0, 0.06), 0.55, 0.985)), rng),
        opened=opened,
        suspended=suspended,
        declared=tuple(int(day) for day in rng.choice(open_days, rng.poisson(kind.events))),
        undeclared=tuple(int(day) for day in rng.choice(open_days, rng.poisson(kind.events * 0.4))),
    )


def draw_steps(fives: float, rng: np.random.Generator) -> np.ndarray:
    """Chances of ratings 1 to 5, shape (5,), of which `fives` is that of 5."""
    rest = rng.dirichlet([0.6, 0.5, 1.2, 3.0])
    return np.append(rest * (1 - fives), fives)


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _open_seconds(kind: RoomType) -> np.ndarray:
    spans = [kind.hours.intervals_on(day) or ((0, 0),) for day in DAYS]
    return np.array([(span[0][0] * 60, span[-1][1] * 60) for span in spans])


def _expected(kind: RoomType, family: Family, monthly: float, opened: int, rng: np.random.Generator) -> np.ndarray:
    """Walk-in uses expected on each day: rhythm of the week, holidays, season, growth and the luck of the day."""
    days = np.arange(len(DAYS))
    weekly = np.array([_weekday_factor(kind, day) for day in DAYS])
    season = 1 + rng.uniform(0, 0.35) * np.sin(2 * np.pi * (days / 365 + rng.random()))
    growth = np.exp(rng.normal(0, 0.35) * (days / 365 - 0.5))
    shape = _log_uniform(rng, *family.dispersion)
    if family.is_lognormal:
        luck = np.exp(rng.normal(0, (1 / shape) ** 0.5, len(days)) - 0.5 / shape)
    else:
        luck = rng.gamma(shape, 1 / shape, len(days))
    months = np.exp(rng.normal(0, 0.12, MONTHS))[MONTH_OF_DAY]
    plain = weekly / weekly.mean() * season * growth * months
    ramp = np.where(days < opened, 0.0, np.clip((days - opened + 20) / 50, 0, 1) if opened > 0 else 1.0)
    return np.asarray(monthly * 12 / 365 * plain / plain.mean() * luck * ramp)


def _weekday_factor(kind: RoomType, day: date) -> float:
    sort = day_kind(day)
    if sort == "working_weekend":
        return kind.weekdays[0]
    return kind.weekdays[day.weekday()] * (kind.holiday if sort == "holiday" else 1.0)


def _profile(kind: RoomType, family: Family, open_s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The kind's rhythm, shifted, flattened and roughened; a little of it lies outside the stated hours."""
    hours = np.arange(24)
    usual = np.asarray(kind.profile) / sum(kind.profile)
    if family.own_rhythm:
        peaks = rng.uniform(open_s[0, 0] / 3600, 20, 3)
        usual = np.exp(-0.5 * ((hours[:, None] - peaks) / rng.uniform(1, 3, 3)) ** 2).sum(axis=1) * (usual > 0)
    shifted = np.interp(hours - rng.normal(0, family.shift_h / 2), hours, usual)
    span = open_s[open_s[:, 1] > open_s[:, 0]][0] // 3600
    is_open = (hours >= span[0]) & (hours < span[1])
    flat = rng.uniform(*family.flat)
    mixed = ((1 - flat) * shifted / shifted.sum() + flat * is_open / is_open.sum()) * rng.gamma(8, 1 / 8, 24)
    inside = np.where(is_open, mixed, 0)
    outside = np.where(is_open, 0, np.exp(-np.minimum(abs(hours - span[0]), abs(hours - span[1] + 1))))
    early = rng.uniform(0, 0.03)
    return np.asarray((1 - early) * inside / inside.sum() + early * outside / outside.sum())


def _user_agents(family: Family, rng: np.random.Generator) -> np.ndarray:
    """Chances of user agents: a few phones and versions of one messenger are most of them."""
    number = round(_log_uniform(rng, *family.user_agents))
    weights = np.arange(1, number + 1) ** -rng.uniform(*family.zipf)
    if rng.random() < family.monoculture:
        weights[0] = weights[1:].sum() * rng.uniform(0.4, 1.5)
    return np.asarray(weights / weights.sum())
