"""The faults. Each leaves the service running and every tap acknowledged, and returns what was seen, for the table."""

import contextlib
import random
import re
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import redis

from tests.reliability.databases import Cluster, SmallDisk
from tests.reliability.phones import Phones, one_key
from tests.reliability.proxy import dropping_proxy
from tests.reliability.service import BACK_WITHIN_S, Service, children, wait_until

HEALS_WITHIN_S = 60.0
GUESSER = {"X-Forwarded-For": "10.9.9.9", "User-Agent": "Guesser/1"}


@dataclass
class Seen:
    """What happened: how often the fault struck, taps acknowledged under it, seconds until the next was (worst)."""

    fault: str
    times: int = 0
    acknowledged: int = 0
    sent_again: int = 0
    back_s: list[float] = field(default_factory=list)
    note: str = ""

    def back(self, seconds: float, within: float = BACK_WITHIN_S) -> None:
        """Note how long it took."""
        assert seconds <= within, f"{self.fault}: back only after {seconds:.1f} s"
        self.back_s.append(seconds)


@contextlib.contextmanager
def watched(fault: str, phones: Phones) -> Iterator[Seen]:
    """Count what is acknowledged, and let the phones settle at the end."""
    seen, before, repeated = Seen(fault), len(phones.receipts), len(phones.repeated)
    yield seen
    phones.settle()
    seen.sent_again = len(phones.repeated) - repeated
    seen.acknowledged = len(phones.receipts) - before


def _some_more(acknowledged: Callable[[], int], number: int) -> None:
    at = acknowledged()
    wait_until(lambda: acknowledged() > at + number)


def worker_kills(service: Service, phones: Phones, times: int, pause_s: float = 0.3) -> Seen:
    """kill -9 of a random worker under load."""
    choice = random.Random(times)  # noqa: S311
    with watched("worker killed", phones) as seen, phones.under_load() as acknowledged:
        for _ in range(times):
            _some_more(acknowledged, 2)
            service.kill_worker(choice)
            seen.times += 1
            seen.back(phones.tap_until_acknowledged())
            wait_until(lambda: len(service.worker_pids) >= service.workers)
            time.sleep(choice.random() * pause_s)
    return seen


def service_kills(service: Service, phones: Phones, times: int) -> Seen:
    """kill -9 of master and workers in the middle of writing; with SQLite that kills the database."""
    choice = random.Random(times)  # noqa: S311
    with watched("service and SQLite killed", phones) as seen, phones.under_load() as acknowledged:
        for _ in range(times):
            _some_more(acknowledged, 5)
            time.sleep(choice.random() * 0.2)
            service.kill_all()
            seen.times += 1
            began = time.monotonic()
            service.start()
            phones.tap_until_acknowledged()
            seen.back(time.monotonic() - began)
    return seen


def postgresql_kills(cluster: Cluster, phones: Phones, times: int) -> Seen:
    """kill -9 of the postmaster, or an immediate stop, under load; then a restart and its recovery."""
    choice = random.Random(times)  # noqa: S311
    with watched("PostgreSQL killed", phones) as seen, phones.under_load() as acknowledged:
        for number in range(times):
            _some_more(acknowledged, 5)
            time.sleep(choice.random() * 0.2)
            began = time.monotonic()
            (cluster.kill if number % 2 == 0 else cluster.stop)()
            seen.times += 1
            cluster.start()
            phones.tap_until_acknowledged()
            seen.back(time.monotonic() - began)
    return seen


def dropped_replies(service: Service, phones: Phones, times: int, threads: int = 8) -> Seen:
    """The connection ends after the commit, before the answer; the phone sends the same key again."""

    def one(_number: int) -> None:
        tap = phones.new_tap()
        assert not phones.send(tap, port=proxy.port), "the answer was to be dropped"
        phones.repeated.add(tap.key)
        assert phones.send(tap), "the second attempt was not taken"

    with watched("reply dropped after the commit", phones) as seen, dropping_proxy(service.port) as proxy:
        assert phones.send(phones.new_tap())
        phones.load_tokens()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(one, range(times)))
        seen.times = proxy.dropped
    assert seen.times == times
    assert seen.acknowledged == times + 1, "one row for each, and the first"
    return seen


def same_key(phones: Phones, threads: int, rounds: int) -> Seen:
    """Many phones, one key, the same moment."""
    with watched(f"{threads} threads send one key", phones) as seen:
        phones.load_tokens()
        for _ in range(rounds):
            one_key(phones, threads)
            seen.times += 1
    assert seen.acknowledged == rounds
    return seen


def full_disk(service: Service, disk: SmallDisk, phones: Phones, refusals: int) -> Seen:
    """Nothing can be written any more; then there is room again."""
    with watched(f"disk full ({disk.how})", phones) as seen:
        before = phones.statuses[503]
        _empty_log_of_sqlite(service)
        with phones.under_load():
            disk.fill(group(service))
            wait_until(lambda: phones.statuses[503] >= before + refusals, every_s=0.05)
            seen.times = 1
        assert service.answers()
        page = phones.request("POST", f"/r/{phones.codes[0]}", phones.form(phones.codes[0]))
        seen.note = f"{phones.statuses[503] - before} answered 503"
        assert page.status == 503, page.status
        assert int(page.headers["retry-after"]) > 0
        assert "再试一次" in page.text
        assert "content-security-policy" in page.headers
        disk.free(group(service))
        seen.back(phones.tap_until_acknowledged(HEALS_WITHIN_S), HEALS_WITHIN_S)
    return seen


