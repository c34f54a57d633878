"""What stands out in the uses of a site over the months of an application, each with its figures. Pure.

A flag is a question for a reviewer, never a verdict: nothing is excluded because of one. Limits, their reasons and the
sentences are data (data/detectors.toml). Every detector looks at the whole period, not at single months.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from app.anomalies import measures, shapes
from app.anomalies.context import SiteContext
from app.anomalies.measures import Limits, Measure, Part
from app.anomalies.shapes import Found, Shape
from app.anomalies.signals import Signals
from app.anomalies.year import Year
from app.months import Month

DATA = Path(__file__).parent / "data" / "detectors.toml"
SHARES: Mapping[str, Measure] = MappingProxyType(
    {
        one.__name__: one
        for one in (
            measures.closed_hours, measures.night, measures.changed_soon, measures.top_device, measures.thrice_a_day,
            measures.over_capacity, measures.bursts, measures.short_gaps, measures.even_gaps, measures.month_end,
            measures.peak_days, measures.hour_profile, measures.rating_bursts, measures.late_ratings,
            measures.perfect_score, measures.regulars,
        )
    }
)  # fmt: skip
SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        one.__name__: one
        for one in (
            shapes.many_tokens, shapes.even_days, shapes.level_jump, shapes.own_history, shapes.mixed_ratings,
        )
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing that stands out. `strength` is how many times its limit it reaches, at least 1.

    `months` are those that show it. `figures` are what the sentence says; those named ``…share`` lie between 0 and 1.
    """

    detector: str
    strength: float
    months: tuple[Month, ...]
    figures: Mapping[str, int | float | str]

    @property
    def is_alone(self) -> bool:
        """Whether it is enough by itself; the others only support one another."""
        return bool(detectors()[self.detector]["alone"])

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads back to an equal value."""
        return {
            "detector": self.detector,
            "strength": self.strength,
            "months": [str(month) for month in self.months],
            "figures": dict(self.figures),
        }

    @staticmethod
    def is_known(values: Mapping[str, Any]) -> bool:
        """Whether the detector of a kept flag is still there."""
        return values["detector"] in detectors()

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read `to_json`'s object."""
        months = tuple(Month.parse(text) for text in values["months"])
        return cls(values["detector"], float(values["strength"]), months, values["figures"])


@cache
def detectors() -> Mapping[str, Mapping[str, Any]]:
    """The published data of all detectors by name, in the order in which people see them."""
    return tomllib.loads(DATA.read_text(encoding="utf-8"))


def flags(days: Mapping[date, Signals], context: SiteContext, first: Month, last: Month) -> tuple[Flag, ...]:
    """What stands out in the months `first` to `last`, both included, the strongest first.

    `days` are the site's signals by local date; a missing date has no uses, dates before `first` are its history. A
    site with fewer counted uses in the period than ``least`` of a detector is not judged by it.
    """
    year = Year(days, context, first, last)
    found = (_flag(name, year) for name in detectors())
    return tuple(sorted((flag for flag in found if flag), key=lambda flag: (-flag.is_alone, -flag.strength)))


def is_flagged(found: Iterable[Flag]) -> bool:
    """Whether the site as a whole is flagged: by one flag that is enough alone, or by two that support each other."""
    flagged = list(found)
    return any(flag.is_alone for flag in flagged) or len(flagged) >= 2


def sentence(flag: Flag, locale: str) -> str:
    """What a reviewer reads about a flag, in English for the locale ``en``, in Chinese for any other."""
    words = said(flag.detector, "sentence", locale)
    shown = {name: _shown(name, value) for name, value in flag.figures.items()}
    return words.format_map(shown)


def said(detector: str, what: str, locale: str) -> str:
    """A detector's ``title``, ``sentence`` or ``reason``, in English for the locale ``en``, otherwise in Chinese."""
    words: str = detectors()[detector][what]["en" if locale == "en" else "zh"]
    return words


def _shown(name: str, value: float | str) -> float | str:
    return f"{value:.1%}" if name.endswith("share") and not isinstance(value, str) else value


def limits_of(name: str, room_type: str) -> Limits:
    """A detector's numbers for a type of room: the general ones with the type's own over them."""
    numbers: dict[str, Any] = dict(detectors()[name]["limits"])
    by_type = numbers.pop("by_type", {})
    return {key: float(value) for key, value in (numbers | by_type.get(room_type, {})).items()}


def _flag(name: str, year: Year) -> Flag | None:
    limits = limits_of(name, year.context.room_type)
    if not year.dates or year.counted.sum() < limits["least"]:
        return None
    found = _shared(SHARES[name](year, limits), year, limits) if name in SHARES else SHAPES[name](year, limits)
    if found is None or found.strength < 1:
        return None
    return Flag(name, round(found.strength, 2), found.months, found.figures)


def _shared(part: Part, year: Year, limits: Limits) -> Found | None:
    """A share against its limit. The months are those that reach the limit too, or the one that comes closest."""
    if part.total < limits["part"] or part.share < limits["share"]:
        return None
    parts, wholes = year.by_month(part.part), year.by_month(part.whole)
    shares = [of / out_of if out_of else 0.0 for of, out_of in zip(parts, wholes, strict=True)]
    reach = min(limits["share"], max(shares))
    months = tuple(month for month, share in zip(year.months, shares, strict=True) if share >= reach)
    figures = {"part": round(part.total), "whole": round(part.out_of), "share": round(part.share, 4)}
    return Found(part.share / limits["share"], months, figures | {"limit_share": limits["share"], **part.figures})


