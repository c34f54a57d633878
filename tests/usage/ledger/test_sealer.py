"""The thread that seals, alone and beside others, while people come."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app import create_app
from app.accounts.models import User
from app.config import Settings
from app.db import db, unit_of_work
from app.sites.models import DoorCode, Site
from app.usage.adjustments.services import exclude
from app.usage.ledger import sealer, services
from app.usage.ledger.models import Checkpoint
from app.usage.ledger.sealer import Sealer
from app.usage.models import SiteMonth
from tests.applications import close
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.ledger.helpers import OCTOBER, findings, rate, seal, seals, use


def wait_for(is_so: Callable[[], bool]) -> None:
    """Wait for another thread."""
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def is_all_sealed(app: Flask) -> bool:
    with app.app_context():
        return all(row.sealed == row.events > 0 for row in db.session.scalars(select(SiteMonth)))


def test_several_seal_while_people_come(app: Flask, doors: list[DoorCode], october: datetime) -> None:
    def come(door: DoorCode) -> None:
        for visit in range(12):
            usage_id = use(app, door.code, october)
            rate(app, door.code, usage_id, 2, october)
            rate(app, door.code, usage_id, 5, october + timedelta(minutes=1))
            if visit == 0:
                wait_for(lambda: bool(seals(app)))

    def seal_meanwhile() -> None:
        while not all(one.done() for one in people):
            seal(app, october)

    with ThreadPoolExecutor(len(doors) + 3) as pool:
        people = [pool.submit(come, door) for door in doors]
        sealers = [pool.submit(seal_meanwhile) for _ in range(3)]
    for one in (*people, *sealers):
        one.result()
    seal(app, october)
    assert is_all_sealed(app)
    chain = seals(app)
    assert [row.number for row in chain] == list(range(1, len(chain) + 1))
    assert len(chain) > 1
    assert sum(row.events for row in chain) == 72
    assert findings(app, october) == ()


def test_checkpoints_come_with_the_closing_of_the_month(app: Flask, doors: list[DoorCode], october: datetime) -> None:
    use(app, doors[0].code, october)
    with app.app_context():
        assert sealer.run_once(october) == (1, [])
        assert sealer.run_once(OCTOBER.closes_at) == (0, []), "a request may still be on its way"
        settled = OCTOBER.closes_at + sealer.SETTLING
        assert sealer.run_once(settled) == (0, [OCTOBER])
        assert sealer.run_once(settled) == (0, [])
        assert db.session.get(Checkpoint, "2026-10") is not None


def test_an_adjustment_after_the_checkpoint_is_sealed_without_a_look_through_the_past(
    app: Flask, factories: Factories, october: datetime
) -> None:
    unions = factories.tree()
    site, actor = factories.site(unions[2]), factories.user("district_union", unions[1])
    used = use(app, factories.door_code(site).code, october)
    settled = OCTOBER.closes_at + sealer.SETTLING
    with app.app_context():
        assert sealer.run_once(settled) == (1, [OCTOBER])
        assert sealer.run_once(settled, everywhere=False) == (0, [])
        with unit_of_work():
            people = db.session.get_one(User, actor.id), db.session.get_one(Site, site.id)
            exclude(*people, OCTOBER, uses=[used], reason="同一人反复扫码，经现场核查", now=settled)
        assert sealer.run_once(settled, everywhere=False) == (1, [])
    assert is_all_sealed(app)
    assert findings(app, settled) == ()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestThread:
    """One thread in one process."""

    def test_tests_have_none(self, app: Flask) -> None:
        app.test_client().get("/privacy")
        assert app.extensions["sealer"]._thread is None

    def test_the_first_request_starts_it_and_what_an_earlier_process_left_is_sealed(
        self, app: Flask, environ: dict[str, str], doors: list[DoorCode], october: datetime, clock: Clock
    ) -> None:
        use(app, doors[0].code, october)
        serving = create_app(Settings.from_environment(environ | {"XIAOWU_MODE": "demo"}), clock)
        assert serving.extensions["sealer"]._thread is None
        client = serving.test_client()
        client.get("/privacy")
        thread = serving.extensions["sealer"]._thread
        client.get("/privacy")
        assert serving.extensions["sealer"]._thread is thread
        wait_for(lambda: is_all_sealed(app))
        close(serving)
        assert not thread.is_alive()

    def test_it_goes_on_when_the_database_was_away(
        self, app: Flask, doors: list[DoorCode], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        use(app, doors[0].code, app.extensions["clock"].at)
        honest, times = services.seal_due, []

        def away_at_first(now: datetime, *, everywhere: bool) -> object:
            times.append(now)
            if len(times) == 1:
                raise OperationalError("SELECT", {}, Exception("gone"))
            return honest(now, everywhere=everywhere)

        monkeypatch.setattr(services, "seal_due", away_at_first)
        thread = Sealer(app, every_seconds=0.01)
        thread.ensure()
        wait_for(lambda: is_all_sealed(app))
        thread.stop()
        assert "the ledger could not be sealed now: OperationalError" in caplog.text
