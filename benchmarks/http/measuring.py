"""Works of contenders, their servers and loads, and what comes of comparing two of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from benchmarks.http.bench import POSTGRESQL, Bench
from benchmarks.http.contenders import Contender
from benchmarks.http.data import World
from benchmarks.http.load import Load, Ratio, Request, Round, Rounds, median_cpu_ms, median_rate
from benchmarks.http.server import Server
from benchmarks.table import Row, Target


@dataclass(frozen=True)
class Work:
    """What one contender is asked, under a name of its own."""

    name: str
    contender: Contender
    requests: Callable[[World, Server], list[Request]]
    engine: str = POSTGRESQL


@dataclass(frozen=True)
class Comparison:
    """A work of ours, that of another, and how many times as many answers a second ours has to give."""

    ours: str
    theirs: str
    target: Target

    def is_about(self, words: str) -> bool:
        """Whether one of the two names has these words in it."""
        return words in self.ours or words in self.theirs


Running = Mapping[Work, Load]


@contextmanager
def started(bench: Bench, works: Sequence[Work], comparisons: Sequence[Comparison]) -> Iterator[Running]:
    """The works that the comparisons name, each with its load; the servers run for the block.

    Without those of a contender that does not start: that is one of the bench's failures.
    """
    named = {name for comparison in comparisons for name in (comparison.ours, comparison.theirs)}
    taking_part = [work for work in works if work.name in named]
    servers: dict[tuple[Contender, str], Server] = {}
    with ExitStack() as stack:
        for contender, engine in dict.fromkeys((work.contender, work.engine) for work in taking_part):
            try:
                server = stack.enter_context(bench.up(contender, bench.installation(engine)))
            except (OSError, RuntimeError) as error:
                bench.failures.append(f"{contender.name} did not start: {error}")
            else:
                servers[contender, engine] = server
        loads = {}
        for work in taking_part:
            if server_of := servers.get((work.contender, work.engine)):
                requests = work.requests(bench.world, server_of)
                loads[work] = bench.load(work.name, work.engine, server_of, requests)
        yield loads


def driven(bench: Bench, running: Running) -> Rounds:
    """Let all works take turns; the rounds by the works' names."""
    return bench.drive({work.name: load for work, load in running.items()})


def compared(comparisons: Sequence[Comparison], rounds: Rounds) -> Iterator[Row]:
    """What came of the comparisons, as far as both sides were there."""
    for one in comparisons:
        if one.ours in rounds and one.theirs in rounds:
            yield row(one.ours, rounds[one.ours], one.theirs, rounds[one.theirs], one.target)


def row(work: str, ours: Sequence[Round], against: str, theirs: Sequence[Round], target: Target) -> Row:
    """How many times as many answers a second ours gave, and for how much of the CPU."""
    ratio = Ratio.of(ours, theirs)
    by_cpu = median_cpu_ms(theirs) / median_cpu_ms(ours)
    return Row(work, ratio.median, target, _rate(ours), against, _rate(theirs), ratio.spread, by_cpu)


def _rate(rounds: Sequence[Round]) -> str:
    return f"{median_rate(rounds):,.0f}/s, {median_cpu_ms(rounds):.2f} ms"
