"""A clock that is set wrong touches no month that is closed, and closes none."""

from flask import Flask

from app.months import Month
from app.usage.ledger import queries, sealer
from tests.conftest import START, Clock
from tests.usage.helpers import Phone, reasons, tally

NOVEMBER = Month(2026, 11)


def test_a_month_told_to_witnesses_takes_no_tap_and_no_rating_when_the_clock_is_set_back(
    app: Flask, phone: Phone, clock: Clock
) -> None:
    receipt = phone.logged()
    clock.advance(days=40)
    with app.app_context():
        sealer.run_once(clock.at)
        assert queries.checkpoint_of(NOVEMBER) is not None
    clock.at = START
    refused = phone.tap()
    assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (503, True)
    assert "再试一次" in refused.text
    assert phone.rate(receipt, 5).status_code == 503
    assert reasons(app) == [None]
    clock.advance(days=40)
    assert phone.tap().status_code == 303
    assert sum(tally(app, 1).values()) == 2


def test_a_clock_that_jumped_ahead_makes_no_checkpoint(app: Flask, phone: Phone, clock: Clock) -> None:
    phone.logged()
    clock.advance(days=40)
    with app.app_context():
        assert sealer.run_once(clock.at, is_steady=False) == (1, [])
    clock.at = START
    assert phone.tap().status_code == 303


def test_a_page_from_a_time_that_has_not_come_yet_is_replaced(app: Flask, phone: Phone, clock: Clock) -> None:
    """The phone's queue gets a fresh token and keeps the tap."""
    form = phone.form()
    clock.advance(hours=-5)
    answer = phone.send(form, Accept="application/json")
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "token_expired")
    assert phone.send(form | {"token": answer.headers["X-Form-Token"]}, Accept="application/json").status_code == 201
    assert reasons(app) == [None]
