"""The whole product on SQLite while it is killed, starved, cut off and misled; the long form is `make soak`."""

from contextlib import ExitStack
from pathlib import Path

from tests.reliability import scenarios
from tests.reliability.checks import assert_whole
from tests.reliability.service import free_port
from tests.reliability.setups import on_sqlite


def test_whatever_was_acknowledged_is_there_once(folder: Path, stack: ExitStack, migrated_sqlite: Path) -> None:
    redis_port = free_port()
    place = on_sqlite(stack, folder, migrated_sqlite, is_small=True, keystore_url=f"redis://127.0.0.1:{redis_port}/0")
    service, phones, disk = place.service, place.phones, place.disk
    assert disk is not None
    scenarios.redis_gone(folder, redis_port, phones, place.unguarded, taps=10)
    scenarios.worker_kills(service, phones, times=3)
    scenarios.dropped_replies(service, phones, times=300)
    scenarios.same_key(phones, threads=40, rounds=5)
    scenarios.full_disk(service, disk, phones, refusals=5)
    scenarios.clock_jumps(service, phones, place.closed_months)
    scenarios.service_kills(service, phones, times=1)
    assert_whole(service, phones)
