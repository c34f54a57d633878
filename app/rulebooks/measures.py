"""The named measures a rulebook can ask for: pure, exact, each with the evidence it was computed from.

A measure gets a `Question` and gives a `Reading`. Adding one means adding a function and a row to `MEASURES`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from app.months import Month
from app.rulebooks import measures_care, measures_events, measures_parts
from app.rulebooks.facts import Facts
from app.rulebooks.model import AT_LEAST, IS, FacilityGroup
from app.rulebooks.phrases import Param, Phrase
from app.rulebooks.question import Question, Reading
from app.rulebooks.rulebook import Rulebook
from app.rulebooks.statements import attested
from app.rulebooks.tallies import Tallies
from app.rulebooks.window import ACCEPTANCE_MONTH, BEFORE_ACCEPTANCE, SUSPENDED, Window, window_before


def window_of(rulebook: Rulebook, facts: Facts, on: date) -> Window:
    """The rulebook's evaluation window of a site before a date."""
    return window_before(on, rulebook.setting("window_months", on), facts)


def corresponding_day(start: date, years: int) -> date:
    """The same day `years` later, 28 February for a 29 February without counterpart (Civil Code art. 201-202)."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return start.replace(year=start.year + years, day=28)


def accepted(question: Question) -> Reading:
    """Whether the site had passed acceptance by the date."""
    on = question.facts.accepted_on
    if on is None:
        return Reading(None, False, (Phrase("acceptance_not_recorded"),))
    return Reading(on <= question.on, True, (Phrase("accepted_on", {"day": on}),))


def days_running(question: Question) -> Reading:
    """Days since acceptance against the days to the corresponding day of the required year."""
    start = question.facts.accepted_on
    if start is None or isinstance(question.threshold, bool):
        return Reading(None, False, (Phrase("acceptance_not_recorded"),))
    due = corresponding_day(start, int(question.threshold))
    return Reading(
        value=Fraction((question.on - start).days),
        is_certain=True,
        threshold=Fraction((due - start).days),
        unit="days",
        evidence=(Phrase("accepted_on", {"day": start}), Phrase("year_complete_on", {"day": due})),
        params={"due": due},
    )


def area(question: Question) -> Reading:
    """The measured area in square metres."""
    area_m2 = question.facts.area_m2
    if area_m2 is None:
        return Reading(None, False, (Phrase("area_not_recorded"),))
    return Reading(area_m2, True, (Phrase("area_recorded", {"area": area_m2}),))


def facility_groups(question: Question) -> Reading:
    """How many of the named kinds of equipment are there; any one facility of a group serves."""
    groups = question.part.groups
    facilities = question.facts.facilities
    if facilities is None:
        return Reading(None, False, (Phrase("facilities_not_recorded"),), {"absent": _labels(groups)})
    there = tuple(group for group in groups if any(facilities.get(code, 0) != 0 for code in group.any_of))
    absent = tuple(group for group in groups if group not in there)
    named = (("facilities_there", there), ("facilities_absent", absent))
    return Reading(
        value=Fraction(len(there)),
        is_certain=True,
        evidence=tuple(Phrase(name, {"n": len(some), "which": _labels(some)}) for name, some in named if some),
        params={"absent": _labels(absent)},
    )


def _labels(groups: tuple[FacilityGroup, ...]) -> tuple[Param, ...]:
    return tuple(group.label for group in groups)


def system_fact(question: Question) -> Reading:
    """A fact the system knows by itself. Where the rulebook says so, a no only means that evidence is missing."""
    value = question.facts.system.get(question.part.item or "")
    if value is None:
        return Reading(None, False, (Phrase("system_unknown"),))
    phrase = Phrase("system_yes" if value else "system_no")
    is_certain = value or question.part.absent == "not_met"
    return Reading(value if is_certain else None, is_certain, (phrase,))


def uses_total(facts: Facts, months: tuple[Month, ...]) -> tuple[int, int]:
    """(recorded, counted) uses of some months."""
    tallies = facts.months or {}
    if isinstance(tallies, Tallies):
        counted = tallies.uses(months)
        return counted, counted
    there = [tally for tally in map(tallies.get, months) if tally is not None]
    return sum([tally.recorded for tally in there]), sum([tally.counted for tally in there])


def mean_monthly_uses(question: Question) -> Reading:
    """Mean counted uses a month over the window, exact. Uncertain with too few months that no suspension explains."""
    facts, window = question.facts, question.window
    if facts.months is None:
        return Reading(None, False, (Phrase("no_usage_log"),))
    recorded, counted = uses_total(facts, window.counted)
    n = len(window.counted)
    told: dict[str, Param] = {"n": n, "counted": counted, "recorded": recorded}
    evidence = [Phrase("uses_total", told | {"first": window.first, "last": window.last})]
    evidence += _left_out(window)
    minimum = question.setting("minimum_months")
    enough = n > 0 and n + len(window.left_out_for(SUSPENDED)) >= minimum
    if not enough:
        evidence.append(Phrase("too_few_months", {"n": n, "of": minimum}))
    if facts.accepted_on is None:
        evidence.append(Phrase("acceptance_not_recorded"))
    return Reading(
        value=Fraction(counted, n) if n else None,
        is_certain=enough and facts.accepted_on is not None,
        evidence=tuple(evidence),
        params={"n": n, "of": minimum, "counted": counted},
    )


def _left_out(window: Window) -> list[Phrase]:
    reasons = (BEFORE_ACCEPTANCE, ACCEPTANCE_MONTH, SUSPENDED)
    found = [(reason, window.left_out_for(reason)) for reason in reasons]
    return [Phrase(f"left_out_{reason}", {"n": len(months), "months": months}) for reason, months in found if months]


def rating_counts(facts: Facts, months: tuple[Month, ...]) -> tuple[int, ...]:
    """Numbers of ratings by step, 1 first, over some months."""
    tallies = facts.months or {}
    if isinstance(tallies, Tallies):
        return tallies.steps(months)
    there = [tally.ratings for tally in map(tallies.get, months) if tally is not None]
    return tuple(map(sum, zip(*there, strict=True))) if there else (0, 0, 0, 0, 0)


def mean_score(counts: tuple[int, ...], scores: tuple[int, ...]) -> Fraction | None:
    """The exact mean score of ratings by step, None without any."""
    n = sum(counts)
    return Fraction(sum(map(int.__mul__, counts, scores)), n) if n else None


def satisfaction(question: Question) -> Reading:
    """The mean score of all ratings in the window. Uncertain with fewer ratings than the minimum.

    Those of a combined site are its own and those of its parts together.
    """
    logs = [question.facts, *(part.facts for part in question.facts.parts or ())]
    if all(one.months is None for one in logs):
        minimum = question.setting("minimum_ratings")
        return Reading(None, False, (Phrase("no_usage_log"),), {"n": 0, "of": minimum, "lacking": minimum})
    of_each = [rating_counts(one, question.window.months) for one in logs]
    counts = tuple(map(sum, zip(*of_each, strict=True)))
    score = mean_score(counts, question.rulebook.setting_numbers("rating_scores", question.on))
    n, minimum = sum(counts), question.setting("minimum_ratings")
    told: dict[str, Param] = {"n": n, "of": minimum, "lacking": max(minimum - n, 0)}
    by_step = Phrase("ratings_by_step", told | {f"step{step}": count for step, count in enumerate(counts, 1)})
    evidence = (by_step,) if n >= minimum else (by_step, Phrase("too_few_ratings", told))
    return Reading(score, n >= minimum, evidence if n else (Phrase("too_few_ratings", told),), told)


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure's function and what it is compared by.

    `needs` are keys of a part it cannot do without, `settings` those of the rulebook; `placeholders` may stand in its
    advice. Where `statement_decides`, the statement that may take its place also fails it.
    """

    read: Callable[[Question], Reading]
    operator: str
    needs: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    moves_with_time: bool = False
    statement_decides: bool = False


