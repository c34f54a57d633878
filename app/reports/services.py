"""Taking reports from the public in, handling them, and forgetting who sent them. Nothing here commits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from app.accounts.models import User
from app.db import db
from app.errors import N_, Conflict, Forbidden, Invalid
from app.months import local_date
from app.reports.models import PublicReport
from app.reports.queries import ABSENT, CONFIRMED, DISMISSED, OPEN, PENDING, RESOLVED, pending_about
from app.sites.models import Site
from app.sites.services import lock, record
from app.usage.masking import masked
from app.web import SITE_MANAGER

KINDS = ("locked", "out_of_supplies", "misused", "gone", "wrong_place", "other")
SOURCES = ("finder", "door")
NOTE_LIMIT = 300
ANSWER_LIMIT = 400
NEEDED = 2
"""So many independent reports that a site is gone or locked tell the public that it is being checked."""
ACTS = {"confirm": CONFIRMED, "resolve": RESOLVED, "dismiss": DISMISSED}
_FROM = {"confirm": (OPEN,), "resolve": PENDING, "dismiss": PENDING}


@dataclass(frozen=True, slots=True)
class Sender:
    """A pseudonym that holds for one site and the day `day` (``YYYY-MM-DD``) and is erased with that day's key."""

    pseudonym: bytes
    day: str


def report(
    site: Site, kind: str, source: str, *, note: str = "", sender: Sender | None, days: int, now: datetime
) -> PublicReport:
    """Take in what somebody says about a site; `days` is how long there is to look into it.

    The same person saying the same again is one report. Two independent people who find the site locked or gone set
    `Site.being_checked_since`. What would tell who somebody is does not enter the note. Raises Invalid.
    """
    if kind not in KINDS:
        raise _wrong("kind", N_("Please choose one of the offered answers"))
    said = _note(note)
    lock(site, "being_checked_since")
    pending = pending_about(site.id)
    hers = [one for one in pending if sender and (one.sender, one.sender_day) == (sender.pseudonym, sender.day)]
    again = next((one for one in hers if one.kind == kind and one.state == OPEN), None)
    if again is not None:
        again.note = again.note or said
        return again
    made = PublicReport(
        site_id=site.id, kind=kind, source=source, note=said, reported_at=now, state=OPEN,
        sender=sender.pseudonym if sender else None, sender_day=sender.day if sender else None,
        is_independent=sender is not None and not any(one.kind in ABSENT for one in hers),
        due_on=local_date(now) + timedelta(days=days),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    _recheck(site, now)
    return made


def add_note(made: PublicReport, note: str) -> None:
    """A word to a report just sent. Raises Invalid; Conflict when there is one or somebody has looked into it."""
    if made.note or made.state != OPEN:
        raise Conflict(N_("This report already has its note"))
    made.note = _note(note)


def handle(actor: User, made: PublicReport, act: str, answer: str, *, seen_state: str, now: datetime) -> None:
    """Confirm a report, or settle it with an answer. The actor has to have the site in her scope.

    Raises Conflict when it has moved since the person saw it or the act does not fit, Forbidden when a manager wants
    to dismiss that her own site is misused, Invalid naming ``act`` or ``answer``.
    """
    site = made.site
    lock(site, "being_checked_since")
    db.session.refresh(made, ["state"], with_for_update=True)
    if act not in ACTS:
        raise _wrong("act", N_("Please choose one of the offered answers"))
    if made.state != seen_state or made.state not in _FROM[act]:
        raise Conflict(N_("Somebody else has handled this report in the meantime"))
    if not may(actor, made, act):
        raise Forbidden(N_("Whether a site is misused is for the union above to judge, not for its own manager"))
    said = " ".join(answer.split())
    if act != "confirm" and not said:
        raise _wrong("answer", N_("Please say what was found or done"))
    if len(said) > ANSWER_LIMIT or "\0" in said:
        raise _wrong("answer", N_("An answer has at most 400 characters"))
    made.state, made.answer = ACTS[act], said or made.answer
    made.handled_at, made.handled_by_id = now, actor.id
    states = [f"{made.kind} {seen_state}", f"{made.kind} {made.state}"]
    record(site, "report", actor, now, fields={"report": states}, note=said)
    _recheck(site, now, actor)


def may(actor: User, made: PublicReport, act: str) -> bool:
    """Whether the act is hers: that her own site is misused is nothing a manager dismisses."""
    return not (act == "dismiss" and made.kind == "misused" and actor.role == SITE_MANAGER)


def acts_for(actor: User, made: PublicReport) -> list[str]:
    """What the person can do with a report now."""
    return [act for act in ACTS if made.state in _FROM[act] and may(actor, made, act)]


def erase_senders(last_day: str) -> None:
    """Forget who sent the reports of `last_day` (``YYYY-MM-DD``) and earlier: the key of that day is gone."""
    old = (PublicReport.sender.is_not(None), PublicReport.sender_day <= last_day)
    db.session.execute(update(PublicReport).where(*old).values(sender=None))


def _recheck(site: Site, now: datetime, actor: User | None = None) -> None:
    """Begin to say in public that the site is being checked, or stop once all such reports are handled."""
    db.session.flush()
    absent = db.session.execute(
        select(PublicReport.is_independent).where(
            PublicReport.site_id == site.id, PublicReport.kind.in_(ABSENT), PublicReport.state.in_(PENDING)
        )
    ).scalars()
    said = list(absent)
    before = site.being_checked_since
    if before is None and sum(said) >= NEEDED:
        site.being_checked_since = now
    elif before is not None and not said:
        site.being_checked_since = None
    if site.being_checked_since != before:
        times = [at.isoformat() if at else None for at in (before, site.being_checked_since)]
        record(site, "being_checked", actor, now, fields={"being_checked_since": [*times]})


def _note(text: str) -> str:
    said = text.strip().replace("\r\n", "\n")
    if len(said) > NOTE_LIMIT or "\0" in said:
        raise _wrong("note", N_("A note has at most 300 characters"))
    return masked(said)[:NOTE_LIMIT]


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, {field: message})
