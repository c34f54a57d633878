"""What each detector measures: the part of the uses (or ratings) that it asks about, day by day. Pure.

Every measure has the same form, `Part`: so many of so many. A detector compares the share of the whole period with its
limit, so that it does not matter how busy a room is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.special import bdtr

from app.anomalies.year import Numbers, Year

Limits = dict[str, float]
WINDOWS = (3, 5, 7)
RARE = 1e-3


@dataclass(frozen=True)
class Part:
    """`part` of `whole` on each day, shape (days,); not a number where unknown. `figures` go into the sentence."""

    part: Numbers
    whole: Numbers
    figures: Mapping[str, int | float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """All of the part."""
        return float(np.nansum(np.where(np.isnan(self.whole), 0, self.part)))

    @property
    def out_of(self) -> float:
        """All of the whole, where the part is known."""
        return float(np.nansum(np.where(np.isnan(self.part), 0, self.whole)))

    @property
    def share(self) -> float:
        """The part's share, 0 of nothing."""
        return self.total / self.out_of if self.out_of else 0.0


Measure = Callable[[Year, Limits], Part]


def closed_hours(year: Year, _limits: Limits) -> Part:
    """Uses while the site was closed."""
    return Part(year.column(lambda day: day.closed), year.counted)


def night(year: Year, _limits: Limits) -> Part:
    """Uses between midnight and 04:00 on days on which the house is closed then."""
    part = year.hours[:, :4].sum(axis=1)
    return Part(np.where(year.is_closed_at_night, part, np.nan), year.counted)


def changed_soon(year: Year, _limits: Limits) -> Part:
    """Uses of a new cookie on a device that had shown another within the 15 minutes before."""
    return Part(year.column(lambda day: day.cleared_soon), year.column(lambda day: day.with_device))


def top_device(year: Year, limits: Limits) -> Part:
    """Uses of each day's busiest device beyond those that one woman needs."""
    top = year.column(lambda day: day.top_device)
    part = np.maximum(top - limits["own"], 0)
    return Part(part, year.column(lambda day: day.with_device), {"most": int(top.max(initial=0))})


def thrice_a_day(year: Year, _limits: Limits) -> Part:
    """Uses of phones that used the room three or four times in a day."""
    return Part(year.column(lambda day: day.thrice_uses), year.counted)


def over_capacity(year: Year, limits: Limits) -> Part:
    """Uses beyond those that the room can hold in an hour or in ten minutes, leaving out days with an activity."""
    places = year.context.capacity or int(limits["places"])
    hold_60, hold_10 = places * limits["uses_60"] + limits["slack"], places * limits["uses_10"] + limits["slack"]
    most_60, most_10 = year.column(lambda day: day.most_60), year.column(lambda day: day.most_10)
    part = np.maximum(np.maximum(most_60 - hold_60, most_10 - hold_10), 0)
    part = np.where(year.is_declared, 0, part)
    most = {"most_60": int(most_60.max(initial=0)), "most_10": int(most_10.max(initial=0))}
    figures = {"days": int((part > 0).sum()), "hold_60": int(hold_60), "hold_10": int(hold_10)}
    return Part(part, year.counted, figures | most)


def bursts(year: Year, limits: Limits) -> Part:
    """Uses within the fullest hour of a day beyond what the room's own rhythm explains; none on days with an activity.

    Given the uses of a day, those of its fullest hour follow from the share of the usual peak; what lies above all but
    one in a thousand such days is the part.
    """
    peak = min(max(limits["peak"], limits["times"] * float(np.max(year.profile))), 0.9)
    most = year.column(lambda day: day.most_60)
    part = np.where(year.is_declared, 0, np.maximum(most - highest(year.counted, peak), 0))
    return Part(part, year.counted, {"days": int((part > 0).sum()), "most": int(most.max(initial=0))})


def highest(number: Numbers, chance: float) -> Numbers:
    """The smallest k with P(X > k) ≤ 1/1,000 for X binomial with `number` tries of `chance`, shape of `number`."""
    found = {int(n): _highest(int(n), chance) for n in set(number)}
    return np.array([found[int(n)] for n in number], dtype=float)


def _highest(number: int, chance: float) -> int:
    return next((k for k in range(number) if 1 - bdtr(k, number, chance) <= RARE), number)


