"""A door, a chain and a verification, without pages in between."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import select

from app.db import db, unit_of_work
from app.months import Month
from app.usage import queries as at_door
from app.usage import services as door
from app.usage.ledger import sealer, services, texts
from app.usage.ledger.findings import Finding
from app.usage.ledger.models import Checkpoint, Seal
from app.usage.ledger.texts import Witness

OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)


def use(app: Flask, code: str, now: datetime, token: str = "") -> UUID:
    """Log one use, committed."""
    with app.app_context(), unit_of_work():
        site = at_door.site_at_door(code)
        assert site is not None
        visitor = door.Visitor(token or uuid4().hex, "192.0.2.1", "phone")
        return door.log_use(site, door.Tap(uuid4()), visitor, app.extensions["keystore"], now)


def rate(app: Flask, code: str, usage_id: UUID, step: int, now: datetime) -> None:
    """Rate a use, or change its rating, committed."""
    with app.app_context(), unit_of_work():
        site = at_door.site_at_door(code)
        assert site is not None
        logged = at_door.use_by_id(site.site_id, usage_id)
        assert logged is not None
        door.rate(site, logged, step, None, now)


def visits(app: Flask, code: str, start: datetime, number: int) -> datetime:
    """Uses by as many visitors, 40 minutes apart; every second one is rated, every fourth rating changed."""
    for place in range(number):
        at = start + timedelta(minutes=40 * place)
        usage_id = use(app, code, at)
        if place % 2 == 0:
            rate(app, code, usage_id, 1 + place % 5, at + timedelta(minutes=1))
        if place % 4 == 0:
            rate(app, code, usage_id, 5, at + timedelta(minutes=2))
    return start + timedelta(minutes=40 * number)


def seal(app: Flask, now: datetime) -> int:
    """Seal all that is due; the number of seals made."""
    with app.app_context():
        return sealer.run_once(now)[0]


def checkpoint(app: Flask, month: Month, now: datetime) -> Checkpoint:
    """The checkpoint of a month, made and committed."""
    with app.app_context(), unit_of_work():
        return services.checkpoint(month, now)


def witness(made: Checkpoint) -> Witness:
    """What somebody outside keeps of it."""
    return texts.read_checkpoint(texts.checkpoint_text(made))


def findings(app: Flask, now: datetime, witnesses: Sequence[Witness] = ()) -> tuple[Finding, ...]:
    """What a verification of everything finds."""
    with app.app_context():
        return services.verify(None, None, witnesses, now)


def seals(app: Flask) -> Sequence[Seal]:
    """The chain."""
    with app.app_context():
        return db.session.scalars(select(Seal).order_by(Seal.number)).all()
