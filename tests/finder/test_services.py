"""The keeper of the snapshot: fresh within a second, and alive without a database."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from app.db import db, unit_of_work
from app.errors import Unavailable
from app.finder.services import DirectoryKeeper
from app.programme.demonstration import publishing
from app.programme.demonstration.models import Title
from app.sites.models import Site
from tests.conftest import START


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
    assert keeper.current() is old
    assert keeper.current() is old
    assert keeper._refresh.is_alive()
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


VALUES = (
    {"name": "另一间"}, {"address": "别处"}, {"landmark": "楼梯旁"}, {"kind": "nursery"}, {"location_kind": "internal"},
    {"admission": "staff"}, {"women_only": True}, {"access_note": "按铃"}, {"division_code": "110101"}, {"lat": 31.0},
    {"lon": None, "lat": None}, {"lon": 120.0, "lat": 30.0}, {"floor_label": "3 层"}, {"public_phone": "0571-1"},
    {"hours": {"week": {"1": [[540, 1020]]}, "text": "周一"}}, {"facilities": {"lock": 3}}, {"is_synthetic": True},
    {"last_verified_on": START.date()}, {"being_checked_since": START},
    {"is_listed": False}, {"is_listed": True}, {"open_to_outsiders": None}, {"status": "closed"},
)  # fmt: skip


def changed(app, what, **values):
    with app.app_context(), unit_of_work():
        row = db.session.get_one(type(what), what.id)
        for name, value in values.items():
            setattr(row, name, value)


def gone(app, what):
    with app.app_context(), unit_of_work():
        db.session.delete(db.session.get_one(type(what), what.id))


def moving_on(app, factories, clock):
    """Everything that changes what the finder shows, one after the other; what is yielded is one change."""
    city, _, host = factories.tree()
    sites, user = [factories.site(host) for _ in range(4)], factories.user("municipal_union", city)
    for values in VALUES:
        yield changed(app, sites[1], **values)
    yield changed(app, sites[2], host_id=city.id)
    yield changed(app, city, name="改名的工会")
    yield factories.photo(sites[0])
    photo = factories.photo(sites[0], kind="inside")
    yield photo
    yield gone(app, photo)
    closed = factories.suspension(sites[0], clock())
    yield closed
    yield changed(app, closed, mode="scan_only")
    yield changed(app, closed, ends_at=clock() + timedelta(days=1))
    yield gone(app, closed)
    with app.app_context(), unit_of_work():
        title = publishing.record_earlier(
            user, sites[2], name="示范", year=2025, granted_on=clock().date(), now=clock()
        )
    yield title
    with app.app_context(), unit_of_work():
        publishing.revoke_earlier(user, db.session.get_one(Title, title.id), "不再符合", clock())
    yield factories.site(host)
    yield gone(app, sites[3])


def test_whatever_changes_the_snapshot_is_the_one_made_from_nothing(app, factories, clock):
    keeper = DirectoryKeeper(app, check_every_s=0, patience_s=30)
    factories.site()
    before = keeper.current()
    for _ in moving_on(app, factories, clock):
        found, whole = keeper.current(), DirectoryKeeper(app).current()
        assert [*map(whole.table.__getitem__, map(whole.position_of, whole.table.ids))] == [
            *map(found.table.__getitem__, map(found.position_of, whole.table.ids))
        ]
        assert len(found.table) == len(whole.table)
        assert found.version == whole.version
        assert found.version.wholes == before.version.wholes
        assert found.version != before.version
        before = found


def test_a_change_that_does_not_say_of_what_means_all_sites(app, factories):
    keeper = DirectoryKeeper(app, check_every_s=0, patience_s=30)
    site = factories.site()
    keeper.current()
    with app.app_context(), unit_of_work():
        db.session.execute(text("UPDATE site SET name = '改' WHERE id = :id"), {"id": site.id})
        db.session.execute(text("UPDATE directory_version SET version = version + 1"))
    assert keeper.current().table[0].name == "改"


def test_versions_become_visible_in_their_order(app, factories):
    """Whoever moves the version second waits for the first: nobody sees a later one and then misses an earlier."""
    sites = [factories.site() for _ in range(2)]
    keeper = DirectoryKeeper(app, check_every_s=0, patience_s=30)
    version = keeper.current().version.number
    order, holds, may_commit = [], threading.Event(), threading.Event()

    def rename(site, *, is_first):
        with app.app_context(), unit_of_work():
            if not is_first:
                assert holds.wait(10)
            db.session.get_one(Site, site.id).name = "改"
            db.session.flush()
            order.append(is_first)
            if is_first:
                holds.set()
                assert may_commit.wait(10)

    threads = [threading.Thread(target=rename, args=(site,), kwargs={"is_first": site is sites[0]}) for site in sites]
    for thread in threads:
        thread.start()
    assert holds.wait(10)
    threads[1].join(0.1)
    assert order == [True]
    assert keeper.current().version.number == version
    may_commit.set()
    for thread in threads:
        thread.join(10)
    assert keeper.current().version.number == version + 2
    assert {entry.name for entry in map(keeper.current().table.__getitem__, range(2))} == {"改"}


def test_after_an_outage_the_snapshot_is_made_from_nothing(app, factories):
    """Another server may answer then, on which the same number stands for other changes."""
    keeper = DirectoryKeeper(app, check_every_s=0, patience_s=30)
    site = factories.site()
    before = keeper.current()
    mend = break_database(app)
    assert keeper.current() is before
    mend()
    with app.app_context(), unit_of_work():
        db.session.execute(text("UPDATE site SET name = '改' WHERE id = :id"), {"id": site.id})
    assert keeper.current().table[0].name == "改"
    assert keeper.current().version == before.version
