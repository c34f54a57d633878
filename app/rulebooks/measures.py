"""The named measures a rulebook can ask for: pure, exact, each with the evidence it was computed from.

A measure gets a `Question` and gives a `Reading`. Adding one means adding a function and a row to `MEASURES`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from app.months import Month
from app.rulebooks.facts import Facts
from app.rulebooks.known import AttestationFacts
from app.rulebooks.model import AT_LEAST, IS, FacilityGroup, Part, Scalar
from app.rulebooks.phrases import Param, Phrase, phrase_texts
from app.rulebooks.rulebook import Rulebook
from app.rulebooks.window import ACCEPTANCE_MONTH, BEFORE_ACCEPTANCE, SUSPENDED, Window, window_before


@dataclass(frozen=True, slots=True)
class Question:
    """What a measure may look at. `threshold` is the one in force on `on` for the site's location kind."""

    rulebook: Rulebook
    facts: Facts
    on: date
    window: Window
    part: Part
    threshold: Scalar

    def setting(self, name: str) -> int:
        """A setting of the rulebook on the date asked about."""
        return self.rulebook.setting(name, self.on)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured. While `is_certain` is false the value, if any, is shown and not judged.

    `threshold` and `unit` replace the rulebook's where a measure counts in a finer unit; `params` go into the advice.
    """

    value: Scalar | None
    is_certain: bool
    evidence: tuple[Phrase, ...]
    params: Mapping[str, Param] = field(default_factory=dict)
    threshold: Fraction | None = None
    unit: str | None = None


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


def attested(question: Question) -> Reading:
    """What a named person has stated, by the date, and not so long ago that it has expired."""
    return attestation_reading(question, question.part.item or "")


def attestation_reading(question: Question, item: str) -> Reading:
    """The statement about `item` that is in force on the date."""
    stated: AttestationFacts | None = question.facts.attestations.get(item)
    if stated is None or stated.stated_on > question.on:
        return Reading(None, False, (Phrase("not_attested"),))
    by: Param = stated.by or phrase_texts()["no_name"]
    told: dict[str, Param] = {"by": by, "day": stated.stated_on, "note": stated.note}
    valid = question.part.valid_months
    if valid is not None and question.on >= _months_later(stated.stated_on, valid):
        return Reading(None, False, (Phrase("attestation_expired", told | {"months": valid}),))
    evidence = [Phrase("attested_yes" if stated.holds else "attested_no", told)]
    if stated.note:
        evidence.append(Phrase("attested_note", told))
    return Reading(stated.holds, True, tuple(evidence))


def _months_later(day: date, months: int) -> date:
    month = Month.of_date(day) + months
    return date(month.year, month.month, min(day.day, month.days))


def uses_total(facts: Facts, months: tuple[Month, ...]) -> tuple[int, int]:
    """(recorded, counted) uses of some months."""
    tallies = facts.months or {}
    there = [tallies[month] for month in months if month in tallies]
    return sum(tally.recorded for tally in there), sum(tally.counted for tally in there)


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
    there = [tallies[month].ratings for month in months if month in tallies]
    return tuple(map(sum, zip(*there, strict=True))) if there else (0, 0, 0, 0, 0)


def mean_score(counts: tuple[int, ...], scores: tuple[int, ...]) -> Fraction | None:
    """The exact mean score of ratings by step, None without any."""
    n = sum(counts)
    return Fraction(sum(map(int.__mul__, counts, scores)), n) if n else None


def satisfaction(question: Question) -> Reading:
    """The mean score of all ratings in the window. Uncertain with fewer ratings than the minimum."""
    if question.facts.months is None:
        minimum = question.setting("minimum_ratings")
        return Reading(None, False, (Phrase("no_usage_log"),), {"n": 0, "of": minimum, "lacking": minimum})
    counts = rating_counts(question.facts, question.window.months)
    score = mean_score(counts, question.rulebook.setting_numbers("rating_scores", question.on))
    n, minimum = sum(counts), question.setting("minimum_ratings")
    told: dict[str, Param] = {"n": n, "of": minimum, "lacking": max(minimum - n, 0)}
    by_step = Phrase("ratings_by_step", told | {f"step{step}": count for step, count in enumerate(counts, 1)})
    evidence = (by_step,) if n >= minimum else (by_step, Phrase("too_few_ratings", told))
    return Reading(score, n >= minimum, evidence if n else (Phrase("too_few_ratings", told),), told)


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure's function, what it is compared by, the keys of a part it needs, and the names its advice may use."""

    read: Callable[[Question], Reading]
    operator: str
    needs: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    moves_with_time: bool = False
    settings: tuple[str, ...] = ()


MEASURES: Mapping[str, Measure] = {
    "accepted": Measure(accepted, IS, moves_with_time=True),
    "days_running": Measure(days_running, AT_LEAST, placeholders=("due",), moves_with_time=True),
    "area": Measure(area, AT_LEAST),
    "facility_groups": Measure(facility_groups, AT_LEAST, needs=("groups",), placeholders=("absent",)),
    "system": Measure(system_fact, IS, needs=("item",)),
    "attested": Measure(attested, IS, needs=("item",)),
    "mean_monthly_uses": Measure(mean_monthly_uses, AT_LEAST, (), ("n", "of", "counted"), moves_with_time=True),
    "satisfaction": Measure(satisfaction, AT_LEAST, (), ("n", "of", "lacking"), moves_with_time=True),
}
COMMON_PLACEHOLDERS = ("value", "threshold", "missing")