def short_gaps(year: Year, limits: Limits) -> Part:
    """Uses less than 90 s after the one before, beyond what the room's own rhythm gives by chance."""
    hourly = year.counted[:, None] * year.profile
    by_chance = (hourly**2).sum(axis=1) / 2 * (2 * 90 / 3600) * limits["clustered"]
    part = np.maximum(year.column(lambda day: day.short_gaps) - by_chance, 0)
    part = np.where(year.is_declared, 0, part)
    return Part(part, year.counted, {"by_chance": round(float(by_chance.sum()))})


def even_gaps(year: Year, _limits: Limits) -> Part:
    """Uses at exactly even intervals."""
    return Part(year.column(lambda day: day.even_gaps), year.counted)


def month_end(year: Year, limits: Limits) -> Part:
    """Uses on the last days of months beyond those that the days before let expect; 0 where months differ in it."""
    best = Part(np.zeros(len(year.dates)), year.counted)
    for window in WINDOWS:
        part = _beyond(year, window)
        sums = year.by_month(part)
        error = sums.std(ddof=1) / len(sums) ** 0.5 if len(sums) > 1 else np.inf
        certain = error > 0 and sums.mean() / error >= limits["certain"]
        found = Part(part, year.counted, {"window": window})
        if certain and found.share > best.share:
            best = found
    return best


def _beyond(year: Year, window: int) -> Numbers:
    left = [(year.months[number].last_on - on).days for number, on in zip(year.month, year.dates, strict=True)]
    is_end = np.array(left) < window
    part = np.zeros(len(year.dates))
    for month in np.unique(year.month):
        mine = (year.month == month) & ~year.is_declared
        for rest in (False, True):
            end, before = (mine & is_end & (year.is_rest == rest)), (mine & ~is_end & (year.is_rest == rest))
            usual = year.counted[before if before.any() else mine & ~is_end]
            part[end] = year.counted[end] - (usual.mean() if len(usual) else 0)
    return part


def peak_days(year: Year, limits: Limits) -> Part:
    """Uses on days with several times as many as usual, leaving out days with an activity."""
    part = np.zeros(len(year.dates))
    for rest in (False, True):
        mine = (year.is_rest == rest) & ~year.is_declared
        if mine.any():
            usual = year.counted[mine]
            level = usual[usual <= np.quantile(usual, 0.8)].mean()
            part[mine] = np.maximum(usual - limits["times"] * level - limits["slack"], 0)
    return Part(part, year.counted, {"days": int((part > 0).sum()), "most": int(year.counted.max(initial=0))})


def hour_profile(year: Year, limits: Limits) -> Part:
    """Uses in the one hour that stands out from the hours beside it."""
    sums = year.hours[~year.is_declared].sum(axis=0)
    beside = np.maximum(np.roll(sums, 1), np.roll(sums, -1))
    hour = int(np.argmax(sums - limits["times"] * beside))
    beyond = max(0.0, float(sums[hour] - limits["times"] * beside[hour]))
    part = year.hours[:, hour] * (beyond / sums[hour] if sums[hour] else 0)
    return Part(np.where(year.is_declared, 0, part), year.counted, {"hour": hour})


def rating_bursts(year: Year, _limits: Limits) -> Part:
    """Ratings of five out of five in runs of three or more within ten minutes, beyond what chance gives.

    With `nearby` other ratings expected within ten minutes, about 1.5 times its square of them are in such a run.
    """
    ratings = year.steps.sum(axis=1)
    nearby = ratings * float((year.profile**2).sum()) / 6
    by_chance = year.steps[:, 4] * np.minimum(1.5 * nearby**2, 1)
    most = year.column(lambda day: day.rating_10_fives)
    part = np.where(year.is_declared, 0, year.column(lambda day: day.burst_fives) - by_chance)
    return Part(part, ratings, {"most": int(most.max(initial=0))})


def late_ratings(year: Year, _limits: Limits) -> Part:
    """Ratings of five out of five that were given more than six hours after the use."""
    return Part(year.column(lambda day: day.late_fives), year.steps.sum(axis=1))


def perfect_score(year: Year, _limits: Limits) -> Part:
    """Ratings of five out of five."""
    return Part(year.steps[:, 4], year.steps.sum(axis=1))


def regulars(year: Year, _limits: Limits) -> Part:
    """Uses of phones that had used the room on five or more days of the month before."""
    return Part(year.column(lambda day: day.regulars), year.counted)
