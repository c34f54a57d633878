"""Who was there: by staff and by the card; the rate; what leaves an entry in the history."""

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction

import pytest
from flask import Flask

from app.care import attendance, queries
from app.care.attendance import ARRIVED, LEFT, TermDay
from app.care.models import CareChild
from app.db import db
from app.errors import Conflict, Gone, Invalid
from app.sites.models import SiteChange
from tests.care import helpers
from tests.care.conftest import Care
from tests.care.test_services import Bound
from tests.conftest import Clock
from tests.factories import Factories


class Room(Bound):
    """With two children."""

    def __init__(self, care: Care, one: CareChild, other: CareChild) -> None:
        super().__init__(care)
        self.one, self.other = db.session.get_one(CareChild, one.id), db.session.get_one(CareChild, other.id)
        self.today = care.today

    def day(self, back: int = 0) -> TermDay:
        return TermDay(self.site, self.term, self.today - timedelta(days=back))

    def figures(self) -> queries.TermFigures:
        return queries.figures(self.term, self.today)

    def history(self) -> list[SiteChange]:
        return db.session.query(SiteChange).order_by(SiteChange.id).all()


@pytest.fixture
def room(app: Flask, care: Care, factories: Factories) -> Iterator[Room]:
    children = helpers.child(factories, care.term), helpers.child(factories, care.term, "07", grade=1)
    with app.app_context():
        yield Room(care, *children)


def test_one_tap_marks_the_child_and_the_day(room: Room, clock: Clock) -> None:
    assert attendance.set_present(room.manager, room.day(), [room.one], clock()) == 1
    assert attendance.set_present(room.manager, room.day(), [room.one], clock()) == 0
    rows = queries.roll(room.term, room.today)
    assert [(row.child.label, row.is_present) for row in rows] == [("07", False), ("ZXM", True)]
    entry = rows[1].attendance
    assert entry
    assert (entry.arrived_at, entry.recorded_by_id) == (clock(), room.manager.id)
    assert room.figures() == queries.TermFigures(2, 1, 0, 2, 1)
    assert room.figures().rate == Fraction(1, 2)
    assert room.history() == []


def test_a_tap_is_taken_back_and_leaving_recorded_once(room: Room, clock: Clock) -> None:
    with pytest.raises(Conflict, match="has not come today"):
        attendance.set_left(room.manager, room.day(), room.one, clock())
    attendance.set_present(room.manager, room.day(), [room.one, room.other], clock())
    left_at = clock()
    attendance.set_left(room.manager, room.day(), room.one, left_at)
    clock.advance(minutes=5)
    attendance.set_left(room.manager, room.day(), room.one, clock())
    entry = attendance.attendance_on(room.one, room.today)
    assert entry
    assert entry.left_at == left_at
    with pytest.raises(Conflict, match="on the day itself"):
        attendance.set_left(room.manager, room.day(1), room.one, clock())
    attendance.set_absent(room.manager, room.day(), room.other, clock())
    attendance.set_absent(room.manager, room.day(), room.other, clock())
    assert room.figures().attended == 1
    assert room.history() == []


def test_what_is_recorded_later_leaves_entries_and_no_times(room: Room, clock: Clock) -> None:
    attendance.set_present(room.manager, room.day(2), [room.one], clock())
    entry = attendance.attendance_on(room.one, room.day(2).on)
    assert entry
    assert entry.arrived_at is None
    attendance.set_absent(room.manager, room.day(2), room.one, clock())
    assert [(change.act, change.fields) for change in room.history()] == [
        ("care_day", {"ran_on": [None, "2026-11-18"]}),
        ("care_day", {"present": [None, 1]}),
        ("care_absent", {"present": [1, 0]}),
    ]


def test_other_days_and_children_are_refused(room: Room, clock: Clock, factories: Factories) -> None:
    with pytest.raises(Invalid, match="not come yet"):
        attendance.set_present(room.manager, room.day(-1), [room.one], clock())
    with pytest.raises(Invalid, match="outside the term"):
        attendance.set_present(room.manager, room.day(11), [room.one], clock())
    db.session.commit()
    late = helpers.child(factories, room.term, "L", enrolled_on=room.today)
    with pytest.raises(Invalid, match="not enrolled on that day") as refusal:
        attendance.set_present(room.manager, room.day(1), [late], clock())
    assert list(refusal.value.fields) == ["child"]


