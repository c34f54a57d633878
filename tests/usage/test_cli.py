"""The commands of an operator."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import update

from app.db import db, unit_of_work
from app.sites.models import Site
from app.usage.models import SiteMonth
from tests.conftest import Clock
from tests.usage.helpers import Phone, records


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["usage", *words])
    return result.exit_code, result.output


@pytest.fixture
def wrong(app: Flask, phone: Phone, site: Site) -> Site:
    """A site whose tally somebody has improved."""
    phone.logged()
    with app.app_context(), unit_of_work():
        db.session.execute(update(SiteMonth).values(counted=100))
    return site


def test_recount_finds_nothing_where_nothing_is_wrong(app: Flask, phone: Phone) -> None:
    phone.logged()
    assert run(app, "recount", "--check") == (0, "0 differences, 0 left\n")


def test_check_prints_differences_and_fails_and_changes_nothing(app: Flask, wrong: Site) -> None:
    line = f"site {wrong.id}, 2026-11, counted: stored 100, events say 1 (not changed)\n1 differences, 1 left\n"
    assert run(app, "recount", "--check") == (1, line)
    assert run(app, "recount", "--check") == (1, line)


def test_recount_repairs_an_open_month(app: Flask, wrong: Site) -> None:
    code, output = run(app, "recount")
    assert code == 0
    assert f"site {wrong.id}, 2026-11, counted: stored 100, events say 1 (repaired)" in output
    assert run(app, "recount", "--check")[0] == 0


def test_recount_fails_on_a_closed_month_and_leaves_it(app: Flask, wrong: Site, clock: Clock) -> None:
    assert wrong
    clock.advance(days=40)
    assert run(app, "recount")[0] == 1
    assert run(app, "recount", "--check")[0] == 1


def test_destroy_keys_erases_what_was_made_with_them(app: Flask, phone: Phone, clock: Clock) -> None:
    phone.logged()
    assert run(app, "destroy-keys") == (0, "0 keys destroyed\n")
    clock.at = datetime(2026, 11, 21, 16, 59, 59, tzinfo=UTC)
    assert run(app, "destroy-keys") == (0, "0 keys destroyed\n")
    assert records(app)[0].p_day is not None
    clock.advance(seconds=1)  # 01:00 in Shanghai, 45 hours after the day began
    assert run(app, "destroy-keys") == (0, "1 keys destroyed\n")
    assert records(app)[0].p_day is None
