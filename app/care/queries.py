"""What is known about terms, children and days. Scope first: foreign terms and children are not found."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, func, or_, select

from app.accounts.models import User
from app.care.models import CareAttendance, CareChild, CareDay, CareTerm
from app.db import db
from app.errors import NotFound
from app.sites.models import Site
from app.sites.queries import sites_in_scope

SUMMER, WINTER = "summer", "winter"
_NUMBERS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class TermFigures:
    """What a term amounts to. `child_days`: children enrolled, summed over the days that ran; `attended` of them."""

    children: int = 0
    days: int = 0
    safe_days: int = 0
    child_days: int = 0
    attended: int = 0

    @property
    def rate(self) -> Fraction | None:
        """Attended child-days by enrolled child-days (qingdao-2023 art. 16); None before there are any."""
        return Fraction(self.attended, self.child_days) if self.child_days else None


@dataclass(frozen=True, slots=True)
class RollRow:
    """One child on one day."""

    child: CareChild
    attendance: CareAttendance | None

    @property
    def is_present(self) -> bool:
        """Whether she was there, at whatever time."""
        return self.attendance is not None


def season_of(term: CareTerm) -> str:
    """``summer`` for a term that begins in May to September, else ``winter``."""
    return SUMMER if 5 <= term.starts_on.month <= 9 else WINTER


def is_running(term: CareTerm, on: date) -> bool:
    """Whether the local date lies in the term, which nobody has closed yet."""
    return term.starts_on <= on <= term.ends_on and term.closed_on is None


def enrolled_at(on: SQLColumnExpression[date] | date) -> ColumnElement[bool]:
    """The condition on `CareChild` that a child belongs to its term on a local date: [enrolled_on, left_on)."""
    return and_(CareChild.enrolled_on <= on, or_(CareChild.left_on.is_(None), CareChild.left_on > on))


def terms_in_scope(user: User) -> Select[CareTerm]:
    """The terms of the sites that the person sees."""
    return select(CareTerm).where(CareTerm.site_id.in_(sites_in_scope(user).with_only_columns(Site.id).order_by(None)))


def get_term(user: User, term_id: int) -> CareTerm:
    """The term `term_id`. Raises NotFound when there is none that the person may see."""
    term = db.session.scalar(terms_in_scope(user).where(CareTerm.id == term_id))
    if term is None:
        raise NotFound("There is no such term")
    return term


def get_child(user: User, child_id: int) -> CareChild:
    """The child `child_id`. Raises NotFound when there is none that the person may see."""
    below = terms_in_scope(user).with_only_columns(CareTerm.id)
    child = db.session.scalar(select(CareChild).where(CareChild.id == child_id, CareChild.term_id.in_(below)))
    if child is None:
        raise NotFound("There is no such child")
    return child


def terms_of(site_id: int) -> list[CareTerm]:
    """All terms of a site, the latest first."""
    return list(
        db.session.scalars(select(CareTerm).where(CareTerm.site_id == site_id).order_by(CareTerm.starts_on.desc()))
    )


def term_on(site_id: int, on: date) -> CareTerm | None:
    """The term of a site that runs on a local date."""
    found = select(CareTerm).where(CareTerm.site_id == site_id, CareTerm.closed_on.is_(None))
    return db.session.scalar(found.where(CareTerm.starts_on <= on, CareTerm.ends_on >= on))


def children_of(term: CareTerm) -> list[CareChild]:
    """The children of a term by grade and label, 2 before 10."""
    return sorted(db.session.scalars(select(CareChild).where(CareChild.term_id == term.id)), key=_place)


def _place(child: CareChild) -> tuple[int, list[str | int], str]:
    parts: list[str | int] = [int(part) if part.isdecimal() else part for part in _NUMBERS.split(child.label)]
    return child.grade or 0, parts, child.label


def roll(term: CareTerm, on: date) -> list[RollRow]:
    """The children enrolled on a local date, in the order of `children_of`, with what is known about that day."""
    rows = (
        select(CareChild, CareAttendance)
        .outerjoin(CareAttendance, and_(CareAttendance.child_id == CareChild.id, CareAttendance.on == on))
        .where(CareChild.term_id == term.id, enrolled_at(on))
    )
    found = [RollRow(child, attendance) for child, attendance in db.session.execute(rows)]
    return sorted(found, key=lambda row: _place(row.child))


def day_of(term: CareTerm, on: date) -> CareDay | None:
    """That the term ran on a local date, if somebody has marked it."""
    return db.session.get(CareDay, (term.id, on))


def days_of(term: CareTerm) -> list[tuple[CareDay, int, int]]:
    """Each day that ran, the latest first, with the children present and enrolled."""
    rows = (
        select(CareDay, func.count(CareAttendance.child_id), func.count(CareChild.id))
        .outerjoin(CareChild, and_(CareChild.term_id == CareDay.term_id, enrolled_at(CareDay.on)))
        .outerjoin(
            CareAttendance, and_(CareAttendance.child_id == CareChild.id, CareAttendance.on == CareDay.on)
        )
        .where(CareDay.term_id == term.id)
        .group_by(CareDay.term_id, CareDay.on)
        .order_by(CareDay.on.desc())
    )
    return [(day, present, enrolled) for day, present, enrolled in db.session.execute(rows)]


def attendance_of(term: CareTerm) -> dict[int, set[date]]:
    """By child, the days on which she was there."""
    rows = (
        select(CareAttendance.child_id, CareAttendance.on)
        .join(CareChild, CareChild.id == CareAttendance.child_id)
        .where(CareChild.term_id == term.id)
    )
    found: dict[int, set[date]] = {}
    for child_id, on in db.session.execute(rows):
        found.setdefault(child_id, set()).add(on)
    return found


def figures_of(terms: Select[int] | Sequence[int], until: date) -> dict[int, TermFigures]:
    """What each of the terms (ids) amounts to up to a local date, included: three queries, however many terms."""
    enrolled = select(CareChild.term_id, func.count()).where(CareChild.term_id.in_(terms)).group_by(CareChild.term_id)
    children = {term: number for term, number in db.session.execute(enrolled)}  # noqa: C416  rows are no pairs to mypy
    checked = func.count().filter(CareDay.safety_checked)
    ran = select(CareDay.term_id, func.count(), checked).where(CareDay.term_id.in_(terms), CareDay.on <= until)
    days = {term: (number, safe) for term, number, safe in db.session.execute(ran.group_by(CareDay.term_id))}
    together = (
        select(CareDay.term_id, func.count(), func.count(CareAttendance.child_id))
        .join(CareChild, and_(CareChild.term_id == CareDay.term_id, enrolled_at(CareDay.on)))
        .outerjoin(CareAttendance, and_(CareAttendance.child_id == CareChild.id, CareAttendance.on == CareDay.on))
        .where(CareDay.term_id.in_(terms), CareDay.on <= until)
        .group_by(CareDay.term_id)
    )
    sums = {term: (expected, present) for term, expected, present in db.session.execute(together)}
    known = children.keys() | days.keys()
    return {
        term: TermFigures(children.get(term, 0), *days.get(term, (0, 0)), *sums.get(term, (0, 0))) for term in known
    }


def figures(term: CareTerm, until: date) -> TermFigures:
    """What one term amounts to up to a local date, included."""
    return figures_of([term.id], until).get(term.id, TermFigures())


def days_between(term: CareTerm) -> list[date]:
    """Every date of a term."""
    return [term.starts_on + timedelta(days=n) for n in range((term.ends_on - term.starts_on).days + 1)]