def test_the_rate_is_over_the_days_that_ran_and_the_children_enrolled_on_each(
    room: Room, factories: Factories
) -> None:
    room.other.left_on = room.day(1).on
    db.session.commit()
    helpers.child(factories, room.term, "L", enrolled_on=room.today)
    helpers.ran(factories, room.term, room.day(2).on, room.one, room.other, safety_checked=True)  # 2 of 2
    helpers.ran(factories, room.term, room.day(1).on, room.other)  # 0 of 1: she had left
    helpers.ran(factories, room.term, room.day(0).on, room.one)  # 1 of 2
    assert room.figures() == queries.TermFigures(3, 3, 1, 5, 3)
    assert room.figures().rate == Fraction(3, 5)
    assert [(day.on, here, all_) for day, here, all_ in queries.days_of(room.term)] == [
        (room.day(0).on, 1, 2), (room.day(1).on, 0, 1), (room.day(2).on, 2, 2),
    ]  # fmt: skip
    assert queries.TermFigures().rate is None


def test_a_day_is_marked_with_its_safety_check_and_taken_back_while_empty(room: Room, clock: Clock) -> None:
    day = attendance.mark_day(room.manager, room.day(), safety_checked=True, note=" 消防演练 ", now=clock())
    assert (day.safety_checked, day.note) == (True, "消防演练")
    attendance.mark_day(room.manager, room.day(), safety_checked=False, note="", now=clock())
    assert [change.fields for change in room.history()] == [{"safety_checked": [True, False]}]
    with pytest.raises(Invalid, match="too long"):
        attendance.mark_day(room.manager, room.day(), safety_checked=True, note="x" * 301, now=clock())
    attendance.unmark_day(room.manager, room.day(), clock())
    attendance.unmark_day(room.manager, room.day(), clock())
    assert room.figures().days == 0
    assert room.history()[-1].fields == {"ran_on": ["2026-11-20", None]}
    attendance.set_present(room.manager, room.day(), [room.one], clock())
    with pytest.raises(Conflict, match="so it ran"):
        attendance.unmark_day(room.manager, room.day(), clock())


def tap(room: Room, act: str, clock: Clock) -> None:
    card = attendance.card_of(room.one.code)
    assert card
    attendance.record_at_door(card, act, clock())


def test_the_card_records_coming_and_leaving_once_and_marks_no_day(room: Room, clock: Clock) -> None:
    came = clock()
    tap(room, ARRIVED, clock)
    clock.advance(hours=1)
    tap(room, ARRIVED, clock)
    left = clock()
    tap(room, LEFT, clock)
    clock.advance(hours=1)
    tap(room, LEFT, clock)
    entry = attendance.attendance_on(room.one, room.today)
    assert entry
    assert (entry.arrived_at, entry.left_at, entry.recorded_by_id) == (came, left, None)
    assert room.figures().days == 0
    attendance.mark_day(room.manager, room.day(), safety_checked=True, note="", now=clock())
    assert room.figures().rate == Fraction(1, 2)
    with pytest.raises(Invalid, match="come or leaves"):
        tap(room, "other", clock)


def test_taking_back_what_a_card_said_leaves_an_entry(room: Room, clock: Clock) -> None:
    tap(room, ARRIVED, clock)
    attendance.set_absent(room.manager, room.day(), room.one, clock())
    assert [change.act for change in room.history()] == ["care_absent"]


@pytest.mark.parametrize("why", ["before", "after", "closed term", "left", "site closed", "suspended"])
def test_a_card_works_only_while_the_term_runs_for_this_child(
    room: Room, clock: Clock, factories: Factories, why: str
) -> None:
    if why == "before":
        clock.advance(days=-11)
    elif why == "after":
        clock.advance(days=11)
    elif why == "closed term":
        room.term.closed_on = room.today
    elif why == "left":
        room.one.left_on = room.today
    elif why == "site closed":
        room.site.status = "closed"
    db.session.commit()
    if why == "suspended":
        factories.suspension(room.site, clock())
        db.session.expire_all()
    with pytest.raises(Gone):
        tap(room, ARRIVED, clock)


def test_an_unknown_card_is_none(app: Flask) -> None:
    with app.app_context():
        assert attendance.card_of("0" * 12) is None
