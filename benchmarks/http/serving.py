"""How ours is best served: gunicorn's plain workers, threads by number, and granian where it is installed.

Not part of a usual run: python -m benchmarks.http --profile quick serving --only granian
"""

import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec

from benchmarks.http.bench import Bench
from benchmarks.http.contenders import WORKERS, Command
from benchmarks.http.contenders.floor import Floor
from benchmarks.http.contenders.ours import Ours
from benchmarks.http.data import World
from benchmarks.http.installation import Installation
from benchmarks.http.load import Request
from benchmarks.http.measuring import Comparison, Work, compared, driven, started
from benchmarks.table import SHOWN, Row

QUESTIONS = 2_000
THREADS = (1, 2, 4, 8)
Words = Callable[[int], list[str]]


class Served(Ours):
    """Ours on another server, or on gunicorn with other options."""

    def __init__(self, name: str, words: Words) -> None:
        self.name = name
        self._words = words

    def command(self, installation: Installation, port: int) -> Command:
        """The same application and environment."""
        usual = super().command(installation, port)
        return Command([sys.executable, "-m", *self._words(port)], usual.environment, usual.ready)


class BareOnGranian(Floor):
    """The bare page on granian."""

    name = "a bare Flask page on granian"

    def command(self, installation: Installation, port: int) -> Command:
        """One thread of a worker answers."""
        words = [sys.executable, "-m", *_granian(1)(port)[:-1], "benchmarks.http.apps.floor:app"]
        return Command(words, installation.environment, "/")


def _gunicorn(*options: str) -> Words:
    return lambda _port: ["gunicorn", "-c", "deploy/gunicorn.conf.py", *options, "app.wsgi:app"]


def _granian(threads: int) -> Words:
    return lambda port: [
        "granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(WORKERS), "--blocking-threads", str(threads), "app.wsgi:app",
    ]  # fmt: skip


def _contenders() -> Iterator[Served]:
    yield Served("plain workers", _gunicorn("-k", "sync", "--threads", "1"))
    for threads in THREADS:
        yield Served(f"threads: {threads}", _gunicorn("--threads", str(threads)))
    if find_spec("granian"):
        for threads in (1, 4):
            yield Served(f"granian, threads: {threads}", _granian(threads))


def _asking(ask: Callable[[World], list[Request]]) -> Callable[[World, object], list[Request]]:
    return lambda world, _server: ask(world)


def _works(one: Served) -> Iterator[Work]:
    asked: dict[str, Callable[[World], list[Request]]] = {
        "nearest": lambda world: [one.nearest(place) for place in world.places(QUESTIONS)],
        "door page": lambda world: [one.door(code) for code in world.codes[:QUESTIONS]],
        "scan": lambda world: [one.scan(site, code) for site, code in world.doors[:QUESTIONS]],
    }
    for name, ask in asked.items():
        yield Work(f"{name}, {one.name}", one, _asking(ask))


def main(bench: Bench, only: str) -> Iterator[Row]:
    """The works on each server that are about `only`, against the bare page on gunicorn's plain workers."""
    floor, served = Floor(), [work for one in _contenders() for work in _works(one)]
    if find_spec("granian"):
        granian = BareOnGranian()
        served.append(Work("F on granian", granian, lambda _world, _server: [granian.page()]))
    works = [Work("F", floor, lambda _world, _server: [floor.page()]), *served]
    comparisons = [one for one in (Comparison(work.name, "F", SHOWN) for work in served) if one.is_about(only)]
    with started(bench, works, comparisons) as running:
        rounds = driven(bench, running)
    yield from compared(comparisons, rounds)
