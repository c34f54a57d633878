"""What a form says of its door is only whose it is."""

from flask import Flask
from sqlalchemy import delete, select, update

from app.db import db, unit_of_work
from app.sites.models import DoorCode, Site
from app.usage import tokens
from app.usage.models import UsageRecord
from tests.factories import Factories
from tests.usage.helpers import Phone, reasons


def test_a_door_is_judged_as_it_is_now(app: Flask, phone: Phone) -> None:
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
    app: Flask, phone: Phone, site: Site, factories: Factories
) -> None:
    form = phone.form()
    phone.logged()
    other = factories.site()
    with app.app_context(), unit_of_work():
        db.session.execute(update(DoorCode).values(site_id=other.id))
    late = form | {"key": f"{1:032x}"}
    answer = Phone(app, phone.code).send(late, Accept="application/json")
    assert answer.status_code == 403
    assert Phone(app, phone.code).send(late).status_code == 403
    assert reasons(app) == [None]
    assert Phone(app, phone.code).send(late | {"token": answer.headers["X-Form-Token"]}).status_code == 303
    with app.app_context():
        assert set(db.session.scalars(select(UsageRecord.site_id))) == {site.id, other.id}


def test_a_form_from_before_says_nothing_of_its_door(app: Flask, phone: Phone) -> None:
    token = tokens.issue(app.extensions["settings"].secret_key, phone.code, app.extensions["clock"]())
    assert phone.send(phone.form() | {"token": token}).status_code == 303
    assert reasons(app) == [None]


def test_what_a_form_says_of_its_door_is_signed(app: Flask, phone: Phone, factories: Factories) -> None:
    form, other = phone.form(), factories.site()
    assert phone.send(form | {"token": form["token"].replace("~1-", f"~{other.id}-")}).status_code == 403
    assert reasons(app) == []
