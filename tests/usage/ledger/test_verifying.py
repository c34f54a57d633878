"""An honest ledger is never accused: on both databases, with both algorithms, after a change of algorithm or key."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.db import db, unit_of_work
from app.usage.ledger import texts, verifying
from app.usage.ledger.findings import NOT_SEALED, UNKNOWN_KEY
from app.usage.ledger.models import Checkpoint, Seal
from app.usage.models import Rating
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.ledger.helpers import findings, seal, use
from tests.usage.ledger.history import History
from tests.usage.ledger.test_views import downloaded, run


def use_settings(app: Flask, **values: str) -> None:
    """Go on with another setting, as after a restart."""
    app.extensions["settings"] = replace(app.extensions["settings"], **values)


def test_a_history_with_everything_in_it_verifies(app: Flask, factories: Factories, clock: Clock) -> None:
    history = History(app, factories)
    history.until_october()
    assert findings(app, clock.at) == ()
    held = history.until_november()
    assert findings(app, clock.at, [held]) == ()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestOneDatabase:
    """What does not depend on it."""

    def test_sm3_from_the_event_to_the_verifier(
        self, app: Flask, factories: Factories, clock: Clock, tmp_path: Path
    ) -> None:
        use_settings(app, ledger_hash="sm3")
        history = History(app, factories)
        history.until_october()
        held = history.until_november()
        assert held.algorithm == "sm3"
        assert findings(app, clock.at, [held]) == ()
        with app.app_context():
            assert set(db.session.scalars(select(Seal.algorithm))) == {"sm3"}
        proof, checkpoint = downloaded(app.test_client(), tmp_path, history.doors[0].site_id)
        assert "ALGORITHM SM3" in checkpoint.read_text()
        code, said = run(proof, checkpoint)
        assert (code, "✓" in said) == (0, True), said
        with app.app_context(), unit_of_work():
            db.session.execute(update(Rating).values(step=5))
        assert findings(app, clock.at) != ()

    def test_a_change_of_algorithm_keeps_what_was_sealed(self, app: Flask, factories: Factories, clock: Clock) -> None:
        history = History(app, factories)
        history.until_october()
        use_settings(app, ledger_hash="sm3")
        held = history.until_november()
        assert findings(app, clock.at, [held]) == ()

    def test_signatures_of_another_key_are_noted_and_no_finding(
        self, app: Flask, factories: Factories, clock: Clock
    ) -> None:
        history = History(app, factories)
        history.until_october()
        use_settings(app, ledger_key="n" * 32)
        held = history.until_november()
        with app.app_context():
            report = verifying.examine(None, None, [held], clock.at)
        assert report.findings == ()
        assert report.seen.unchecked[UNKNOWN_KEY] > 0
        with app.app_context(), unit_of_work():
            newest = db.session.scalars(select(Seal).order_by(Seal.number.desc())).first()
            assert newest is not None
            newest.signature = bytes(32)
        assert [str(finding) for finding in findings(app, clock.at)] == [
            f"seal {newest.number}: its signature is wrong"
        ]

    def test_what_is_not_sealed_yet_is_no_finding(self, app: Flask, factories: Factories, clock: Clock) -> None:
        code = factories.door_code(factories.site()).code
        use(app, code, clock.at)
        seal(app, clock.at)
        use(app, code, clock.at + timedelta(minutes=1))
        with app.app_context():
            report = verifying.examine(None, None, [], clock.at)
        assert report.findings == ()
        assert report.seen.unchecked[NOT_SEALED] == 1

    def test_a_value_that_cannot_be_read_is_a_finding(self, app: Flask, factories: Factories, clock: Clock) -> None:
        use(app, factories.door_code(factories.site()).code, clock.at)
        seal(app, clock.at)
        with app.app_context(), db.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE usage_record SET used_at = 'yesterday'")
        (found,) = findings(app, clock.at)
        assert found.params == {"error": "ValueError"}

    def test_many_findings_are_cut(self, app: Flask, factories: Factories, monkeypatch: pytest.MonkeyPatch) -> None:
        now = app.extensions["clock"].at
        use(app, factories.door_code(factories.site()).code, now)
        with app.app_context(), unit_of_work():
            db.session.execute(update(Checkpoint).values(sites=0))
        monkeypatch.setattr(verifying, "MOST_FINDINGS", 2)
        made = [texts.Witness("2026-01", "sha256", number, bytes(32), 1, bytes(32)) for number in range(1, 4)]
        with app.app_context():
            report = verifying.examine(None, None, made, now)
        assert (len(report.findings), report.is_cut) == (2, True)
