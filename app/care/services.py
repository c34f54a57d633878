"""What people do about terms of holiday care and the children in them (qingdao-2023 art. 3, 16)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, select

from app.accounts.models import User
from app.care.labels import GRADES, Entry
from app.care.models import CareAttendance, CareChild, CareDay, CareTerm
from app.db import db
from app.errors import N_, Conflict, Invalid
from app.months import local_date
from app.sites.door_codes import new_code
from app.sites.models import Site, SiteKind, SiteStatus
from app.sites.services import record

LONGEST_TERM_DAYS = 120
MOST_CHILDREN = 1000
EARLIEST = date(2000, 1, 1)
"""What is dated before is a slip of the finger."""
_IS_CLOSED = N_("This term is closed; nothing about it changes any more")


@dataclass(frozen=True, slots=True)
class TermValues:
    """What a term states about itself. Dates are local and included; numbers are of children and of people."""

    name: str
    starts_on: date
    ends_on: date
    places: int | None = None
    staff: int | None = None
    volunteers: int | None = None


def require_kind(site: Site, kind: SiteKind) -> None:
    """Raise Conflict when the site is of another kind."""
    if site.kind != kind:
        raise Conflict(N_("This kind of site does not keep such records"))


def add_term(actor: User, site: Site, values: TermValues, now: datetime) -> CareTerm:
    """A new term. Raises Conflict for other sites or a closed one, Invalid for dates that overlap or cannot be."""
    require_kind(site, SiteKind.HOLIDAY_CARE)
    if site.status == SiteStatus.CLOSED:
        raise Conflict(N_("The site is closed for good; it has no new terms"))
    _lock(site)
    _check_term(site, values, None)
    term = CareTerm(site_id=site.id, created_at=now, created_by_id=actor.id, **_columns(values))
    db.session.add(term)
    db.session.flush()
    record(site, "care_term", actor, now, fields=_changes({}, _columns(values)))
    return term


def edit_term(actor: User, site: Site, term: CareTerm, values: TermValues, now: datetime) -> bool:
    """Change a term; whether anything differs. Raises Conflict for a closed one, Invalid for dates that cannot be.

    Days that ran and children's dates stay inside the term.
    """
    lock_term(term)
    _check_term(site, values, term)
    _check_inside(term, values)
    before = {name: getattr(term, name) for name in _columns(values)}
    changes = _changes(before, _columns(values))
    for name, value in _columns(values).items():
        setattr(term, name, value)
    db.session.flush()
    if changes:
        record(site, "care_term", actor, now, fields=changes, note=term.name)
    return bool(changes)


def close_term(actor: User, site: Site, term: CareTerm, now: datetime) -> None:
    """End a term for good: its codes stop working, its numbers stand. Raises Conflict before its last day."""
    lock_term(term)
    today = local_date(now)
    if today < term.ends_on:
        raise Conflict(N_("The term runs until %(day)s; close it then, or change its last day first"), day=term.ends_on)
    term.closed_on = today
    db.session.flush()
    record(site, "care_close", actor, now, fields={"ended_on": [None, today.isoformat()]}, note=term.name)


def remove_term(actor: User, site: Site, term: CareTerm, now: datetime) -> None:
    """Take away a term that was entered by mistake. Raises Conflict when it has children or days."""
    lock_term(term)
    has_children = db.session.scalar(select(exists().where(CareChild.term_id == term.id)))
    has_days = db.session.scalar(select(exists().where(CareDay.term_id == term.id)))
    if has_children or has_days:
        raise Conflict(N_("Children or days are recorded in this term; it stays"))
    record(site, "care_remove", actor, now, fields={}, note=term.name)
    db.session.delete(term)


def enrol(
    term: CareTerm, entries: Sequence[Entry], *, enrolled_on: date, has_agreement: bool, is_insured: bool
) -> list[CareChild]:
    """Enrol children from a local date on, each with a code of her own.

    Raises Conflict for a closed term, Invalid naming ``enrolled_on`` or ``lines`` (labels that are taken).
    """
    lock_term(term)
    require_day(term, enrolled_on, "enrolled_on")
    taken = set(db.session.scalars(select(CareChild.label).where(CareChild.term_id == term.id)))
    twice = [entry.label for entry in entries if entry.label in taken]
    if twice:
        message = N_("These children are enrolled already: %(labels)s")
        raise Invalid(message, {"lines": message}, labels=", ".join(twice))
    if len(taken) + len(entries) > MOST_CHILDREN:
        message = N_("A term has 1,000 children at most")
        raise Invalid(message, {"lines": message})
    children = [
        CareChild(
            term_id=term.id, label=entry.label, grade=entry.grade, code=new_code(), enrolled_on=enrolled_on,
            has_agreement=has_agreement, is_insured=is_insured,
        )
        for entry in entries
    ]  # fmt: skip
    db.session.add_all(children)
    db.session.flush()
    return children


@dataclass(frozen=True, slots=True)
class ChildValues:
    """What may change about a child. `left_on`: the first local date on which she no longer belongs to the term."""

    grade: int
    left_on: date | None
    has_agreement: bool
    is_insured: bool


def edit_child(term: CareTerm, child: CareChild, values: ChildValues) -> None:
    """Change a child's entry. Raises Conflict for a closed term, Invalid naming ``grade`` or ``left_on``."""
    lock_term(term)
    if values.grade not in GRADES:
        message = N_("The grade is a number from 1 to 6")
        raise Invalid(message, {"grade": message})
    if values.left_on is not None:
        require_day(term, values.left_on, "left_on")
        if values.left_on < child.enrolled_on:
            message = N_("A child cannot leave before she came")
            raise Invalid(message, {"left_on": message})
        _require_absent_since(child, values.left_on)
    child.grade, child.left_on = values.grade, values.left_on
    child.has_agreement, child.is_insured = values.has_agreement, values.is_insured


