"""Who was there on which day: by staff on a phone, or by the code on a child's card at the door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.accounts.models import User
from app.care.models import CareAttendance, CareChild, CareDay, CareTerm
from app.care.queries import day_of, is_running, roll
from app.care.services import lock_term, require_day
from app.db import db
from app.errors import N_, Conflict, Gone, Invalid
from app.months import local_date
from app.sites.models import Site, SiteStatus
from app.sites.services import record

ARRIVED, LEFT = "arrived", "left"
ACTS = (ARRIVED, LEFT)


@dataclass(frozen=True, slots=True)
class Card:
    """A child's card as the door knows it."""

    child: CareChild
    term: CareTerm
    site: Site

    def is_valid(self, now: datetime) -> bool:
        """Whether a tap is taken now: the term runs, the child belongs to it, the site is open for use."""
        today = local_date(now)
        belongs = self.child.enrolled_on <= today and (self.child.left_on is None or today < self.child.left_on)
        in_use = self.site.status == SiteStatus.OPERATING and not self.site.is_suspended(now)
        return belongs and in_use and is_running(self.term, today)


@dataclass(frozen=True, slots=True)
class TermDay:
    """One local date of a term, with the site whose history it belongs to."""

    site: Site
    term: CareTerm
    on: date


def card_of(code: str) -> Card | None:
    """The card with the canonical `code`, or None."""
    rows = (
        select(CareChild, CareTerm, Site)
        .join(CareTerm, CareTerm.id == CareChild.term_id)
        .join(Site, Site.id == CareTerm.site_id)
        .where(CareChild.code == code)
    )
    row = db.session.execute(rows).unique().first()
    return None if row is None else Card(*row)


def attendance_on(child: CareChild, on: date) -> CareAttendance | None:
    """What is known about a child on a local date."""
    return db.session.get(CareAttendance, (child.id, on))


def record_at_door(card: Card, act: str, now: datetime) -> CareAttendance:
    """Record that the child has ``arrived`` or ``left`` now. The first time of each stands: twice is harmless.

    Does not mark the day as run: that is for staff. Raises Gone when no tap is taken now, Invalid for another act.
    """
    if act not in ACTS:
        raise Invalid(N_("Say whether the child has come or leaves"), {"act": N_("This is neither coming nor leaving")})
    db.session.refresh(card.child, with_for_update=True)
    if not card.is_valid(now):
        raise Gone(N_("This card is not in use today"))
    entry = attendance_on(card.child, local_date(now)) or CareAttendance(child_id=card.child.id, on=local_date(now))
    if act == ARRIVED and entry.arrived_at is None:
        entry.arrived_at = now
    if act == LEFT and entry.left_at is None:
        entry.left_at = now
    db.session.add(entry)
    db.session.flush()
    return entry


def set_present(actor: User, day: TermDay, children: Sequence[CareChild], now: datetime) -> int:
    """Staff record that `children` were there on a local date, which marks the day as run; how many are new.

    Times are those of today; on an earlier day they stay unknown. Raises Conflict for a closed term, Invalid naming
    ``on`` for a day outside the term or ahead, ``child`` for one who is not enrolled that day.
    """
    _require_recordable(day, now)
    enrolled = {row.child.id: row for row in roll(day.term, day.on)}
    _mark(actor, day, now)
    new = 0
    for child in children:
        if child.id not in enrolled:
            raise Invalid(N_("This child is not enrolled on that day"), {"child": N_("Not enrolled on that day")})
        if enrolled[child.id].attendance is None:
            arrived_at = now if day.on == local_date(now) else None
            db.session.add(
                CareAttendance(child_id=child.id, on=day.on, arrived_at=arrived_at, recorded_by_id=actor.id)
            )
            new += 1
    db.session.flush()
    if new:
        _note_late(actor, day, now, {"present": [None, new]})
    return new


def set_absent(actor: User, day: TermDay, child: CareChild, now: datetime) -> None:
    """Staff take back that a child was there. Raises as `set_present` does."""
    _require_recordable(day, now)
    entry = attendance_on(child, day.on)
    if entry is None:
        return
    db.session.delete(entry)
    db.session.flush()
    by_code = entry.recorded_by_id is None
    if by_code or day.on != local_date(now):
        note = f"{day.term.name} {day.on} {child.label}"
        record(day.site, "care_absent", actor, now, fields={"present": [1, 0]}, note=note)


def set_left(actor: User, day: TermDay, child: CareChild, now: datetime) -> None:
    """Staff record that a child leaves now; she was there then. The first time stands. Raises as `set_present` does."""
    _require_recordable(day, now)
    if day.on != local_date(now):
        raise Conflict(N_("The time of leaving is recorded on the day itself"))
    entry = attendance_on(child, day.on)
    if entry is None:
        raise Conflict(N_("This child has not come today"))
    if entry.left_at is None:
        entry.left_at, entry.recorded_by_id = now, entry.recorded_by_id or actor.id
    db.session.flush()


def mark_day(actor: User, day: TermDay, *, safety_checked: bool, note: str, now: datetime) -> CareDay:
    """Mark a local date as run, with or without its safety check. Raises as `set_present` does, naming ``note`` too."""
    _require_recordable(day, now)
    if len(note) > 300:
        raise Invalid(N_("The note is too long"), {"note": N_("At most 300 characters")})
    ran = _mark(actor, day, now)
    if ran.safety_checked and not safety_checked:
        note_of = f"{day.term.name} {day.on}"
        record(day.site, "care_day", actor, now, fields={"safety_checked": [True, False]}, note=note_of)
    ran.safety_checked, ran.note = safety_checked, note.strip()
    db.session.flush()
    return ran


def unmark_day(actor: User, day: TermDay, now: datetime) -> None:
    """Take back that a day ran. Raises Conflict when a child was there: such a day ran."""
    _require_recordable(day, now)
    if any(row.is_present for row in roll(day.term, day.on)):
        raise Conflict(N_("Children were there on that day, so it ran; mark them absent first if that is wrong"))
    ran = day_of(day.term, day.on)
    if ran is not None:
        db.session.delete(ran)
        record(
            day.site, "care_day", actor, now, fields={"ran_on": [day.on.isoformat(), None]}, note=day.term.name
        )


def _require_recordable(day: TermDay, now: datetime) -> None:
    lock_term(day.term)
    require_day(day.term, day.on, "on")
    if day.on > local_date(now):
        raise Invalid(N_("This day has not come yet"), {"on": N_("This day has not come yet")})


def _mark(actor: User, day: TermDay, now: datetime) -> CareDay:
    ran = day_of(day.term, day.on)
    if ran is None:
        ran = CareDay(term_id=day.term.id, on=day.on, safety_checked=False, note="")
        db.session.add(ran)
        db.session.flush()
        _note_late(actor, day, now, {"ran_on": [None, day.on.isoformat()]})
    return ran


def _note_late(actor: User, day: TermDay, now: datetime, fields: dict[str, list[object]]) -> None:
    """What is recorded after the day itself leaves an entry in the site's history: the rate decides a title."""
    if day.on != local_date(now):
        record(day.site, "care_day", actor, now, fields=fields, note=f"{day.term.name} {day.on}")
