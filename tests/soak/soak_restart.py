"""Ten versions one after the other and thirty workers that end by themselves, under load, on both databases."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import migrate
from tests.operating.restarts import Activated, recycled, restarted
from tests.reliability.checks import application, assert_whole, fill
from tests.reliability.conftest import folder, stack
from tests.reliability.databases import Cluster
from tests.reliability.phones import Phones
from tests.reliability.service import ROOT

__all__ = ["folder", "stack"]
TABLE = ROOT / "instance" / "soak_restart.txt"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nobody_is_turned_away(folder: Path, stack: ExitStack, kind: str) -> None:
    (folder / "data").mkdir()
    url = f"sqlite:///{folder}/data/xiaowu.sqlite3"
    if kind == "postgresql":
        cluster = Cluster(folder / "cluster")
        stack.callback(cluster.stop)
        cluster.create()
        url = cluster.url
    recycling = ("--max-requests", "30", "--max-requests-jitter", "10")
    service = Activated(folder / "service", url, data=folder / "data", options=recycling)
    migrate(service.settings.database_url)
    with application(service) as app:
        phones = Phones(service.port, fill(app, service))
    stack.callback(service.stop)
    service.start()
    recycled_visits = recycled(service, phones, workers=30, threads=6)
    visits = restarted(service, phones, times=10, pause_taps=60, threads=6)
    assert_whole(service, phones)
    looked = sum(recycled_visits.statuses.values()) + sum(visits.statuses.values())
    TABLE.parent.mkdir(exist_ok=True)
    with TABLE.open("a") as table:
        table.write(
            f"{kind}: {looked} pages and {len(phones.receipts)} taps, none failed; {len(phones.repeated)} sent again\n"
        )
