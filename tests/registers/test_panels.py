"""What the registers put into the inbox."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Flask

from app.accounts.inbox import DUE, OVERDUE
from app.accounts.models import User
from app.db import db, unit_of_work
from app.registers import services
from app.registers.panels import waiting
from app.sites.models import Site
from tests.registers.conftest import World


def test_low_stock_and_ending_certificates_wait_for_manager_and_unit(
    app: Flask, world: World, act: Callable[..., Any]
) -> None:
    for name, until in (("甲", date(2026, 11, 19)), ("乙", date(2026, 12, 20)), ("丙", date(2026, 12, 21))):
        act(services.add_keeper, name=name, kind="officer", certificate_until=until)
    with app.app_context(), unit_of_work():
        services.set_level(db.session.get_one(Site, world.site.id), "wipes", 5)

    def states(name: str) -> list[str]:
        with app.test_request_context():
            items = waiting(db.session.get_one(User, world.people[name].id), app.extensions["clock"]())
            assert len({item.key for item in items}) == len(items)
            return [item.state for item in items]

    assert states("manager") == [DUE, OVERDUE, DUE]
    assert states("unit") == [DUE, OVERDUE, DUE]
    assert states("district") == []
