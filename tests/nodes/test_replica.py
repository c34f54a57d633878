"""A real replica that lags, fails and comes back: who reads from it never sees less than she has written herself."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app import replica
from app.accounts.models import TradeUnion
from app.db import db
from app.replica import reads_replica
from app.sites.models import Site
from app.web import PUBLIC, access
from tests.applications import empty, prepare
from tests.conftest import migrate
from tests.factories import Factories
from tests.forms import submit
from tests.nodes.standby import Standby, ask, do
from tests.reliability.databases import Cluster
from tests.reliability.service import wait_until
from tests.usage.helpers import Phone

OLD, NEW = "旧名字的小屋", "新名字的小屋"


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Cluster, Standby]]:
    """A primary with the product's tables, and its standby."""
    with tempfile.TemporaryDirectory(prefix="xiaowu-pair-") as made, ExitStack() as stack:
        folder = Path(made)
        folder.chmod(0o755)
        primary, standby = Cluster(folder / "primary"), Standby(folder / "standby")
        stack.callback(primary.stop)
        primary.create()
        migrate(primary.url.replace("postgresql:", "postgresql+psycopg:"))
        prepare(primary.url)
        stack.callback(standby.stop)
        standby.follow(primary)
        do(standby, "ALTER SYSTEM SET max_standby_streaming_delay = 0")
        ask(standby, "SELECT pg_reload_conf()")
        yield primary, standby


@pytest.fixture
def primary(pair: tuple[Cluster, Standby]) -> Cluster:
    return pair[0]


@pytest.fixture
def standby(pair: tuple[Cluster, Standby]) -> Iterator[Standby]:
    """The standby, running and not paused after the test."""
    yield pair[1]
    if not pair[1].is_running():
        pair[1].start()
    pair[1].go_on()


@pytest.fixture
def database_url(primary: Cluster) -> str:
    """The primary, without rows."""
    empty(primary.url)
    return primary.url


@pytest.fixture
def environ(environ: dict[str, str], standby: Standby) -> dict[str, str]:
    return environ | {"DATABASE_REPLICA_URL": standby.url}


@pytest.fixture
def union(factories: Factories) -> TradeUnion:
    return factories.tree()[2]


@pytest.fixture
def site(factories: Factories, union: TradeUnion) -> Site:
    return factories.site(union, name=OLD)


@pytest.fixture
def anna(factories: Factories, union: TradeUnion) -> FlaskClient:
    """Somebody of the union, in a browser."""
    return factories.login(factories.user("unit_union", union))


@pytest.fixture
def berta(factories: Factories, union: TradeUnion) -> FlaskClient:
    """A colleague of hers."""
    return factories.login(factories.user("unit_union", union))


@pytest.fixture
def paused(site: Site, anna: FlaskClient, primary: Cluster, standby: Standby) -> Standby:  # noqa: ARG001  are there then
    """The standby has the site and its people, and nothing that comes after."""
    standby.catch_up(primary)
    standby.pause()
    return standby


def rename(primary: Cluster, site: Site, name: str = NEW) -> None:
    """Somebody else's write."""
    do(primary, f"UPDATE site SET name = '{name}' WHERE id = {site.id}")  # noqa: S608  the words are ours


def names(browser: FlaskClient, site: Site) -> set[str]:
    """Which of both names the table of the site's union and its file show."""
    page = f"/manage/unions/{site.host_id}"
    pages = [browser.get(page), browser.get(f"{page}/sites.csv")]
    assert [page.status_code for page in pages] == [200, 200]
    return {name for name in (OLD, NEW) for page in pages if name in page.text}


def test_tables_come_from_the_replica_and_other_pages_do_not(
    anna: FlaskClient, site: Site, primary: Cluster, paused: Standby
) -> None:
    rename(primary, site)
    assert names(anna, site) == {OLD}
    assert NEW in anna.get(f"/manage/sites/{site.id}").text
    paused.go_on()
    paused.catch_up(primary)
    assert names(anna, site) == {NEW}


