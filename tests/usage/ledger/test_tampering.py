"""Two hundred tamperings of the database are found, given one checkpoint that somebody outside has kept."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from sqlalchemy import create_engine

from app.config import Settings
from app.db import db
from app.usage.ledger.texts import Witness
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.ledger.attacks import Attack, Scene, mended
from tests.usage.ledger.helpers import findings
from tests.usage.ledger.history import History
from tests.usage.ledger.tampering import CONTENT, attacks

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""A copy of a file is quick; what verification reads is the same on both databases (test_verifying.py)."""
NUMBER = 200


class Laboratory:
    """A database file that can be put back to what it was."""

    def __init__(self, app: Flask, factories: Factories, folder: Path) -> None:
        self.app = app
        settings: Settings = app.extensions["settings"]
        self.key = settings.ledger_key
        self.path = Path(settings.database_url.removeprefix("sqlite:///"))
        self.old, self.honest = folder / "old.sqlite3", folder / "honest.sqlite3"
        history = History(app, factories)
        history.until_october()
        self._keep(self.old)
        self.held: Witness = history.until_november()
        self._keep(self.honest)

    def _close(self) -> None:
        with self.app.app_context():
            db.engine.dispose()

    def _keep(self, copy: Path) -> None:
        self._close()
        copy.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))

    def put_back(self) -> None:
        """The honest database, without anything left of the last attempt."""
        self._close()
        for rest in self.path.parent.glob(f"{self.path.name}-*"):
            rest.unlink()
        shutil.copy(self.honest, self.path)

    def attempt(self, number: int, attack: Attack) -> int:
        """Let somebody change the file; how much she has changed."""
        engine = create_engine(f"sqlite:///{self.path}")
        with engine.begin() as connection:
            rng = Random(number)  # noqa: S311  what is drawn has to be the same each time
            changed = attack(Scene(connection, rng, self.key, self.old, self.held.seal_number))
        engine.dispose()
        return changed


@pytest.fixture
def laboratory(app: Flask, factories: Factories, worker_folder: Path) -> Laboratory:
    return Laboratory(app, factories, worker_folder)


def test_two_hundred_tamperings_are_found(laboratory: Laboratory, clock: Clock) -> None:
    assert findings(laboratory.app, clock.at, [laboratory.held]) == ()
    missed = []
    for number, (name, attack) in enumerate(attacks(NUMBER)):
        laboratory.put_back()
        changed = laboratory.attempt(number, attack)
        assert changed, f"{number}: {name} has changed nothing"
        if not findings(laboratory.app, clock.at, [laboratory.held]):
            missed.append(f"{number}: {name}")
    assert missed == []


def test_it_is_the_witness_who_finds_what_was_rewritten_with_the_key(laboratory: Laboratory, clock: Clock) -> None:
    """The forger is thorough: from inside, what she has mended to the end looks honest."""
    for name in ("a use is made to count", "a rating is made better", "a proof of presence is changed"):
        laboratory.put_back()
        assert laboratory.attempt(1, mended(CONTENT[name], 5))
        assert findings(laboratory.app, clock.at) == (), name
        messages = {finding.message for finding in findings(laboratory.app, clock.at, [laboratory.held])}
        assert messages == {
            "a witness holds another hash of this seal",
            "a witness holds another checkpoint of this month",
        }
