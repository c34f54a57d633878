"""One run: the cluster, the installation, the servers that are up, and the rounds that were driven."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.http.cluster import Cluster, free_port
from benchmarks.http.contenders import Contender
from benchmarks.http.data import World
from benchmarks.http.installation import Installation
from benchmarks.http.load import Load, Request, Rounds, take_turns, write
from benchmarks.http.server import Server, running


@dataclass
class Bench:
    """What the measurements share. `seconds` is how long one turn of one load lasts."""

    folder: Path
    cluster: Cluster
    world: World
    installation: Installation
    rounds: int
    seconds: int
    loads: dict[str, Load] = field(default_factory=dict)

    @contextmanager
    def up(self, contender: Contender, installation: Installation | None = None) -> Iterator[Server]:
        """The contender's server, for a block."""
        port = free_port()
        command = contender.command(installation or self.installation, port)
        words = [str(word) for word in command.words]
        with running(words, command.environment, port, command.ready) as server:
            yield server

    def load(self, name: str, server: Server, requests: list[Request], *, is_success: bool = True) -> None:
        """Add a load to the next rounds."""
        self.loads[name] = Load(server, write(self.folder / f"{len(self.loads)}.txt", requests), is_success)

    def drive(self) -> Rounds:
        """Let all loads take turns and forget them."""
        loads, self.loads = self.loads, {}
        return take_turns(loads, self.rounds, self.seconds, self.cluster.pid)