def test_who_has_written_reads_her_own_write(
    anna: FlaskClient, berta: FlaskClient, site: Site, primary: Cluster, paused: Standby
) -> None:
    rename(primary, site)
    page = f"/manage/sites/{site.id}"
    assert submit(anna, page, f"{page}/verify").status_code == 302
    assert names(anna, site) == {NEW}
    assert names(berta, site) == {OLD}, "somebody else may wait for the replica"
    paused.go_on()
    paused.catch_up(primary)
    paused.pause()
    rename(primary, site, OLD)
    assert names(anna, site) == {NEW}, "as soon as the replica has her write, it answers her again"


@pytest.mark.usefixtures("paused")
def test_a_replica_that_is_too_far_behind_is_not_asked(
    anna: FlaskClient, site: Site, primary: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename(primary, site)
    assert names(anna, site) == {OLD}
    monkeypatch.setattr(replica, "MOST_BEHIND_S", 0)
    assert names(anna, site) == {NEW}


def test_a_replica_that_no_longer_follows_is_not_asked(
    anna: FlaskClient, site: Site, primary: Cluster, standby: Standby
) -> None:
    standby.catch_up(primary)
    source = standby.follow_at("host=127.0.0.1 port=1")
    wait_until(lambda: ask(standby, "SELECT NOT EXISTS (SELECT FROM pg_stat_wal_receiver)"))
    rename(primary, site)
    shown = names(anna, site)
    standby.follow_at(source)
    assert shown == {NEW}


def test_without_the_replica_the_primary_answers(
    anna: FlaskClient, site: Site, primary: Cluster, standby: Standby, app: Flask
) -> None:
    standby.catch_up(primary)
    assert names(anna, site) == {OLD}
    standby.stop()
    rename(primary, site)
    assert names(anna, site) == {NEW}
    standby.start()
    standby.catch_up(primary)
    standby.pause()
    rename(primary, site, OLD)
    assert names(anna, site) == {OLD}, "left alone for a while"
    app.extensions["replica_left_alone_until_s"] = 0.0
    assert names(anna, site) == {NEW}


@pytest.mark.own_app
@pytest.mark.parametrize("how", ["conflict", "death", "write"])
def test_what_fails_on_the_replica_is_asked_of_the_primary(
    app: Flask, client: FlaskClient, primary: Cluster, standby: Standby, how: str
) -> None:
    do(primary, "DROP TABLE IF EXISTS spare; CREATE TABLE spare (number integer)")
    standby.catch_up(primary)
    seen = []

    @app.get("/spare")
    @access(PUBLIC)
    @reads_replica
    def spare() -> str:
        is_replica = bool(db.session.scalar(text("SELECT pg_is_in_recovery()")))
        seen.append(is_replica)
        db.session.execute(text("SELECT count(*) FROM spare"))
        if is_replica and how == "conflict":
            do(primary, "ALTER TABLE spare ADD COLUMN other integer")
        if is_replica and how == "death":
            standby.stop()
        if how == "write":
            db.session.execute(text("INSERT INTO spare VALUES (1)"))
        db.session.execute(text("SELECT count(*), pg_sleep(:s) FROM spare"), {"s": 10 if is_replica else 0})
        return "answered"

    answer = client.get("/spare")
    assert (answer.status_code, answer.text) == (200, "answered")
    assert seen == [True, False]


def test_a_visitor_gets_no_session(app: Flask, factories: Factories, site: Site) -> None:
    answer = Phone(app, factories.door_code(site).code).tap()
    assert answer.status_code == 303
    assert not [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("session=")]


def test_what_is_declared_to_read_only_reads(
    anna: FlaskClient, site: Site, primary: Cluster, standby: Standby, caplog: pytest.LogCaptureFixture
) -> None:
    standby.catch_up(primary)
    union, of_site = f"/manage/unions/{site.host_id}", f"/manage/sites/{site.id}"
    files = ("sites.csv", "sites.xlsx", "roster.xlsx", "coverage.xlsx", "coverage", "statement")
    for path in (union, *(f"{union}/{name}" for name in files), f"{of_site}/statement", "/figures"):
        with anna.get(path) as answer:
            assert answer.status_code == 200, path
    assert [record.getMessage() for record in caplog.records if record.name == "app.replica"] == []
