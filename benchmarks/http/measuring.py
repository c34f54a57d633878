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
    """The works that the comparisons name, each with its load; the servers run for the block."""
    named = {name for comparison in comparisons for name in (comparison.ours, comparison.theirs)}
    taking_part = [work for work in works if work.name in named]
    with ExitStack() as stack:
        places = dict.fromkeys((work.contender, work.engine) for work in taking_part)
        servers = {place: stack.enter_context(bench.up(place[0], bench.installation(place[1]))) for place in places}
        loads = {}
        for number, work in enumerate(taking_part):
            server = servers[work.contender, work.engine]
            loads[work] = bench.load(number, server, work.requests(bench.world, server))
        yield loads


def driven(bench: Bench, running: Running) -> Rounds:
    """Let all works take turns; the rounds by the works' names."""
    return bench.drive({work.name: load for work, load in running.items()})


def compared(comparison: Comparison, rounds: Rounds) -> Row:
    """What came of one comparison."""
    ours, theirs = comparison.ours, comparison.theirs
    return row(ours, rounds[ours], theirs, rounds[theirs], comparison.target)


def row(work: str, ours: Sequence[Round], against: str, theirs: Sequence[Round], target: Target) -> Row:
    """How many times as many answers a second ours gave, and for how much of the CPU."""
    ratio = Ratio.of(ours, theirs)
    by_cpu = median_cpu_ms(theirs) / median_cpu_ms(ours)
    return Row(work, ratio.median, target, _rate(ours), against, _rate(theirs), ratio.spread, by_cpu)


def _rate(rounds: Sequence[Round]) -> str:
    return f"{median_rate(rounds):,.0f}/s, {median_cpu_ms(rounds):.2f} ms"
