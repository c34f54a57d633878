"""Who is measured: one module each. A contender knows how to start its server and how to ask it; all else is shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import orjson

from benchmarks.http.data import Box, Position
from benchmarks.http.installation import Installation
from benchmarks.http.load import Request

WORKERS = 2


@dataclass(frozen=True)
class Command:
    """How to start a server; it is ready once `ready` is answered with 200."""

    words: Sequence[str | Path]
    environment: Mapping[str, str]
    ready: str


class Contender(Protocol):
    """Something that answers over HTTP."""

    name: str

    def command(self, installation: Installation, port: int) -> Command:
        """How its server starts, with `WORKERS` workers, on 127.0.0.1:`port`, over the installation's data."""
        ...


class FindsNearest(Contender, Protocol):
    """Answers with the ten nearest rooms."""

    def nearest(self, place: Position) -> Request:
        """The question."""
        ...

    def ids(self, body: bytes) -> list[int]:
        """The rooms in an answer, in its order."""
        ...


class FindsInBox(Contender, Protocol):
    """Answers with the rooms in a box."""

    def within(self, box: Box, limit: int) -> Request:
        """The question."""
        ...

    def ids(self, body: bytes) -> list[int]:
        """The rooms in an answer, in its order."""
        ...


class TakesScans(Contender, Protocol):
    """Logs a use on a POST and answers after its commit. `events` is the table of its uses."""

    events: str

    def scan(self, site: int, code: str) -> Request:
        """The tap at one door."""
        ...


def feature_ids(body: bytes) -> list[int]:
    """The ids of a GeoJSON collection's features, in its order."""
    return [int(feature["id"]) for feature in orjson.loads(body)["features"]]
