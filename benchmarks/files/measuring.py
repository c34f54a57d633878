"""Time of CPU and memory of what runs, of this process and of the database's backend that works for it."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Span:
    """Seconds by the clock and of CPU."""

    clock_s: float = 0.0
    cpu_s: float = 0.0


@contextmanager
def measured(backend: int | None = None) -> Iterator[Span]:
    """Time a block; `backend` is the process of PostgreSQL whose work belongs to it."""
    span = Span()
    clock, cpu = time.perf_counter(), _cpu_s(backend)
    yield span
    span.clock_s, span.cpu_s = time.perf_counter() - clock, _cpu_s(backend) - cpu


def _cpu_s(backend: int | None) -> float:
    own = time.process_time()
    if backend is None:
        return own
    words = Path(f"/proc/{backend}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return own + (int(words[11]) + int(words[12])) / _TICKS


def in_a_process(work: Callable[..., Span], *arguments: Any) -> tuple[Span, float]:
    """What `work` measured in a fresh process, and by how many MB its memory grew meanwhile at most."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_with_memory, (work, arguments))


def _with_memory(work: Callable[..., Span], arguments: tuple[Any, ...]) -> tuple[Span, float]:
    before = _peak_mb()
    return work(*arguments), _peak_mb() - before


def _peak_mb() -> float:
    # Not getrusage: that of a fresh process begins with what its parent had.
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
