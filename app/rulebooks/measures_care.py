"""Measures about holiday care, from its terms, and about nurseries, from their latest return."""

from fractions import Fraction

from app.rulebooks.known import CareTermFacts, NurseryFacts
from app.rulebooks.phrases import Param, Phrase
from app.rulebooks.question import Question, Reading, months_later, unanswered

PERCENT = 100


def _term(question: Question) -> CareTermFacts | None:
    """The term that counts: of those in the months before the date the one with the most days, else the later."""
    care, months = question.facts.care, question.setting("care_months")
    since = months_later(question.on, -months)
    recent = [term for term in (care.terms if care else ()) if term.starts_on <= question.on and term.ends_on > since]
    return max(recent, key=lambda term: (term.days_run, term.starts_on), default=None)


def _no_term(question: Question) -> Reading:
    return unanswered("no_term", months=question.setting("care_months"))


def _of_term(term: CareTermFacts) -> Phrase:
    told: dict[str, Param] = {"name": term.name, "first": term.starts_on, "last": term.ends_on, "days": term.days_run}
    return Phrase("care_term", told)


def children(question: Question) -> Reading:
    """Different children enrolled on at least one day that the term ran."""
    term = _term(question)
    if term is None:
        return _no_term(question)
    return Reading(Fraction(term.children), True, (_of_term(term), Phrase("care_children", {"n": term.children})))


def days(question: Question) -> Reading:
    """Days that the term has run."""
    term = _term(question)
    return _no_term(question) if term is None else Reading(Fraction(term.days_run), True, (_of_term(term),))


def attendance_rate(question: Question) -> Reading:
    """Per cent: children present, added up over the days that ran, of the children enrolled on those days."""
    term = _term(question)
    if term is None:
        return _no_term(question)
    told: dict[str, Param] = {"attended": term.attended, "expected": term.expected}
    if not term.expected:
        return Reading(None, False, (_of_term(term), Phrase("no_attendance", told)))
    rate = Fraction(term.attended * PERCENT, term.expected)
    return Reading(rate, True, (_of_term(term), Phrase("attendance", told)))


def area_per_child(question: Question) -> Reading:
    """Square metres of the site for each child of the term."""
    term, area_m2 = _term(question), question.facts.area_m2
    if area_m2 is None:
        return unanswered("area_not_recorded")
    if term is None or not term.children:
        return _no_term(question)
    told: dict[str, Param] = {"area": area_m2, "n": term.children}
    return Reading(area_m2 / term.children, True, (_of_term(term), Phrase("area_for_children", told)))


def _returned(question: Question) -> NurseryFacts | Reading:
    """The latest return, or why there is none to go by."""
    found, months = question.facts.nursery, question.setting("return_months")
    if found is None or found.as_of > question.on:
        return unanswered("no_return")
    if not question.is_recent(found.as_of, months):
        return unanswered("return_expired", day=found.as_of, months=months)
    return found


def places(question: Question) -> Reading:
    """Places for children."""
    found = _returned(question)
    if isinstance(found, Reading):
        return found
    return Reading(Fraction(found.places), True, (_as_of(found), Phrase("places", {"n": found.places})))


def own_children_share(question: Question) -> Reading:
    """Per cent: children of own employees of all places."""
    found = _returned(question)
    if isinstance(found, Reading):
        return found
    own = found.own_employees_children
    evidence = (_as_of(found), Phrase("own_children", {"own": own, "n": found.places}))
    return Reading(Fraction(own * PERCENT, found.places) if found.places else None, bool(found.places), evidence)


def class_types(question: Question) -> Reading:
    """Different class types: full-day, half-day, hourly, temporary."""
    found = _returned(question)
    if isinstance(found, Reading):
        return found
    n = len(set(found.class_types))
    return Reading(Fraction(n), True, (_as_of(found), Phrase("class_types", {"n": n})))


def price_at_most_average(question: Question) -> Reading:
    """Whether a month costs no more than on average near by."""
    found = _returned(question)
    if isinstance(found, Reading):
        return found
    price, average = found.price_yuan, found.local_average_yuan
    if price is None or average is None:
        return Reading(None, False, (_as_of(found), Phrase("price_not_reported")))
    told: dict[str, Param] = {"price": price, "average": average}
    return Reading(price <= average, True, (_as_of(found), Phrase("price", told)))


def indoor_per_child(question: Question) -> Reading:
    """Square metres indoors for each place, or each child when there are more; else by the site's own area."""
    found = _returned(question)
    if isinstance(found, Reading):
        return found
    area_m2 = found.indoor_area_m2 if found.indoor_area_m2 is not None else question.facts.area_m2
    return _per_child(found, area_m2)


def outdoor_per_child(question: Question) -> Reading:
    """Square metres outdoors for each place, or each child when there are more."""
    found = _returned(question)
    return found if isinstance(found, Reading) else _per_child(found, found.outdoor_area_m2)


def _per_child(found: NurseryFacts, area_m2: Fraction | None) -> Reading:
    n = max(found.places, found.enrolled)
    if area_m2 is None or not n:
        return Reading(None, False, (_as_of(found), Phrase("area_not_recorded")))
    return Reading(area_m2 / n, True, (_as_of(found), Phrase("area_for_children", {"area": area_m2, "n": n})))


def health_title(question: Question) -> Reading:
    """Whether the health system has made it a demonstration site."""
    found = _returned(question)
    if isinstance(found, Reading):
        return found
    name = "system_yes" if found.has_health_title else "system_no"
    return Reading(found.has_health_title, True, (_as_of(found), Phrase(name)))


def _as_of(found: NurseryFacts) -> Phrase:
    return Phrase("return_of", {"day": found.as_of})
