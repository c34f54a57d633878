"""A primary dies under load, another takes over, and every scan that was acknowledged is there (Patroni, etcd)."""

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import psycopg

from tests.conftest import migrate
from tests.nodes.patroni import Machine, Machines, machines
from tests.reliability.checks import application, assert_whole, fill
from tests.reliability.databases import DATABASE
from tests.reliability.phones import Phones
from tests.reliability.scenarios import Seen, _some_more, watched
from tests.reliability.service import Service, wait_until
from tests.soak.conftest import Noted

ROUNDS = 3
TAKES_OVER_WITHIN_S = 120.0
"""Patroni's `ttl` is 20 s; the rest is for a machine that has other things to do."""


def test_the_primary_is_killed(stack: ExitStack, folder: Path, noted: Noted) -> None:
    databases = stack.enter_context(machines(folder))
    service = Service(folder / "service", databases.address(DATABASE))
    migrate(service.settings.database_url)
    phones = Phones(service.port, [])
    with application(service) as app:
        phones.codes += fill(app, service)
    stack.callback(service.stop)
    service.start()
    noted("PostgreSQL × 3", _killed(databases, phones, "machine of the primary killed", Machine.kill))
    noted("PostgreSQL × 3", _killed(databases, phones, "primary's PostgreSQL killed", Machine.kill_postgresql))
    assert_whole(service, phones)
    _assert_same_everywhere(databases, len(phones.receipts))


def _killed(databases: Machines, phones: Phones, fault: str, kill: Callable[[Machine], None]) -> Seen:
    """kill -9 under load; the old primary is back, and follows, before the next round.

    A machine that is gone is replaced. Where only PostgreSQL has died, Patroni may have it back as the primary before
    another has taken over: either way all that was acknowledged is there.
    """
    choice, whole_s, others, refused = random.Random(ROUNDS), [], 0, phones.statuses[503]  # noqa: S311
    with watched(fault, phones) as seen, phones.under_load(threads=4, pause_s=0.05) as acknowledged:
        for _ in range(ROUNDS):
            wait_until(databases.is_whole, 180, every_s=0.5)
            _some_more(acknowledged, 20)
            time.sleep(choice.random())
            old = databases.primary()
            kill(old)
            seen.times += 1
            seen.back(phones.tap_until_acknowledged(TAKES_OVER_WITHIN_S), TAKES_OVER_WITHIN_S)
            _some_more(acknowledged, 20)
            others += databases.primary() is not old
            if old.process is None:
                old.start()
            whole_s.append(wait_until(databases.is_whole, 240, every_s=0.5))
    times = ", ".join(f"{one:.1f}" for one in seen.back_s)
    seen.note = (
        f"scans again after {times} s; another machine took over {others} times; "
        f"all three at work again at most {max(whole_s):.0f} s later; {phones.statuses[503] - refused} answers 503"
    )
    return seen


def _assert_same_everywhere(databases: Machines, uses: int) -> None:
    """Each machine by itself has every use that was acknowledged, and no other."""
    for machine in databases.machines:
        address = databases.address(DATABASE).replace(databases.hosts, f"127.0.0.1:{machine.port}")
        address = address.replace("read-write", "any")
        wait_until(lambda at=address: _uses(at) == uses)  # type: ignore[misc]


def _uses(address: str) -> int:
    with psycopg.connect(address) as connection:
        row = connection.execute("SELECT count(*) FROM usage_record").fetchone()
    return int(row[0]) if row else 0