FORECAST = ("pace_months", "forecast_months")
MEASURES: Mapping[str, Measure] = {
    "accepted": Measure(accepted, IS, moves_with_time=True, settings=FORECAST),
    "days_running": Measure(days_running, AT_LEAST, placeholders=("due",), moves_with_time=True, settings=FORECAST),
    "area": Measure(area, AT_LEAST),
    "facility_groups": Measure(facility_groups, AT_LEAST, needs=("groups",), placeholders=("absent",)),
    "system": Measure(system_fact, IS, needs=("item",)),
    "attested": Measure(attested, IS, needs=("item",)),
    "mean_monthly_uses": Measure(
        mean_monthly_uses,
        AT_LEAST,
        placeholders=("n", "of", "counted"),
        settings=("minimum_months", "near_percent", *FORECAST),
        moves_with_time=True,
    ),
    "satisfaction": Measure(
        satisfaction,
        AT_LEAST,
        placeholders=("n", "of", "lacking"),
        settings=("minimum_ratings", *FORECAST),
        moves_with_time=True,
    ),
    "activities": Measure(
        measures_events.activities, AT_LEAST, needs=("activity", "months"), placeholders=("n",), statement_decides=True
    ),
    "no_incident": Measure(measures_events.no_incident, IS, needs=("incidents", "months", "item")),
    "no_title": Measure(measures_events.no_title, IS),
    "care_children": Measure(measures_care.children, AT_LEAST, settings=("care_months",)),
    "care_days": Measure(measures_care.days, AT_LEAST, settings=("care_months",)),
    "attendance_rate": Measure(measures_care.attendance_rate, AT_LEAST, settings=("care_months",)),
    "care_area_per_child": Measure(measures_care.area_per_child, AT_LEAST, settings=("care_months",)),
    "nursery_places": Measure(measures_care.places, AT_LEAST, settings=("return_months",)),
    "own_children_share": Measure(measures_care.own_children_share, AT_LEAST, settings=("return_months",)),
    "class_types": Measure(measures_care.class_types, AT_LEAST, settings=("return_months",)),
    "price_at_most_average": Measure(measures_care.price_at_most_average, IS, settings=("return_months",)),
    "nursery_area_per_child": Measure(measures_care.indoor_per_child, AT_LEAST, settings=("return_months",)),
    "outdoor_area_per_child": Measure(measures_care.outdoor_per_child, AT_LEAST, settings=("return_months",)),
    "health_title": Measure(measures_care.health_title, IS, settings=("return_months",)),
    "part_kinds": Measure(measures_parts.kinds, AT_LEAST),
    "part_self_checks": Measure(measures_parts.self_checks, AT_LEAST, placeholders=("which",)),
    "parts_meet": Measure(measures_parts.meet, IS, needs=("section",), placeholders=("which",)),
}
COMMON_PLACEHOLDERS = ("value", "threshold", "missing")