def renew_code(term: CareTerm, child: CareChild) -> None:
    """A new code for a card that was lost; the old one ends at once. Raises Conflict for a closed term."""
    lock_term(term)
    child.code = new_code()


def remove_child(term: CareTerm, child: CareChild) -> None:
    """Take away a child that was entered by mistake. Raises Conflict when she was there on any day."""
    lock_term(term)
    if db.session.scalar(select(exists().where(CareAttendance.child_id == child.id))):
        raise Conflict(N_("This child was there already; enter the day on which she left instead"))
    db.session.delete(child)


def lock_term(term: CareTerm) -> None:
    """Let nobody else change this term until the transaction ends. Raises Conflict when it is closed."""
    db.session.refresh(term, with_for_update=True)
    if term.closed_on is not None:
        raise Conflict(_IS_CLOSED)


def require_day(term: CareTerm, day: date, field: str) -> None:
    """Raise Invalid naming `field` when the local date lies outside the term."""
    if not term.starts_on <= day <= term.ends_on:
        message = N_("This day lies outside the term, %(first)s to %(last)s")
        raise Invalid(message, {field: message}, first=term.starts_on, last=term.ends_on)


def _lock(site: Site) -> None:
    db.session.execute(select(Site.id).where(Site.id == site.id).with_for_update())


def _columns(values: TermValues) -> dict[str, Any]:
    return {
        "name": values.name.strip(), "starts_on": values.starts_on, "ends_on": values.ends_on,
        "places": values.places, "staff": values.staff, "volunteers": values.volunteers,
    }  # fmt: skip


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    def plain(value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value

    pairs = {name: [plain(before.get(name)), plain(value)] for name, value in after.items()}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _require_absent_since(child: CareChild, left_on: date) -> None:
    """Otherwise a day on which she was there would silently be no longer hers, and the rate another."""
    came = select(func.max(CareAttendance.on)).where(CareAttendance.child_id == child.id, CareAttendance.on >= left_on)
    last = db.session.scalar(came)
    if last is not None:
        message = N_("She was there on %(day)s; she left after that, or that day has to be corrected first")
        raise Invalid(message, {"left_on": message}, day=last)


def _check_term(site: Site, values: TermValues, itself: CareTerm | None) -> None:
    if not values.name.strip():
        raise _wrong("name", N_("Please give the name of the term, such as its year and season"))
    if values.starts_on < EARLIEST:
        raise _wrong("starts_on", N_("Please give a day after 2000"))
    if values.ends_on < values.starts_on:
        raise _wrong("ends_on", N_("The term ends before it begins"))
    if (values.ends_on - values.starts_on).days >= LONGEST_TERM_DAYS:
        raise _wrong("ends_on", N_("A term of the holidays lasts 120 days at most"))
    others = select(CareTerm).where(CareTerm.site_id == site.id, CareTerm.starts_on <= values.ends_on)
    for other in db.session.scalars(others.where(CareTerm.ends_on >= values.starts_on)):
        if itself is None or other.id != itself.id:
            message = N_("These days overlap with %(name)s, %(first)s to %(last)s")
            faults = {"starts_on": message}
            raise Invalid(message, faults, name=other.name, first=other.starts_on, last=other.ends_on)


def _check_inside(term: CareTerm, values: TermValues) -> None:
    """What is recorded already lies inside the new dates."""
    kept = (
        *db.session.scalars(select(CareDay.on).where(CareDay.term_id == term.id)),
        *db.session.scalars(select(CareChild.enrolled_on).where(CareChild.term_id == term.id)),
        *db.session.scalars(
            select(CareAttendance.on).join(CareChild, CareChild.id == CareAttendance.child_id).where(
                CareChild.term_id == term.id
            )
        ),
    )  # fmt: skip
    if kept and (min(kept) < values.starts_on or max(kept) > values.ends_on):
        field = "starts_on" if min(kept) < values.starts_on else "ends_on"
        message = N_("Days are recorded from %(first)s to %(last)s; the term has to hold them")
        raise Invalid(message, {field: message}, first=min(kept), last=max(kept))


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, {field: message})
