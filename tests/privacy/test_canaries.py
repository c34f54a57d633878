"""Addresses, devices, coordinates and telephone numbers of people who used the real service are nowhere afterwards."""

import http.client
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from app.accounts.models import TradeUnion, User
from app.db import db
from app.months import Month
from app.reports.models import PublicReport
from app.usage.models import Rating, UsageRecord
from app.web import MUNICIPAL_UNION, SITE_MANAGER
from tests.applications import prepare
from tests.conftest import migrate
from tests.factories import Factories
from tests.postgres import Server
from tests.privacy.canaries import Canaries, found_below, found_in
from tests.privacy.visitors import Visitors
from tests.reliability.checks import application, clock_of
from tests.reliability.service import Service

KILLED = Canaries(
    addresses=("203.117.213.77", "2001:db8:ca7a:1f2e::77ab"),
    agents=("CanaryPhone/7.7 (MicroMessenger; killed)", "CanaryTablet/8.8 (AlipayClient; killed)"),
    degrees=("120.3441778899", "30.3373225577"),
    phones=("13987651234", "18676543219"),
)
ENDED = Canaries(
    addresses=("198.119.171.93", "2001:db8:ca7a:3d4c::91cd"),
    agents=("CanaryPhone/9.9 (MicroMessenger; ended)", "CanaryTablet/6.6 (AlipayClient; ended)"),
    degrees=("120.3551166338", "30.3482214469"),
    phones=("13765439876", "15887659432"),
)
MANAGER = "manager"
TOKEN = "m" * 40
NEEDLES = KILLED.needles() | ENDED.needles()


@pytest.fixture
def service(request: pytest.FixtureRequest, worker_folder: Path) -> Iterator[Service]:
    folder = worker_folder / "canaries"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data").mkdir(parents=True)
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), folder / "data" / "xiaowu.sqlite3")
        url = f"sqlite:///{folder}/data/xiaowu.sqlite3"
    else:
        server: Server = request.getfixturevalue("postgres")
        url = server.create_database(server.template("migrated", lambda made: (migrate(made), prepare(made))))
    more = {"XIAOWU_LOG_FORMAT": "json", "XIAOWU_METRICS_TOKEN": TOKEN} if request.param == "sqlite" else {}
    running = Service(folder, url, workers=1, more=more)
    yield running
    running.stop()


@pytest.mark.parametrize("service", ["sqlite"], indirect=True)
def test_nothing_that_visitors_are_known_by_is_left_by_a_killed_service(service: Service) -> None:
    crowds_come(service, Round(KILLED, Service.kill_all))


@pytest.mark.parametrize("service", ["postgis"], indirect=True)
def test_nothing_that_visitors_are_known_by_is_left_by_a_stopped_service(service: Service) -> None:
    crowds_come(service, Round(ENDED, Service.stop))


@dataclass(frozen=True)
class Round:
    """A crowd, and how the service ends after it."""

    crowd: Canaries
    end: Callable[[Service], None]


def crowds_come(service: Service, *rounds: Round) -> None:
    """Search everything after each round; `tests/soak/soak_canaries.py` does both on both databases."""
    reviewer, public_id = prepared(service)
    for one in rounds:
        service.start()
        visit(Visitors(service.port, one.crowd), public_id)
        if service.more:
            assert found_in(metrics(service), NEEDLES) == set()
        one.end(service)
        assert everything(service) == []
    assert_taken_in(service, reviewer, uses=2 * len(rounds))


def assert_taken_in(service: Service, reviewer: User, uses: int) -> None:
    """The visits did happen, and what a reviewer can take away holds nothing of them, either."""
    with application(service) as app:
        with app.app_context():
            assert len(db.session.scalars(select(UsageRecord.id)).all()) == uses
            assert set(db.session.scalars(select(Rating.comment))) == {"请回电 ••• 或 •••", ""}
            assert "请回电 ••• 或 •••" in db.session.scalars(select(PublicReport.note)).all()
            city_id = db.session.scalars(select(TradeUnion.id).where(TradeUnion.parent_id.is_(None))).one()
        browser = Factories(app, lambda: clock_of(service)).login(reviewer)
        month = Month.of(clock_of(service))
        for path in (
            f"/manage/unions/{city_id}/sites.csv",
            f"/manage/unions/{city_id}/statement?month={month}",
            "/manage/reports",
        ):
            answer = browser.get(path)
            assert answer.status_code == 200, path
            assert found_in(answer.data, NEEDLES) == set(), path


def prepared(service: Service) -> tuple[User, int]:
    """A public and an internal room with doors, their manager, and a reviewer."""
    with application(service) as app:
        factories = Factories(app, lambda: clock_of(service))
        city, _, unit = factories.tree()
        public = factories.site(unit)
        factories.door_code(public, "abc123abc123")
        factories.door_code(factories.site(unit, location_kind="internal"), "def456def456")
        factories.user(SITE_MANAGER, unit, username=MANAGER)
        return factories.user(MUNICIPAL_UNION, city), public.id


def visit(visitors: Visitors, public_id: int) -> None:
    """Everything that a visitor can do, and a log-in."""
    for code in ("abc123abc123", "def456def456"):
        visitors.use(code)
    visitors.report("/r/abc123abc123/report")
    visitors.report(f"/s/{public_id}/report")
    visitors.look_around()
    visitors.mumble()
    visitors.log_in(MANAGER)


def everything(service: Service) -> list[str]:
    """What is found in the database's files or its dump, in files of keys and data, and in the log."""
    found = found_below([service.folder], NEEDLES)
    if service.database_url.startswith("postgres"):
        url = service.database_url.replace("+psycopg", "")
        dump = subprocess.run(["pg_dump", "--no-owner", url], check=True, capture_output=True).stdout
        assert b"COPY public.usage_record" in dump
        found += [f"dump: {text}" for text in sorted(found_in(dump, NEEDLES))]
    else:
        assert any(service.folder.rglob("xiaowu.sqlite3"))
    log = service.log.read_text()
    assert "A malformed request was refused" in log, "there is a log, and it is told"
    assert ('"route":"/r/<code>","method":"POST"' in log) is bool(service.more)
    return found


def metrics(service: Service) -> bytes:
    """What whoever watches the service is told."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
    connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    page = connection.getresponse().read()
    connection.close()
    assert b'xiaowu_requests_total{method="POST",route="/r/<code>"' in page
    return page


def test_the_search_finds_every_form() -> None:
    for needle, text in NEEDLES.items():
        assert text in found_in(b"\x00before" + needle + b"after\xff", NEEDLES)


def test_the_search_reads_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "CanaryPhone%2F7.7%20%28MicroMessenger%3B%20killed%29").touch()
    (tmp_path / "plain").write_bytes("电话 13987651234".encode())
    (tmp_path / "clean").write_text("nothing")
    assert found_below([tmp_path], NEEDLES) == [
        f"CanaryPhone%2F7.7%20%28MicroMessenger%3B%20killed%29: {KILLED.agents[0]}", "plain: 13987651234"
    ]  # fmt: skip
