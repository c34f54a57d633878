"""Reports: who counts as another person, when a site is being checked, who may settle what."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import User
from app.db import db, unit_of_work
from app.errors import Conflict, Forbidden, Invalid
from app.reports import services
from app.reports.models import PublicReport
from app.reports.services import Sender
from app.sites.models import Site, SiteChange
from tests.conftest import Clock
from tests.factories import Factories
from tests.reports.conftest import World
from tests.reports.helpers import reported

ANNA, BERTA = Sender(b"a" * 16, "2026-11-20"), Sender(b"b" * 16, "2026-11-20")


class Desk:
    """Reports about one site, and handles them, each in a transaction of its own."""

    def __init__(self, app: Flask, clock: Clock, world: World) -> None:
        self.app, self.clock, self.world = app, clock, world

    def say(self, kind: str, sender: Sender | None = ANNA, **values: Any) -> int:
        """The id of the report that this gives."""
        with self.app.app_context(), unit_of_work():
            site = db.session.get_one(Site, self.world.site.id)
            made = services.report(
                site, kind, "finder", **{"sender": sender, "days": 3, "now": self.clock(), **values}
            )
            return made.id

    def handle(self, who: str, report_id: int, act: str, answer: str = "看过了", seen: str = "open") -> None:
        """An act of one of the people."""
        with self.app.app_context(), unit_of_work():
            actor = db.session.get_one(User, self.world.people[who].id)
            made = db.session.get_one(PublicReport, report_id)
            services.handle(actor, made, act, answer, seen_state=seen, now=self.clock())

    def is_checked(self) -> bool:
        """Whether the public is told that the site is being checked."""
        with self.app.app_context():
            return db.session.get_one(Site, self.world.site.id).being_checked_since is not None

    def stored(self, report_id: int) -> PublicReport:
        """The row."""
        with self.app.app_context():
            return db.session.get_one(PublicReport, report_id)


@pytest.fixture
def desk(app: Flask, clock: Clock, world: World) -> Desk:
    """The desk for the site of the world."""
    return Desk(app, clock, world)


def test_two_independent_people_let_the_public_know(app: Flask, desk: Desk, world: World) -> None:
    first = desk.say("locked")
    assert not desk.is_checked()
    second = desk.say("gone", BERTA)
    assert desk.is_checked()
    assert desk.stored(first).due_on == date(2026, 11, 23)
    desk.handle("manager", first, "dismiss")
    assert desk.is_checked()
    desk.handle("manager", second, "confirm", "")
    assert desk.is_checked()
    desk.handle("unit", second, "resolve", "换了锁", seen="confirmed")
    assert not desk.is_checked()
    with app.app_context():
        changes = db.session.query(SiteChange).filter_by(site_id=world.site.id, act="being_checked").all()
        assert [change.fields["being_checked_since"][1] is not None for change in changes] == [True, False]


def test_one_person_alone_does_not(desk: Desk) -> None:
    first = desk.say("locked", note="门口没人")
    assert desk.say("locked") == first  # the same tap twice
    assert desk.say("gone") != first
    assert not desk.is_checked()
    assert desk.stored(first).note == "门口没人"
    desk.say("locked", BERTA)
    assert desk.is_checked()


@pytest.mark.parametrize("kinds", [("misused", "misused"), ("locked", "out_of_supplies"), ("wrong_place", "gone")])
def test_other_reports_do_not_either(desk: Desk, kinds: tuple[str, str]) -> None:
    desk.say(kinds[0])
    desk.say(kinds[1], BERTA)
    assert not desk.is_checked()


def test_without_keys_nobody_is_known_to_be_another(desk: Desk) -> None:
    assert len({desk.say("locked", None) for _ in range(3)}) == 3
    assert not desk.is_checked()


def test_the_next_day_the_same_sender_is_another_pseudonym(desk: Desk) -> None:
    first = desk.say("locked")
    assert desk.say("locked", Sender(b"a" * 16, "2026-11-21")) != first


def test_a_handled_report_is_not_added_to(desk: Desk) -> None:
    first = desk.say("locked")
    desk.handle("manager", first, "resolve")
    assert desk.say("locked") != first


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [("haunted", {}, "kind"), ("locked", {"note": "长" * 301}, "note"), ("locked", {"note": "a\0"}, "note")],
)
def test_what_cannot_be_said(desk: Desk, kind: str, values: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        desk.say(kind, **values)
    assert list(caught.value.fields) == [field]


def test_a_number_never_reaches_the_database(desk: Desk) -> None:
    assert desk.stored(desk.say("other", note="打 13800138000")).note == "打 •••"


def test_a_manager_does_not_dismiss_that_her_own_site_is_misused(desk: Desk) -> None:
    first = desk.say("misused")
    with pytest.raises(Forbidden):
        desk.handle("manager", first, "dismiss")
    desk.handle("manager", first, "confirm")
    with pytest.raises(Forbidden):
        desk.handle("manager", first, "dismiss", seen="confirmed")
    desk.handle("unit", first, "dismiss", "当天是消防演习", seen="confirmed")
    row = desk.stored(first)
    assert (row.state, row.answer) == ("dismissed", "当天是消防演习")
    assert row.handled_by_id == desk.world.people["unit"].id


def test_what_cannot_be_done(desk: Desk) -> None:
    first = desk.say("locked")
    refused: list[tuple[Callable[[], None], type[Exception]]] = [
        (lambda: desk.handle("manager", first, "burn"), Invalid),
        (lambda: desk.handle("manager", first, "resolve", "  "), Invalid),
        (lambda: desk.handle("manager", first, "dismiss", ""), Invalid),
        (lambda: desk.handle("manager", first, "dismiss", "长" * 401), Invalid),
        (lambda: desk.handle("manager", first, "resolve", seen="confirmed"), Conflict),
    ]
    for act, error in refused:
        with pytest.raises(error):
            act()
    desk.handle("manager", first, "resolve")
    for act_name in ("confirm", "resolve", "dismiss"):
        with pytest.raises(Conflict):
            desk.handle("unit", first, act_name, seen="resolved")
    with desk.app.app_context():
        actor = db.session.get_one(User, desk.world.people["unit"].id)
        assert services.acts_for(actor, db.session.get_one(PublicReport, first)) == []


def test_senders_are_forgotten_with_the_days_key(app: Flask, world: World, factories: Factories) -> None:
    old = reported(factories, world.site, sender=b"a" * 16, sender_day="2026-11-18")
    new = reported(factories, world.site, sender=b"b" * 16, sender_day="2026-11-19")
    with app.app_context(), unit_of_work():
        services.erase_senders("2026-11-18")
    with app.app_context():
        assert db.session.get_one(PublicReport, old.id).sender is None
        assert db.session.get_one(PublicReport, new.id).sender is not None
