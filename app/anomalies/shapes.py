"""What is no share of the uses: days too alike, a level that jumps, another rhythm than before, ratings of two kinds.

Pure. Each returns None where there is too little to judge, else how many times its limit is reached.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from app.anomalies.year import Numbers, Year
from app.months import Month


@dataclass(frozen=True, slots=True)
class Found:
    """`strength` 1 is the limit; `months` show it; `figures` are what the sentence says."""

    strength: float
    months: tuple[Month, ...]
    figures: Mapping[str, int | float | str]


Shape = Callable[[Year, dict[str, float]], Found | None]


def many_tokens(year: Year, limits: dict[str, float]) -> Found | None:
    """One device with many cookies: how often two cookies of a day come from one device, by the whole period.

    Phones of one kind behind one network look alike, so that a busy room has many such pairs; their share of all pairs
    stays what it is, however busy the room. Each use weighs the same; days with an activity are left out.
    """
    known = ~year.is_declared & (year.column(lambda day: day.with_device) > 0)
    tokens = np.where(known, year.column(lambda day: day.tokens), 0)
    again = float(year.column(lambda day: day.cleared)[known].sum())
    several = tokens >= 2
    if again < limits["part"]:
        return None
    pairs = np.zeros(len(tokens))
    pairs[several] = 2 * year.column(lambda day: day.alike)[several] / (tokens[several] - 1)
    alike = pairs.sum() / tokens[several].sum()
    monthly = year.by_month(pairs) / np.maximum(year.by_month(np.where(several, tokens, 0)), 1)
    months = tuple(month for month, one in zip(year.months, monthly, strict=True) if one >= alike)
    share = again / float(tokens.sum())
    figures = {"part": int(again), "share": round(share, 4), "alike_share": round(float(alike), 4)}
    most = int(year.column(lambda day: day.most_tokens).max(initial=0))
    return Found(float(alike) / limits["alike"], months, figures | {"limit_share": limits["alike"], "most": most})


def even_days(year: Year, limits: dict[str, float]) -> Found | None:
    """Days more alike than chance allows: variance over mean within a month and kind of day; 1 for chance alone."""
    deviation, freedom = _within(year)
    if freedom < limits["days"]:
        return None
    index = deviation / freedom
    return Found(limits["index"] / max(index, 1e-3), tuple(year.months), {"index": round(index, 2)})


def _within(year: Year) -> tuple[float, int]:
    usual = year.expected >= 1
    groups = {(int(month), bool(rest)) for month, rest in zip(year.month[usual], year.is_rest[usual], strict=True)}
    expected = year.expected[usual]
    deviation = float((((year.counted[usual] - expected) ** 2) / expected).sum()) if usual.any() else 0.0
    return deviation, int(usual.sum()) - len(groups)


def level_jump(year: Year, limits: dict[str, float]) -> Found | None:
    """A month from which on the room is used several times as much as before, from one month to the next."""
    days = np.array([month.days for month in year.months], dtype=float)
    level = year.by_month(year.counted) / days
    whole = [n for n, month in enumerate(year.months) if month.first_on >= year.start]
    cuts = [cut for cut in whole if cut - whole[0] >= 3 and len(level) - cut >= 2] if whole else []
    best: Found | None = None
    for cut in cuts:
        before, after = level[whole[0] : cut], level[cut:]
        ratio = float(after.min() / max(before.max(), limits["floor"]))
        if best is None or ratio / limits["ratio"] > best.strength:
            figures = {"before": round(float(before.mean() * 30)), "after": round(float(after.mean() * 30))}
            best = Found(ratio / limits["ratio"], (year.months[cut],), figures)
    return best


def own_history(year: Year, limits: dict[str, float]) -> Found | None:
    """Another rhythm of the day than in the year before: the share of the uses that lies at other hours."""
    before = Year(year.days, year.context, year.first - 12, year.first - 1)
    if not before.dates or before.counted.sum() < limits["history"]:
        return None
    apart = float(np.abs(_profile(year) - _profile(before)).sum() / 2)
    return Found(apart / limits["share"], tuple(year.months), {"share": round(apart, 4)})


def _profile(year: Year) -> Numbers:
    sums = year.hours[~year.is_declared].sum(axis=0)
    return np.asarray(sums / max(sums.sum(), 1))


def mixed_ratings(year: Year, limits: dict[str, float]) -> Found | None:
    """Days on which all ratings are five beside days on which they are not: more apart than independent people are.

    `correlation` is that of two ratings of the same day being five (analysis of variance for proportions); `certain`
    its distance from 0 in standard errors under independence.
    """
    number, fives = year.steps.sum(axis=1), year.steps[:, 4]
    several = number >= 2
    number, fives = number[several], fives[several]
    pairs = float((number * (number - 1)).sum())
    if number.sum() < limits["ratings"] or pairs == 0:
        return None
    mean = float(fives.sum() / number.sum())
    variance = mean * (1 - mean)
    if variance == 0:
        return None
    together = float(((fives - number * mean) ** 2 - number * variance).sum())
    correlation, certain = together / (pairs * variance), together / (variance * (2 * pairs) ** 0.5)
    strength = min(correlation / limits["correlation"], certain / limits["certain"])
    days = (fives == number) & (number >= 3)
    return Found(strength, tuple(year.months), {"correlation": round(correlation, 2), "days": int(days.sum())})
