"""Children of a care term that is long over become numbers; what the term is judged by stays exactly what it was."""

from datetime import date

from sqlalchemy import or_, select, update

from app.care.models import CareAttendance, CareChild, CareTerm
from app.db import db
from app.sites.door_codes import new_code
from app.sites.models import SiteChange

MARK = "#"
"""Begins the number that stands for a child: no label that people enter begins with it."""
_NAMING_ACT = "care_absent"
"""The act in a site's history whose note ends with the label of a child."""


def due(before: date) -> list[int]:
    """The ids of the terms that ended before the local date ``before`` and still have children with labels."""
    ended = select(CareTerm.id).where(CareTerm.ends_on < before)
    named = ended.join(CareChild, CareChild.term_id == CareTerm.id).where(CareChild.label.not_like(f"{MARK}%"))
    return list(db.session.scalars(named.distinct().order_by(CareTerm.id)))


def forget_children(term_id: int) -> None:
    """Replace labels by numbers and codes by fresh ones, and drop the times of coming and leaving.

    Which child was there on which day stays, under its number: rates, child-days and their replay come from it.
    """
    term = db.session.get_one(CareTerm, term_id, with_for_update=True)
    children = list(db.session.scalars(select(CareChild).where(CareChild.term_id == term.id).order_by(CareChild.code)))
    named = [child for child in children if not child.label.startswith(MARK)]
    first = len(children) - len(named) + 1
    numbers = {child.label: f"{MARK}{number}" for number, child in enumerate(named, first)}
    _forget_in_history(term, numbers)
    for child in named:
        child.label, child.code = numbers[child.label], new_code()
    times = or_(CareAttendance.arrived_at.is_not(None), CareAttendance.left_at.is_not(None))
    mine = CareAttendance.child_id.in_([child.id for child in children])
    db.session.execute(update(CareAttendance).where(mine, times).values(arrived_at=None, left_at=None))
    db.session.flush()


def _forget_in_history(term: CareTerm, numbers: dict[str, str]) -> None:
    rows = select(SiteChange).where(SiteChange.site_id == term.site_id, SiteChange.act == _NAMING_ACT)
    for change in db.session.scalars(rows.where(SiteChange.note.startswith(f"{term.name} ", autoescape=True))):
        start, _, rest = change.note.removeprefix(f"{term.name} ").partition(" ")
        if rest in numbers:
            change.note = f"{term.name} {start} {numbers[rest]}"
