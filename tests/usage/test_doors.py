"""What a process remembers of doors is only whose they are."""

from flask import Flask
from sqlalchemy import delete, update

from app.db import db, unit_of_work
from app.sites.models import DoorCode, Site
from app.usage import doors
from tests.factories import Factories
from tests.usage.helpers import Phone, reasons


def test_a_door_that_is_remembered_is_judged_as_it_is_now(app: Flask, phone: Phone) -> None:
    phone.logged()
    form = phone.form()
    with app.app_context(), unit_of_work():
        db.session.execute(update(DoorCode).values(revoked_at=app.extensions["clock"]()))
    assert Phone(app, phone.code).send(form).status_code == 303
    assert reasons(app) == [None, "code_revoked"]


def test_a_code_that_has_gone_is_unknown(app: Flask, phone: Phone) -> None:
    form = phone.form()
    phone.logged()
    with app.app_context(), unit_of_work():
        db.session.execute(delete(DoorCode))
    answers = [Phone(app, phone.code).send(form | {"key": f"{n:032x}"}).status_code for n in (1, 2)]
    assert answers == [404, 404]
    assert reasons(app) == [None]


def test_a_code_that_has_moved_logs_nothing_at_the_site_it_was_at(
    app: Flask, phone: Phone, factories: Factories
) -> None:
    form = phone.form()
    phone.logged()
    other = factories.site()
    with app.app_context(), unit_of_work():
        db.session.execute(update(DoorCode).values(site_id=other.id))
    answers = [Phone(app, phone.code).send(form | {"key": f"{n:032x}"}).status_code for n in (1, 2)]
    assert answers == [404, 303]


def test_few_doors_are_remembered(app: Flask, factories: Factories, site: Site) -> None:
    codes = [factories.door_code(site).code for _ in range(3)]
    with app.app_context():
        known = app.extensions.setdefault("known_doors", {})
        known.update({str(number): doors.Door(str(number), 1, 1) for number in range(doors.MOST)})
        assert doors.door_of(codes[0]) == doors.Door(codes[0], site.id, known[codes[0]].door_code_id)
        assert doors.door_of("0" * 12) is None
        assert set(known) == {codes[0]}
