"""An honest ledger is never accused, on both databases and with both algorithms."""

from flask import Flask

from app.usage.ledger.texts import Witness
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.ledger.helpers import findings
from tests.usage.ledger.history import History


def test_a_history_with_everything_in_it_verifies(app: Flask, factories: Factories, clock: Clock) -> None:
    history = History(app, factories)
    history.until_october()
    assert findings(app, clock.at) == ()
    held: Witness = history.until_november()
    assert findings(app, clock.at, [held]) == ()
