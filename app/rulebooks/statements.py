"""Reading what named persons have stated."""

from app.rulebooks.known import AttestationFacts
from app.rulebooks.phrases import Param, Phrase, phrase_texts
from app.rulebooks.question import Question, Reading, months_later


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
    if valid is not None and question.on >= months_later(stated.stated_on, valid):
        return Reading(None, False, (Phrase("attestation_expired", told | {"months": valid}),))
    evidence = [Phrase("attested_yes" if stated.holds else "attested_no", told)]
    if stated.note:
        evidence.append(Phrase("attested_note", told))
    return Reading(stated.holds, True, tuple(evidence))
