"""Which piece of the facts a measure's result hangs on, so that equal pieces have to be judged only once.

A piece says nothing about the result: that is the measure's. It only has to differ wherever the result might. A measure
that is not named here is asked anew for every site.
"""

from collections.abc import Callable, Hashable, Mapping
from datetime import date
from operator import add, mul

from app.rulebooks.facts import Facts
from app.rulebooks.measures import rating_counts, uses_total
from app.rulebooks.measures_events import incidents_of
from app.rulebooks.model import Part
from app.rulebooks.question import is_recent
from app.rulebooks.rulebook import Rulebook
from app.rulebooks.window import SUSPENDED, Window

Look = Callable[[Facts, Window], Hashable]
Build = Callable[[Rulebook, Part, date], Look]


def look_of(rulebook: Rulebook, part: Part, on: date) -> Look | None:
    """What `part` looks at on a local date; None when nothing less than all facts determines its result."""
    build = PIECES.get(part.measure)
    if build is None:
        return None
    look = build(rulebook, part, on)
    if part.or_attested is None:
        return look
    instead = _stated(part.or_attested)
    return lambda facts, window: (look(facts, window), instead(facts, window))


def _stated(item: str) -> Look:
    def look(facts: Facts, _window: Window) -> Hashable:
        stated = facts.attestations.get(item)
        return None if stated is None else (stated.holds, stated.stated_on)

    return look


def _attested(_rulebook: Rulebook, part: Part, _on: date) -> Look:
    return _stated(part.item or "")


def _system(_rulebook: Rulebook, part: Part, _on: date) -> Look:
    item = part.item or ""
    return lambda facts, _window: facts.system.get(item)


def _accepted_on(_rulebook: Rulebook, _part: Part, _on: date) -> Look:
    return lambda facts, _window: facts.accepted_on


def _area(_rulebook: Rulebook, _part: Part, _on: date) -> Look:
    return lambda facts, _window: None if facts.area_m2 is None else facts.area_m2.as_integer_ratio()


def _facilities(_rulebook: Rulebook, part: Part, _on: date) -> Look:
    codes = tuple(dict.fromkeys(code for group in part.groups for code in group.any_of))

    def look(facts: Facts, _window: Window) -> Hashable:
        there = facts.facilities
        return None if there is None else tuple([there.get(code, 0) != 0 for code in codes])

    return look


def _uses(_rulebook: Rulebook, _part: Part, _on: date) -> Look:
    def look(facts: Facts, window: Window) -> Hashable:
        if facts.months is None:
            return None
        n, suspended = len(window.counted), len(window.left_out_for(SUSPENDED)) if window.left_out else 0
        return uses_total(facts, window.counted)[1], n, suspended, facts.accepted_on is None

    return look


def _ratings(rulebook: Rulebook, _part: Part, on: date) -> Look:
    scores = rulebook.setting_numbers("rating_scores", on)

    def look(facts: Facts, window: Window) -> Hashable:
        logs = [one for one in (facts, *(part.facts for part in facts.parts or ())) if one.months is not None]
        if not logs:
            return None
        counts = rating_counts(logs[0], window.months)
        for one in logs[1:]:
            counts = tuple(map(add, counts, rating_counts(one, window.months)))
        return sum(counts), sum(map(mul, counts, scores))

    return look


def _activities(_rulebook: Rulebook, part: Part, on: date) -> Look:
    kind, months = part.activity, part.months or 0

    def look(facts: Facts, _window: Window) -> Hashable:
        if not facts.activities:
            return 0
        return sum(entry.kind == kind and is_recent(entry.on, months, on) for entry in facts.activities)

    return look


def _incidents(_rulebook: Rulebook, part: Part, _on: date) -> Look:
    stated = _stated(part.item or "")
    return lambda facts, window: (tuple(incidents_of(facts)), stated(facts, window))


def _titles(_rulebook: Rulebook, _part: Part, _on: date) -> Look:
    return lambda facts, _window: facts.titles


PIECES: Mapping[str, Build] = {
    "accepted": _accepted_on,
    "days_running": _accepted_on,
    "area": _area,
    "facility_groups": _facilities,
    "system": _system,
    "attested": _attested,
    "mean_monthly_uses": _uses,
    "satisfaction": _ratings,
    "activities": _activities,
    "no_incident": _incidents,
    "no_title": _titles,
}
