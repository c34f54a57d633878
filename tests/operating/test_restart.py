"""New code, and new workers, while people come: nobody is turned away. The long form is `make soak`."""

import json
import re
import shutil
from contextlib import ExitStack
from pathlib import Path

from tests.operating.restarts import Activated, recycled, restarted
from tests.reliability.checks import application, assert_whole, fill
from tests.reliability.conftest import folder, stack
from tests.reliability.phones import Phones

__all__ = ["folder", "stack"]
TOKEN = "m" * 40


def taps_told(phones: Phones) -> int:
    """How many taps the metrics say were answered."""
    page = phones.request("GET", "/metrics", Authorization=f"Bearer {TOKEN}").text
    found = re.findall(r'xiaowu_requests_total{method="POST",route="/r/<code>",status="..."} (\S+)', page)
    return int(sum(map(float, found)))


def test_nothing_is_dropped_by_new_code_and_new_workers(folder: Path, stack: ExitStack, migrated_sqlite: Path) -> None:
    (folder / "data").mkdir()
    shutil.copy(migrated_sqlite, folder / "data" / "xiaowu.sqlite3")
    more = {"XIAOWU_METRICS_TOKEN": TOKEN, "XIAOWU_LOG_FORMAT": "json"}
    options = ("--max-requests", "30", "--max-requests-jitter", "5")
    url = f"sqlite:///{folder}/data/xiaowu.sqlite3"
    service = Activated(folder / "service", url, data=folder / "data", more=more, options=options)
    with application(service) as app:
        phones = Phones(service.port, fill(app, service))
    stack.callback(service.stop)
    service.start()
    recycled(service, phones, workers=2)
    assert taps_told(phones) == sum(phones.statuses.values()), "all workers, those that have ended too, are added up"
    restarted(service, phones, times=1)
    assert_whole(service, phones)
    assert [json.loads(line)["level"] for line in service.log.read_text().splitlines()].count("error") == 0
