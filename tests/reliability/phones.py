"""Phones at the doors that remember every key they have sent and every receipt they were given."""

import contextlib
import http.client
import itertools
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import UUID, uuid4

_RECEIPT = re.compile(r"/r/\w+/u/([0-9a-f-]{36})")
_TOKEN = re.compile(r'name="token" value="([^"]+)"')
RATED_SHARE = 0.2


@dataclass(frozen=True)
class Tap:
    """One tap: its key, the door's code, whether the phone runs the page's script, and who comes back (or "")."""

    key: UUID
    code: str
    has_script: bool
    visitor: str


@dataclass(frozen=True)
class Answer:
    """An answer as it came; status 0 when none did."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""


@dataclass
class Phones:
    """Every tap comes from another phone in another network, as far as the service can see.

    `receipts` has what was acknowledged (201 or 303 with a receipt), `ratings` the acknowledged steps by receipt,
    `wrong` every promise seen broken while the load ran.
    """

    port: int
    codes: list[str]
    seed: int = 1
    sent: dict[UUID, Tap] = field(default_factory=dict)
    receipts: dict[UUID, UUID] = field(default_factory=dict)
    ratings: dict[UUID, int] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    repeated: set[UUID] = field(default_factory=set)
    """Keys that had to be sent more than once."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311
        self._tokens: dict[str, str] = {}
        self._lock = threading.Lock()

    def request(
        self, method: str, path: str, body: dict[str, str] | None = None, port: int | None = None, **headers: str
    ) -> Answer:
        """Send one request over a connection of its own."""
        with self._lock:
            address = ".".join(("10", *(str(self._random.randrange(256)) for _ in range(3))))
            agent = f"Phone/{self._random.randrange(10**6)}"
        headers = {"X-Forwarded-For": address, "User-Agent": agent, "Accept": "text/html", **headers}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=40)
        try:
            connection.request(method, path, None if body is None else urlencode(body), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)
        except (OSError, http.client.HTTPException):
            return Answer(0)
        finally:
            connection.close()

    def new_tap(self) -> Tap:
        """Somebody stands at a door."""
        with self._lock:
            visitor = f"visitor-{self._random.randrange(8)}".ljust(22, "x") if self._random.random() < 0.2 else ""
            key = UUID(int=self._random.getrandbits(128), version=4)
            tap = Tap(key, self._random.choice(self.codes), self._random.random() < 0.5, visitor)
            self.sent[tap.key] = tap
        return tap

    def send(self, tap: Tap, port: int | None = None) -> bool:
        """Send a tap once; whether it was acknowledged."""
        token = self._token(tap.code)
        if token is None:
            return False
        headers = {"Accept": "application/json"} if tap.has_script else {}
        headers |= {"Cookie": f"door={tap.visitor}"} if tap.visitor else {}
        body = {"key": str(tap.key), "token": token, "purpose": ""}
        answer = self.request("POST", f"/r/{tap.code}", body, port, **headers)
        self.statuses[answer.status] += 1
        if answer.status == 403:  # the page's token is too old, or from a time that has not come yet
            self._tokens.pop(tap.code, None)
        return self._understand(tap, answer)

    def _understand(self, tap: Tap, answer: Answer) -> bool:
        if answer.status == 503 and "retry-after" not in answer.headers:
            self.wrong.append("a 503 without Retry-After")
        if answer.status in (500, 502, 504):
            self.wrong.append(f"status {answer.status}")
        if answer.status not in (201, 303):
            return False
        place = json.loads(answer.text)["receipt_url"] if answer.status == 201 else answer.headers["location"]
        found = _RECEIPT.search(place)
        if found is None:
            self.wrong.append(f"an acknowledgement without a receipt: {place}")
            return False
        receipt = UUID(found[1])
        if self.receipts.setdefault(tap.key, receipt) != receipt:
            self.wrong.append(f"two receipts for one key: {tap.key}")
        return True

    def _token(self, code: str) -> str | None:
        if code not in self._tokens:
            found = _TOKEN.search(self.request("GET", f"/r/{code}").text)
            if found is None:
                return None
            self._tokens[code] = found[1]
        return self._tokens.get(code)

    def load_tokens(self) -> None:
        """Open every door's page once."""
        for code in self.codes:
            assert self._token(code), code

    def form(self, code: str) -> dict[str, str]:
        """What a tap sends that nobody will remember: for answers that must be refusals."""
        return {"key": str(uuid4()), "token": self._tokens[code], "purpose": ""}

    def rate(self, tap: Tap, step: int) -> bool:
        """Open the receipt and rate; whether that was acknowledged."""
        place = f"/r/{tap.code}/u/{self.receipts[tap.key]}"
        found = _TOKEN.search(self.request("GET", place).text)
        if found is None:
            return False
        answer = self.request("POST", f"{place}/rating", {"token": found[1], "step": str(step)})
        if answer.status in (500, 502, 504):
            self.wrong.append(f"status {answer.status} to a rating")
        if answer.status == 303:
            self.ratings[self.receipts[tap.key]] = step
        return answer.status == 303

    def tap_until_acknowledged(self, patience_s: float = 60.0) -> float:
        """A new tap, sent again and again; return how many seconds it took to be acknowledged."""
        tap, began = self.new_tap(), time.monotonic()
        while not self.send(tap):
            self.repeated.add(tap.key)
            assert time.monotonic() - began < patience_s, f"no tap was taken for {patience_s} s; {self.statuses}"
            time.sleep(0.05)
        return time.monotonic() - began

    @contextlib.contextmanager
    def under_load(self, threads: int = 6, pause_s: float = 0.0) -> Iterator[Callable[[], int]]:
        """Taps and ratings all the time; yields a function that says how many were acknowledged meanwhile."""
        before, over = len(self.receipts), threading.Event()

        def one_thread(number: int) -> None:
            choice = random.Random(self.seed * 1000 + number)  # noqa: S311
            while not over.is_set():
                tap = self.new_tap()
                if self._insist(tap, over) and not tap.visitor and choice.random() < RATED_SHARE:
                    self.rate(tap, choice.randint(1, 5))
                over.wait(pause_s)

        with ThreadPoolExecutor(threads) as pool:
            running = [pool.submit(one_thread, number) for number in range(threads)]
            try:
                yield lambda: len(self.receipts) - before
            finally:
                over.set()
                for one in running:
                    one.result(120)

    def _insist(self, tap: Tap, over: threading.Event) -> bool:
        """What the page's queue does: again and again, a little later each time."""
        for again in itertools.count(1):
            if self.send(tap):
                return True
            self.repeated.add(tap.key)
            if over.wait(min(0.5, 0.02 * again)):
                break
        return False

    def settle(self, threads: int = 6, patience_s: float = 60.0) -> None:
        """The phones' queues: send again whatever was not acknowledged, until it is."""
        waiting = [tap for key, tap in self.sent.items() if key not in self.receipts]
        ends = time.monotonic() + patience_s
        self.repeated.update(tap.key for tap in waiting)

        def insist(tap: Tap) -> None:
            while not self.send(tap):
                assert time.monotonic() < ends, f"a tap was not taken for {patience_s} s; {self.statuses}"
                time.sleep(0.1)

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(insist, waiting))


def one_key(phones: Phones, threads: int) -> None:
    """So many phones send the same key at the same moment, each until it has its receipt."""
    tap, ready = phones.new_tap(), threading.Barrier(threads)

    def send(_number: int) -> None:
        ready.wait(60)
        ends = time.monotonic() + 120
        while not phones.send(tap):
            phones.repeated.add(tap.key)
            assert time.monotonic() < ends, "one key was not taken for two minutes"
            time.sleep(0.1)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(send, range(threads)))