def _empty_log_of_sqlite(service: Service) -> None:
    """Else hundreds of taps still find room in the file of the log, and are rightly taken."""
    if service.database_url.startswith("sqlite:///"):
        path = service.database_url.removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


CLOCK_JUMPS: tuple[dict[str, float], ...] = (
    {"hours": 5}, {"hours": -5}, {"days": 3}, {"minutes": -20}, {"days": -2}, {"days": 80}, {},
)  # fmt: skip
INTO_A_CLOSED_MONTH: dict[str, float] = {"days": -40}


def clock_jumps(service: Service, phones: Phones, closed: Callable[[], object]) -> Seen:
    """The machine's clock is set wrong under load. `closed` says what the closed months hold.

    Every tap is taken, whatever the clock says, but into a month that is closed and was told to witnesses: there the
    door says 503 until the clock is right.
    """
    with watched("clock set wrong", phones) as seen:
        before, failed = closed(), _failed(phones)
        for jump in CLOCK_JUMPS:
            with phones.under_load(threads=3, pause_s=0.02) as acknowledged:
                service.move_clock(**jump)
                seen.times += 1
                seen.back(phones.tap_until_acknowledged())
                _some_more(acknowledged, 3)
            phones.settle()
        assert _failed(phones) == failed, phones.statuses
        service.move_clock(**INTO_A_CLOSED_MONTH)
        seen.times += 1
        taken = len(phones.receipts)
        with phones.under_load(threads=3, pause_s=0.05):
            wait_until(lambda: _failed(phones) >= failed + 5)
        seen.note = f"{_failed(phones) - failed} answered 503 in a closed month"
        assert len(phones.receipts) == taken, "a tap was taken in a closed month"
        assert closed() == before, "a closed month has changed"
        service.move_clock()
        seen.back(phones.tap_until_acknowledged())
    assert closed() == before, "a closed month has changed"
    return seen


def _failed(phones: Phones) -> int:
    return sum(number for status, number in phones.statuses.items() if status >= 500)


@contextlib.contextmanager
def redis_server(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A Redis that keeps nothing on disk."""
    words = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        with contextlib.closing(redis.Redis(port=port)) as client:
            wait_until(lambda: _answers(client))
        yield server
    finally:
        server.kill()
        server.wait()


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def redis_gone(folder: Path, port: int, phones: Phones, unguarded: Callable[[], int], taps: int) -> Seen:
    """The store of limits and keys is killed, and started again with nothing in it."""
    with watched("Redis killed", phones) as seen:
        with redis_server(folder, port) as server:
            assert phones.send(phones.new_tap())
            before = unguarded()
            server.kill()
            server.wait()
            seen.times = 1
            seen.back(phones.tap_until_acknowledged())
            for _ in range(taps):
                assert phones.send(phones.new_tap()), phones.statuses
        noted = unguarded() - before
        assert noted >= taps, "scans without the shared limits are kept as such"
        seen.note = f"{noted} scans kept as unguarded"
        with redis_server(folder, port):
            wait_until(lambda: _all_guarded(phones, unguarded), every_s=1.0)
    return seen


def _all_guarded(phones: Phones, unguarded: Callable[[], int], taps: int = 6) -> bool:
    """Whether so many taps, enough for every worker, were limited by the shared store again."""
    before = unguarded()
    sent = [phones.send(phones.new_tap()) for _ in range(taps)]
    return all(sent) and unguarded() == before


def database_away(cluster: Cluster, service: Service, phones: Phones) -> Seen:
    """While PostgreSQL is stopped the finder answers from memory and the door says when to come again."""
    near = "/api/v1/sites/nearest?lat=30.3&lon=120.3"
    with watched("PostgreSQL stopped", phones) as seen:
        phones.load_tokens()
        for _ in range(8 * service.workers):  # every worker has its directory
            assert phones.request("GET", near).status == 200
        cluster.stop("fast")
        seen.times = 1
        for _ in range(4 * service.workers):
            found = phones.request("GET", near)
            assert (found.status, "features" in found.text) == (200, True)
            assert phones.request("GET", "/").status == 200
        code = phones.codes[0]
        for answer in (phones.request("GET", f"/r/{code}"), phones.request("POST", f"/r/{code}", phones.form(code))):
            assert (answer.status, int(answer.headers["retry-after"]) > 0) == (503, True)
            assert "请稍后再试" in answer.text
        cluster.start()
        seen.back(phones.tap_until_acknowledged())
    return seen


def log_in_tries(phones: Phones, most: int = 200) -> int:
    """Guess a password from one address until the service refuses to look; return how many guesses it looked at."""
    page = phones.request("GET", "/login", **GUESSER)
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page.text)
    assert token, page.status
    session = {"Cookie": page.headers["set-cookie"].partition(";")[0], **GUESSER}
    form = {"csrf_token": token[1], "username": "nobody", "password": "a guess of many"}
    for number in range(most):
        answer = phones.request("POST", "/login", form, **session)
        if answer.status == 429:
            return number
        assert answer.status in (200, 422), answer.status
    raise AssertionError(f"{most} guesses and no refusal")


def group(service: Service) -> list[int]:
    """Master and workers."""
    assert service.process is not None
    return [service.process.pid, *children(service.process.pid)]
