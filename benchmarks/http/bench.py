"""One run: the databases, and the servers and rounds that are made of them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import psycopg

from benchmarks.http import history
from benchmarks.http.cluster import Cluster, free_port
from benchmarks.http.contenders import Contender
from benchmarks.http.data import World
from benchmarks.http.installation import Installation
from benchmarks.http.load import Load, Request, Rounds, take_turns, write
from benchmarks.http.server import Server, running
from tools.progress import say

POSTGRESQL, SQLITE = "PostgreSQL", "SQLite"
PEERS = Path(__file__).with_name("peers.sql")


@dataclass(frozen=True)
class Bench:
    """What the measurements share. `uses` are the past year's, on PostgreSQL; a turn of a load lasts `seconds`."""

    folder: Path
    cluster: Cluster
    world: World
    uses: int
    rounds: int
    seconds: int
    asked: dict[str, tuple[Path, str]] = field(default_factory=dict)
    """By the name of each work that was measured its requests, and the engine they went to."""
    failures: list[str] = field(default_factory=list)
    """What went wrong without ending the part."""

    def installation(self, engine: str) -> Installation:
        """Ours on one of the two engines, filled."""
        return self.on_postgresql if engine == POSTGRESQL else self.on_sqlite

    @cached_property
    def on_postgresql(self) -> Installation:
        """With the year's uses, and with what the peers read."""
        url = self.cluster.url()
        installation = self._filled(POSTGRESQL, url, self.world)
        history.write(url, self.uses, datetime.now(UTC))
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in PEERS.read_bytes().split(b";\n"):
                connection.execute(statement)
        return installation

    @cached_property
    def on_sqlite(self) -> Installation:
        """Without a history."""
        return self._filled(SQLITE, f"sqlite:///{self.folder}/{SQLITE}/xiaowu.sqlite3", self.world)

    def _filled(self, name: str, url: str, world: World) -> Installation:
        say(f"Loading {world.sites:,} sites into {name}")
        installation = Installation(self.folder / name, url)
        installation.fill(world)
        return installation

    def of_size(self, sites: int) -> Installation:
        """Ours on PostgreSQL with another number of sites and without a history, in a database of its own, filled."""
        name = f"sites_{sites}"
        return self._filled(name, self.cluster.create(name), World(sites))

    @contextmanager
    def up(self, contender: Contender, installation: Installation) -> Iterator[Server]:
        """The contender's server, for a block."""
        port = free_port()
        command = contender.command(installation, port)
        with running([str(word) for word in command.words], command.environment, port, command.ready) as server:
            yield server

    def load(self, name: str, engine: str, server: Server, requests: list[Request]) -> Load:
        """The load that sends these requests, of the work with this name."""
        path = write(self.folder / f"{name.replace('/', ' ')}.txt", requests)
        self.asked[name] = (path, engine)
        return Load(server, path)

    def drive(self, loads: Mapping[str, Load]) -> Rounds:
        """Let all loads take turns."""
        return take_turns(loads, self.rounds, self.seconds, self.cluster.pid)
