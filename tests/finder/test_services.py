"""The keeper of the snapshot: fresh within a second, and alive without a database."""

import threading
import time

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from app.db import db
from app.errors import Unavailable
from app.finder import services
from app.finder.services import DirectoryKeeper


def count(keeper: DirectoryKeeper) -> int:
    return len(keeper.current().entries)


def always_fresh(app):
    """Look at the version at every request, and wait for the new snapshot however busy the machine is."""
    app.extensions["directory"].check_every_s = 0
    app.extensions["directory"].patience_s = 30


def break_database(app):
    """From now on every statement fails, as when the server is gone. Returns how to mend it."""
    with app.app_context():
        engine = db.engine

    def fail(*_args):
        raise OperationalError("statement", {}, Exception("the server is gone"))

    event.listen(engine, "before_cursor_execute", fail)
    return lambda: event.remove(engine, "before_cursor_execute", fail)


def test_a_change_is_seen_at_the_next_check(app, factories):
    keeper = DirectoryKeeper(app, check_every_s=0, patience_s=30)
    host = factories.tree()[2]
    factories.site(host)
    first = keeper.current()
    assert len(first.entries) == 1
    assert keeper.current() is first
    factories.site(host)
    assert count(keeper) == 2
    assert len(first.entries) == 1


def test_the_version_is_looked_at_once_in_the_interval(app, factories):
    keeper = DirectoryKeeper(app, check_every_s=3600, patience_s=30)
    factories.site()
    assert count(keeper) == 1
    factories.site()
    assert count(keeper) == 1
    keeper.check_every_s = 0
    assert count(keeper) == 2


def test_a_suspension_reaches_the_finder(app, factories, clock):
    keeper = DirectoryKeeper(app, check_every_s=0, patience_s=30)
    site = factories.site()
    assert keeper.current().live(0, clock())["state"] == "unknown"
    factories.suspension(site, clock())
    assert keeper.current().live(0, clock())["state"] == "suspended"


def test_the_old_snapshot_answers_while_the_database_is_down(app, factories, caplog):
    keeper = DirectoryKeeper(app, check_every_s=0, patience_s=30)
    factories.site()
    before = keeper.current()
    mend = break_database(app)
    assert keeper.current() is before
    assert "stays as it is" in caplog.text
    assert "server is gone" not in caplog.text
    mend()
    factories.site()
    assert count(keeper) == 2


def test_without_any_snapshot_the_finder_is_unavailable_and_recovers(app, factories):
    keeper = DirectoryKeeper(app)
    factories.site()
    mend = break_database(app)
    with pytest.raises(Unavailable):
        keeper.current()
    mend()
    assert count(keeper) == 1


class SlowKeeper(DirectoryKeeper):
    """One whose second snapshot is ready only when the test says so."""

    may_go_on = threading.Event()

    def _build(self):
        if self._directory is not None:
            assert self.may_go_on.wait(10)
        return super()._build()


def test_a_slow_rebuild_holds_nobody_up(app, factories):
    keeper = SlowKeeper(app, check_every_s=0)
    keeper.may_go_on.clear()
    factories.site()
    old = keeper.current()
    factories.site()
    started = time.monotonic()
    assert keeper.current() is old
    assert keeper.current() is old
    assert time.monotonic() - started < 2 * services.PATIENCE_S
    keeper.may_go_on.set()
    keeper._refresh.join(10)
    keeper.patience_s = 30
    assert count(keeper) == 2


def test_reading_takes_no_write_lock(app, factories):
    factories.site()
    keeper = DirectoryKeeper(app)
    with app.app_context(), db.engine.connect() as writer:
        writer.execute(text("UPDATE directory_version SET version = version"))
        assert count(keeper) == 1
        writer.rollback()
