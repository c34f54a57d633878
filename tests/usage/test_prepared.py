"""The door's own way to the database: what waits for the commit, and what a connection knows after a rollback."""

from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, literal_column, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from app.db import db, unit_of_work
from app.sites.models import Site
from app.usage.models import SiteMonth, TapKey
from app.usage.prepared import Call, Prepared, read, run, run_with_commit
from app.usage.queries import TAP_KEYS

_KEY = Prepared(TAP_KEYS.insert())
_COUNT = Prepared(select(func.count().label("keys")).select_from(TAP_KEYS))


def key(site_id: int = 1) -> Call:
    return _KEY, {
        "site_id": site_id, "client_key": uuid4(), "usage_id": uuid4(), "month": "2026-11", "body_digest": bytes(16),
    }  # fmt: skip


def stored(app: Flask) -> int:
    with app.app_context():
        return db.session.execute(select(func.count()).select_from(TapKey)).scalar_one()


def test_what_waits_for_the_commit_is_seen_by_run_and_stored_by_it(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        run_with_commit(key(), key())
        assert run((_COUNT, {})) == [[(2,)]]
        run_with_commit(key())
    assert stored(app) == 3


def test_what_waits_for_the_commit_ends_with_a_rollback(app: Flask) -> None:
    with app.app_context():
        run_with_commit(key())
        db.session.rollback()
        run_with_commit(key())
        db.session.close()
        db.session.commit()
    assert stored(app) == 0


def test_a_change_that_fails_lets_nothing_of_its_transaction_be_committed(app: Flask) -> None:
    again = key()
    with app.app_context(), pytest.raises(IntegrityError):  # noqa: PT012  it may fail at once or with the commit
        run(key())
        run_with_commit(again, again)
        db.session.commit()
    assert stored(app) == 0
    with app.app_context(), unit_of_work():
        run(again)
    assert stored(app) == 1


def test_nothing_that_the_driver_does_lets_the_server_forget_the_statements(app: Flask) -> None:
    """Left to itself it prepares what comes often, and lets go of everything with a rollback or a changed table."""
    for _ in range(2):
        with app.app_context():
            run(key(), (_COUNT, {}))
            for _ in range(8):
                db.session.execute(select(SiteMonth.site_id).where(SiteMonth.month == "2026-11")).all()
            db.session.execute(text("DROP TABLE IF EXISTS there_is_none"))
            run(key())
            db.session.rollback()
    with app.app_context(), unit_of_work():
        run(key())
    assert stored(app) == 1


@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_statements_that_were_forgotten_are_prepared_anew_the_next_time(app: Flask) -> None:
    with app.app_context():
        for ask in (lambda: run(key()), lambda: read((_COUNT, {}))):
            ask()
            db.session.execute(text("DEALLOCATE ALL"))
            db.session.commit()
            with pytest.raises(OperationalError):
                ask()
            db.session.rollback()
            ask()
            db.session.rollback()


@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_a_connection_that_the_server_ends_in_between_is_not_used_again(app: Flask, site: Site) -> None:
    with app.app_context():
        run(key(site.id))
        number = db.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with db.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
        run_with_commit(key(site.id))
        with pytest.raises(SQLAlchemyError) as raised:
            db.session.commit()
        assert getattr(raised.value, "connection_invalidated", False)
        db.session.rollback()
    with app.app_context(), unit_of_work():
        run(key(site.id))
    assert stored(app) == 1


def test_a_read_needs_no_transaction_and_sees_what_is_committed(app: Flask) -> None:
    with app.app_context():
        run(key())
        db.session.commit()
        assert read((_COUNT, {})) == [(1,)]
        assert db.session.get_transaction() is None
    assert stored(app) == 1


def test_after_a_read_that_failed_others_go_on(app: Flask) -> None:
    missing = Prepared(select(literal_column("1").label("one")).select_from(text("no_such_table")))
    with app.app_context():
        for _ in range(2):
            with pytest.raises(SQLAlchemyError):
                read((missing, {}))
        assert read((_COUNT, {})) == [(0,)]
        with unit_of_work():
            run(key())
        assert read((_COUNT, {})) == [(1,)]
