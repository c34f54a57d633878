"""Terms and children: dates that cannot be, what stays, what a closed term refuses."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import User
from app.care import queries, services
from app.care.labels import Entry
from app.care.models import CareChild, CareTerm
from app.care.services import ChildValues, TermValues
from app.db import db
from app.errors import Conflict, Invalid
from app.sites.models import Site, SiteChange
from tests.care import helpers
from tests.care.conftest import Care
from tests.conftest import Clock
from tests.factories import Factories

SUMMER = TermValues("2027 年暑假", date(2027, 7, 5), date(2027, 8, 20), 30, 3, 5)


class Bound:
    """The objects of `care` in the present session."""

    def __init__(self, care: Care) -> None:
        self.site = db.session.get_one(Site, care.site.id)
        self.term = db.session.get_one(CareTerm, care.term.id)
        self.manager = db.session.get_one(User, care.manager.id)


@pytest.fixture
def bound(app: Flask, care: Care) -> Iterator[Bound]:
    with app.app_context():
        yield Bound(care)


def test_a_term_is_entered_with_a_line_in_the_history(bound: Bound, clock: Clock) -> None:
    term = services.add_term(bound.manager, bound.site, SUMMER, clock())
    assert (term.name, term.places, queries.season_of(term)) == ("2027 年暑假", 30, "summer")
    assert queries.season_of(bound.term) == "winter"
    change = db.session.query(SiteChange).filter_by(act="care_term").one()
    assert change.fields["starts_on"] == [None, "2027-07-05"]
    assert [one.name for one in queries.terms_of(bound.site.id)] == ["2027 年暑假", "2026 年寒假"]


@pytest.mark.parametrize(
    "case",
    [
        (0, -1, "x", "ends_on", "ends before it begins"),
        (30, 150, "x", "ends_on", "120 days"),
        (20, 29, " ", "name", "name of the term"),
        (10, 30, "x", "starts_on", "overlap with 2026 年寒假"),
        (-30, -10, "x", "starts_on", "overlap"),
        (-300_000, -299_990, "x", "starts_on", "after 2000"),
    ],
)
def test_dates_that_cannot_be_are_refused(bound: Bound, clock: Clock, care: Care, case: tuple[Any, ...]) -> None:
    starts, ends, name, field, reason = case
    values = TermValues(name, care.today + timedelta(days=starts), care.today + timedelta(days=ends))
    with pytest.raises(Invalid, match=reason) as refusal:
        services.add_term(bound.manager, bound.site, values, clock())
    assert list(refusal.value.fields) == [field]


def test_a_term_may_follow_the_day_after(bound: Bound, clock: Clock, care: Care) -> None:
    values = TermValues("x", care.today + timedelta(days=11), care.today + timedelta(days=130))
    assert services.add_term(bound.manager, bound.site, values, clock()).id


def test_other_kinds_and_closed_sites_have_no_terms(bound: Bound, clock: Clock) -> None:
    bound.site.status = "closed"
    with pytest.raises(Conflict, match="closed for good"):
        services.add_term(bound.manager, bound.site, SUMMER, clock())
    bound.site.kind = "room"
    with pytest.raises(Conflict, match="kind of site"):
        services.add_term(bound.manager, bound.site, SUMMER, clock())


def test_a_changed_term_holds_what_is_recorded(bound: Bound, clock: Clock, care: Care, factories: Factories) -> None:
    db.session.commit()
    helpers.ran(factories, bound.term, care.today)
    day = timedelta(days=1)
    after, before = (care.today + day, care.today + 5 * day), (care.today - 9 * day, care.today - day)
    for (first, last), field in ((after, "starts_on"), (before, "ends_on")):
        with pytest.raises(Invalid, match="term has to hold them") as refusal:
            services.edit_term(bound.manager, bound.site, bound.term, TermValues("x", first, last), clock())
        assert list(refusal.value.fields) == [field]
    same = TermValues(bound.term.name, bound.term.starts_on, bound.term.ends_on, 30, 3)
    assert services.edit_term(bound.manager, bound.site, bound.term, same, clock()) is False
    shorter = TermValues("寒假", care.today, care.today, 30, 3)
    assert services.edit_term(bound.manager, bound.site, bound.term, shorter, clock()) is True
    assert bound.term.starts_on == care.today


def test_a_term_is_closed_on_its_last_day_and_then_changes_no_more(bound: Bound, clock: Clock, care: Care) -> None:
    with pytest.raises(Conflict, match=f"runs until {care.term.ends_on}"):
        services.close_term(bound.manager, bound.site, bound.term, clock())
    clock.advance(days=10)
    services.close_term(bound.manager, bound.site, bound.term, clock())
    assert bound.term.closed_on == care.term.ends_on
    values = TermValues("x", care.term.starts_on, care.term.ends_on)
    kept = {"enrolled_on": care.today, "has_agreement": False, "is_insured": False}
    for act in (
        lambda: services.edit_term(bound.manager, bound.site, bound.term, values, clock()),
        lambda: services.close_term(bound.manager, bound.site, bound.term, clock()),
        lambda: services.remove_term(bound.manager, bound.site, bound.term, clock()),
        lambda: services.enrol(bound.term, [Entry("ZXM", 3)], **kept),  # type: ignore[arg-type]
    ):
        with pytest.raises(Conflict, match="This term is closed"):
            act()


def test_an_empty_term_is_removed_and_one_with_children_stays(bound: Bound, clock: Clock, factories: Factories) -> None:
    other = services.add_term(bound.manager, bound.site, SUMMER, clock())
    services.remove_term(bound.manager, bound.site, other, clock())
    db.session.commit()
    helpers.child(factories, bound.term)
    with pytest.raises(Conflict, match="it stays"):
        services.remove_term(bound.manager, bound.site, bound.term, clock())


def enrol(term: CareTerm, *labels: str, on: date | None = None) -> list[CareChild]:
    entries = [Entry(label, 3) for label in labels]
    return services.enrol(term, entries, enrolled_on=on or term.starts_on, has_agreement=True, is_insured=False)


def test_children_are_enrolled_with_codes_of_their_own(bound: Bound) -> None:
    first, second = enrol(bound.term, "ZXM", "07")
    assert first.code != second.code
    assert len(first.code) == 12
    assert (first.has_agreement, first.is_insured, first.grade) == (True, False, 3)
    with pytest.raises(Invalid, match="enrolled already: 07"):
        enrol(bound.term, "AB", "07")
    with pytest.raises(Invalid, match="outside the term") as refusal:
        enrol(bound.term, "CD", on=bound.term.ends_on + timedelta(days=1))
    assert list(refusal.value.fields) == ["enrolled_on"]


def test_a_term_has_a_thousand_children_at_most(bound: Bound, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_CHILDREN", 2)
    enrol(bound.term, "A", "B")
    with pytest.raises(Invalid, match="at most"):
        enrol(bound.term, "C")


def test_a_childs_entry_changes_within_reason(bound: Bound) -> None:
    (one,) = enrol(bound.term, "ZXM", on=bound.term.starts_on + timedelta(days=3))
    last = bound.term.starts_on + timedelta(days=5)
    services.edit_child(bound.term, one, ChildValues(4, last, True, True))
    assert (one.grade, one.left_on, one.is_insured) == (4, last, True)
    for values, field in (
        (ChildValues(7, None, True, True), "grade"),
        (ChildValues(3, bound.term.starts_on, True, True), "left_on"),
        (ChildValues(3, bound.term.ends_on + timedelta(days=9), True, True), "left_on"),
    ):
        with pytest.raises(Invalid) as refusal:
            services.edit_child(bound.term, one, values)
        assert list(refusal.value.fields) == [field]
    old = one.code
    services.renew_code(bound.term, one)
    assert one.code != old


def test_a_child_has_not_left_before_a_day_on_which_she_was_there(
    bound: Bound, factories: Factories, care: Care
) -> None:
    (one,) = enrol(bound.term, "ZXM")
    db.session.commit()
    helpers.ran(factories, bound.term, care.today, one)
    with pytest.raises(Invalid, match="She was there on") as refusal:
        services.edit_child(bound.term, one, ChildValues(3, care.today, True, True))
    assert list(refusal.value.fields) == ["left_on"]
    services.edit_child(bound.term, one, ChildValues(3, care.today + timedelta(days=1), True, True))
    assert one.left_on == care.today + timedelta(days=1)


def test_children_stand_in_the_order_of_their_numbers(bound: Bound, care: Care) -> None:
    enrol(bound.term, "10", "2", "ZXM", "1班12号", "1班3号", "01")
    wanted = ["01", "1班3号", "1班12号", "2", "10", "ZXM"]
    assert [child.label for child in queries.children_of(bound.term)] == wanted
    assert [row.child.label for row in queries.roll(bound.term, care.today)] == wanted


def test_a_child_who_came_is_not_removed(bound: Bound, factories: Factories, care: Care) -> None:
    one, other = enrol(bound.term, "ZXM", "07")
    db.session.commit()
    helpers.ran(factories, bound.term, care.today, one)
    with pytest.raises(Conflict, match="the day on which she left"):
        services.remove_child(bound.term, one)
    services.remove_child(bound.term, other)
    db.session.flush()
    assert [child.label for child in queries.children_of(bound.term)] == ["ZXM"]
