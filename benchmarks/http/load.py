"""Loads on servers: wrk with one file of requests each, the loads taking turns, so that each round is a fair pair."""

import itertools
import re
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.http.server import Server, cpu_s
from tools.progress import say

SCRIPT = Path(__file__).with_name("requests.lua")
CONNECTIONS, TRIES = 16, 5
_SEEDS = itertools.count(1)
"""No two runs of wrk send the same keys."""


@dataclass(frozen=True)
class Request:
    """One request. ``{key}`` in the body becomes a fresh UUID each time it is sent; `encoding` is what is accepted."""

    path: str
    method: str = "GET"
    accept: str = "*/*"
    etag: str = ""
    body: str = ""
    encoding: str = ""


@dataclass(frozen=True)
class Load:
    """What is sent where. `answered`: how many requests were, turn by turn."""

    server: Server
    requests: Path
    answered: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Round:
    """`rate` answers a second; `cpu_ms` of servers for each answer."""

    rate: float
    cpu_ms: float


Rounds = Mapping[str, Sequence[Round]]


def write(path: Path, requests: Sequence[Request]) -> Path:
    """Write the file that `requests.lua` reads."""
    lines = (f"{one.method}\t{one.path}\t{one.accept}\t{one.etag}\t{one.encoding}\t{one.body}" for one in requests)
    path.write_text("\n".join(lines) + "\n")
    return path


def take_turns(loads: Mapping[str, Load], rounds: int, seconds: int, *also: int) -> Rounds:
    """Run each load `rounds` times, one at a time, in turns whose order moves on. `also`: whose CPU time counts, too.

    Raises RuntimeError when a request is not answered, or with an error. A first short turn of each warms up.
    """
    names = list(loads)
    for name in names:
        _drive(loads[name], max(2, seconds // 3), also)
    taken: dict[str, list[Round]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            taken[name].append(_drive(loads[name], seconds, also))
        say(f"round {number + 1}: " + ", ".join(f"{name} {taken[name][-1].rate:,.0f}/s" for name in names))
    return taken


def _drive(load: Load, seconds: int, also: Sequence[int]) -> Round:
    """One turn; one in which nothing was answered at all, as happens at a start on a busy machine, is taken again."""
    watched = (load.server.pid, *also)
    for _ in range(TRIES):
        before = sum(map(cpu_s, watched))
        said = _wrk(load, seconds)
        answers = int(_found(r"(\d+) requests in", said))
        load.answered.append(answers)
        if answers:
            cpu_ms = (sum(map(cpu_s, watched)) - before) * 1000 / answers
            return Round(float(_found(r"Requests/sec:\s+([\d.]+)", said)), cpu_ms)
    raise RuntimeError(f"{load.requests.stem}: nothing was answered")


def _wrk(load: Load, seconds: int) -> str:
    command = [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "--timeout",
        "20s",
        "-s",
        str(SCRIPT),
        load.server.url,
    ]
    arguments = ["--", str(load.requests), str(next(_SEEDS))]
    said = subprocess.run([*command, *arguments], check=True, capture_output=True, text=True).stdout
    if "Socket errors" in said or "Non-2xx or 3xx responses" in said:
        raise RuntimeError(f"{load.requests.stem}: not every answer was as expected\n{said}")
    return said


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else "0"


@dataclass(frozen=True)
class Ratio:
    """The median of the paired rounds' ratios, with the lowest and the highest."""

    median: float
    spread: tuple[float, float]

    @classmethod
    def of(cls, ours: Sequence[Round], theirs: Sequence[Round]) -> "Ratio":
        """How many times as many answers a second ours gave, round by round."""
        ratios = [one.rate / other.rate for one, other in zip(ours, theirs, strict=True)]
        return cls(statistics.median(ratios), (min(ratios), max(ratios)))


def median_rate(rounds: Sequence[Round]) -> float:
    """Answers a second."""
    return statistics.median(one.rate for one in rounds)


def median_cpu_ms(rounds: Sequence[Round]) -> float:
    """Milliseconds of CPU of the watched servers for each answer."""
    return statistics.median(one.cpu_ms for one in rounds)
