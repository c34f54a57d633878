"""``flask anomalies collect``."""

from flask import Flask

from app.anomalies.models import SiteFlags
from app.db import db
from tests.anomalies.conftest import World
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.helpers import Phone


def test_collecting_judges_every_site(app: Flask, clock: Clock, world: World, factories: Factories) -> None:
    Phone(app, factories.door_code(factories.site(world.unit)).code).logged()
    clock.advance(days=1)
    run = app.test_cli_runner().invoke
    assert run(args=["anomalies", "collect"]).output == "1 days kept\n2 sites judged, 1 flagged\n"
    assert run(args=["anomalies", "collect"]).output == "0 days kept\n2 sites judged, 1 flagged\n"
    with app.app_context():
        assert db.session.get_one(SiteFlags, world.site.id).found_at == clock()
