"""Works of contenders, driven in turns, and what comes of comparing two of them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.http.bench import Bench
from benchmarks.http.contenders import Contender
from benchmarks.http.data import World
from benchmarks.http.load import Ratio, Request, Round, Rounds, median_cpu_ms, median_rate
from benchmarks.table import Row, Target


@dataclass(frozen=True)
class Work:
    """What one contender is asked, under a name of its own; unless `is_success`, it answers 304 to everything."""

    name: str
    contender: Contender
    requests: Callable[[World], list[Request]]
    is_success: bool = True


@dataclass(frozen=True)
class Comparison:
    """A work of ours, that of another, and how many times as many answers a second ours has to give."""

    ours: str
    theirs: str
    target: Target


def compared(bench: Bench, works: Sequence[Work], comparisons: Sequence[Comparison]) -> Iterator[Row]:
    """Drive what the comparisons name and yield a row for each. Starts only the contenders that take part."""
    named = {name for comparison in comparisons for name in (comparison.ours, comparison.theirs)}
    taking_part = [work for work in works if work.name in named]
    with ExitStack() as stack:
        contenders = dict.fromkeys(work.contender for work in taking_part)
        servers = {contender: stack.enter_context(bench.up(contender)) for contender in contenders}
        for work in taking_part:
            bench.load(work.name, servers[work.contender], work.requests(bench.world), is_success=work.is_success)
        rounds = bench.drive()
    for comparison in comparisons:
        yield _row(comparison, rounds)


def _row(comparison: Comparison, rounds: Rounds) -> Row:
    ours, theirs = rounds[comparison.ours], rounds[comparison.theirs]
    ratio = Ratio.of(ours, theirs)
    return Row(
        comparison.ours, ratio.median, comparison.target, _rate(ours), comparison.theirs, _rate(theirs), ratio.spread,
        median_cpu_ms(theirs) / median_cpu_ms(ours),
    )  # fmt: skip


def _rate(rounds: Sequence[Round]) -> str:
    return f"{median_rate(rounds):,.0f}/s, {median_cpu_ms(rounds):.2f} ms"
