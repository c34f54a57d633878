"""Measures about what took place: activities, incidents, titles."""

from fractions import Fraction

from app.rulebooks.facts import Facts
from app.rulebooks.known import IncidentFacts
from app.rulebooks.phrases import Param, Phrase
from app.rulebooks.question import Question, Reading, unanswered
from app.rulebooks.statements import attested


def activities(question: Question) -> Reading:
    """How many entries of one kind the activity log has in the months before the date. An empty log shows nothing."""
    kind, months = question.part.activity, question.part.months or 0
    log = question.facts.activities or ()
    days = tuple(sorted(entry.on for entry in log if entry.kind == kind and question.is_recent(entry.on, months)))
    told: dict[str, Param] = {"n": len(days), "months": months}
    if not days:
        return unanswered("no_activity_logged", **told)
    return Reading(Fraction(len(days)), True, (Phrase("activities_logged", told | {"days": days}),), told)


def no_incident(question: Question) -> Reading:
    """Whether nothing of the named kinds has happened in the months before the date.

    One that is recorded decides, be it at a part of a combined site. That none is recorded shows nothing by itself: a
    named person has to state it.
    """
    months = question.part.months or 0
    found = [one for one in incidents_of(question.facts) if question.is_recent(one.on, months)]
    wanted = sorted((one for one in found if one.kind in question.part.incidents), key=lambda one: one.on)
    if wanted:
        which = tuple(Phrase(f"incident_{one.kind}", {"day": one.on}) for one in wanted)
        return Reading(False, True, (Phrase("incidents_recorded", {"n": len(wanted), "months": months}), *which))
    stated = attested(question)
    evidence = (Phrase("no_incident_recorded", {"months": months}), *stated.evidence)
    return Reading(stated.value, stated.is_certain, evidence)


def incidents_of(facts: Facts) -> list[IncidentFacts]:
    """What happened at a site and, if it is a combined one, at its parts."""
    return [*facts.incidents, *(incident for part in facts.parts or () for incident in part.facts.incidents)]


def no_title(question: Question) -> Reading:
    """Whether the site holds no demonstration title on the date; one that was revoked by then is not held."""
    titles = question.facts.titles
    if titles is None:
        return unanswered("titles_not_recorded")
    on = question.on
    held = [one for one in titles if one.granted_on <= on and (one.revoked_on is None or on < one.revoked_on)]
    evidence = tuple(Phrase("title_held", {"name": one.name, "day": one.granted_on}) for one in held)
    return Reading(not held, True, evidence or (Phrase("no_title_recorded"),))
