"""Nothing that was acknowledged is lost, nothing is there twice: every fault at its full number, on both databases."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import phone_context
from tests.reliability import scenarios
from tests.reliability.checks import assert_whole
from tests.reliability.databases import small_disk
from tests.reliability.service import free_port
from tests.reliability.setups import Place, on_postgresql, on_sqlite
from tests.soak.conftest import Noted

WORKER_KILLS, DATABASE_KILLS, DROPPED = 30, 10, 10_000
THREADS, ROUNDS = 200, 100


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request: pytest.FixtureRequest) -> str:
    """Which one."""
    name: str = request.param
    return name


@pytest.fixture
def place(database: str, stack: ExitStack, folder: Path) -> Place:
    """The service on it."""
    return (on_sqlite if database == "SQLite" else on_postgresql)(stack, folder)


def test_workers_are_killed(database: str, place: Place, noted: Noted) -> None:
    noted(database, scenarios.worker_kills(place.service, place.phones, WORKER_KILLS))
    assert_whole(place.service, place.phones)


def test_the_database_is_killed(database: str, place: Place, noted: Noted) -> None:
    if place.cluster is None:
        noted(database, scenarios.service_kills(place.service, place.phones, DATABASE_KILLS))
    else:
        noted(database, scenarios.postgresql_kills(place.cluster, place.phones, DATABASE_KILLS))
    assert_whole(place.service, place.phones)


def test_replies_are_dropped_after_the_commit(database: str, place: Place, noted: Noted) -> None:
    noted(database, scenarios.dropped_replies(place.service, place.phones, DROPPED))
    assert_whole(place.service, place.phones)


def test_many_threads_send_one_key(database: str, place: Place, noted: Noted) -> None:
    noted(database, scenarios.same_key(place.phones, THREADS, ROUNDS))
    assert_whole(place.service, place.phones)


def test_the_clock_is_set_wrong(database: str, place: Place, noted: Noted) -> None:
    noted(database, scenarios.clock_jumps(place.service, place.phones, place.closed_months))
    assert_whole(place.service, place.phones)


def test_the_disk_of_sqlite_is_full(stack: ExitStack, folder: Path, noted: Noted) -> None:
    place = on_sqlite(stack, folder, is_small=True)
    assert place.disk is not None
    for _ in range(3):
        noted("SQLite", scenarios.full_disk(place.service, place.disk, place.phones, refusals=100))
        assert_whole(place.service, place.phones)


def test_the_disk_of_postgresql_is_full(stack: ExitStack, folder: Path, noted: Noted) -> None:
    """Its tables are on the small disk; its log of changes is not, as on a machine that keeps them apart."""
    disk = stack.enter_context(small_disk(folder / "disk"))
    if disk.how != "tmpfs":
        pytest.fail("this test has to mount a tmpfs of 64 MB: run it as root, outside of a container")
    place = on_postgresql(stack, folder, tablespace=disk.folder / "tables")
    for _ in range(3):
        noted("PostgreSQL", scenarios.full_disk(place.service, disk, place.phones, refusals=100))
        assert_whole(place.service, place.phones)


@pytest.mark.parametrize("database", ["SQLite"], indirect=True)
def test_redis_is_killed(database: str, stack: ExitStack, folder: Path, noted: Noted) -> None:
    port = free_port()
    place = on_sqlite(stack, folder, keystore_url=f"redis://127.0.0.1:{port}/0")
    noted(database, scenarios.redis_gone(folder, port, place.phones, place.unguarded, taps=300))
    tries = scenarios.log_in_tries(place.phones)
    assert tries <= 20 * place.service.workers + 1, "log-in is limited by each process"
    assert_whole(place.service, place.phones)


@pytest.mark.parametrize("database", ["PostgreSQL"], indirect=True)
def test_the_database_is_stopped(database: str, place: Place, noted: Noted) -> None:
    assert place.cluster is not None
    noted(database, scenarios.database_away(place.cluster, place.service, place.phones))
    assert_whole(place.service, place.phones)


@pytest.mark.parametrize("database", ["PostgreSQL"], indirect=True)
def test_a_phone_keeps_the_tap_and_sends_it_when_the_database_is_back(place: Place, browser: Browser) -> None:
    """The page in Chromium: the tap is answered by a 503, kept, and becomes one use without another touch."""
    assert place.cluster is not None
    context = phone_context(browser)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{place.service.port}/r/{place.phones.codes[0]}")
    place.cluster.stop("fast")
    page.get_by_role("button", name="使用小屋").tap()
    expect(page.get_by_role("button", name="已记下，联网后自动提交")).to_be_visible()
    place.cluster.start()
    page.wait_for_url("**/u/*", timeout=60_000)
    assert page.evaluate("localStorage.getItem('xiaowu.taps')") == "[]"
    context.close()
    assert len(place.uses()) == 1
