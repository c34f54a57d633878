"""Markdown tables of what the detectors found, with Wilson's 95 % intervals."""

from collections import Counter
from collections.abc import Callable, Sequence
from math import sqrt

from benchmarks.fraud.attacks import ATTACKS
from benchmarks.fraud.results import Row
from benchmarks.fraud.roomtypes import BY_CODE
from benchmarks.fraud.scenarios import HONEST

Z = 1.959964
Is = Callable[[Row], bool]


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share; (0, 1) when nothing was looked at."""
    if of == 0:
        return 0.0, 1.0
    share, spread = hits / of, Z * Z / of
    middle = (share + spread / 2) / (1 + spread)
    half = Z * sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def share(rows: Sequence[Row], test: Is = lambda row: row.is_flagged) -> str:
    """The share of the rows for which `test` is true, with its interval."""
    return interval(sum(map(test, rows)), len(rows))


def interval(hits: int, of: int) -> str:
    """``97.5 % (95.0–99.0)``, a dash when nothing was looked at."""
    if of == 0:
        return "–"
    low, high = wilson(hits, of)
    return f"{100 * hits / of:.1f} % ({100 * low:.1f}–{100 * high:.1f})"


def report(rows: Sequence[Row]) -> str:
    """All tables of one family of worlds."""
    honest = [row for row in rows if row.task.scenario == HONEST]
    parts = (
        ("False alarms, a room-year", _false_alarms(honest)),
        ("False alarms of each detector", _by_detector(honest)),
        ("Recall", _recall(rows)),
        ("Recall by kind of room", _recall_by_kind(rows)),
        ("Which detectors fired, share of the attacked room-years", _fired(rows)),
    )
    return "\n\n".join(f"### {title}\n{table}" for title, table in parts)


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    ruler = ["---"] * len(head)
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ruler, *lines))


def _of(rows: Sequence[Row], *, kind: str | None = None, scenario: str | None = None) -> list[Row]:
    return [row for row in rows if kind in (None, row.task.kind) and scenario in (None, row.task.scenario)]


def _false_alarms(honest: Sequence[Row]) -> str:
    lines = []
    for kind in (*BY_CODE, None):
        some = _of(honest, kind=kind)
        near = [row for row in some if row.reached]
        lines.append([kind or "**all**", str(len(some)), share(some), str(len(near)), share(near)])
    return table(["kind of room", "room-years", "flagged", "of these reaching the title's numbers", "flagged"], lines)


def _by_detector(honest: Sequence[Row]) -> str:
    names = sorted({name for row in honest for name in row.detectors})
    lines = []
    for name in names:
        per_kind = [f"{100 * _fires(_of(honest, kind=kind), name):.1f}" for kind in BY_CODE]
        lines.append([name, f"{100 * _fires(honest, name):.2f}", *per_kind])
    return table(["detector", "all, %", *BY_CODE], lines)


def _fires(rows: Sequence[Row], detector: str) -> float:
    return sum(detector in row.detectors for row in rows) / max(len(rows), 1)


def _recall(rows: Sequence[Row]) -> str:
    lines = []
    for name in ATTACKS:
        some = _of(rows, scenario=name)
        reached = [row for row in some if row.reached]
        uncounted = [row.uncounted for row in some if row.uncounted is not None]
        lines.append([
            name, str(len(some)), share(some), share(some, lambda row: row.is_flagged or not row.reached),
            f"{100 * sum(uncounted) / max(len(uncounted), 1):.1f} %", f"{100 * len(reached) / max(len(some), 1):.0f} %",
        ])  # fmt: skip
    head = ["attack", "room-years", "flagged", "flagged or failed", "taps uncounted by the rule", "reached the numbers"]
    return table(head, lines)


def _recall_by_kind(rows: Sequence[Row]) -> str:
    lines = [[name, *(share(_of(rows, kind=kind, scenario=name)) for kind in BY_CODE)] for name in ATTACKS]
    return table(["attack", *BY_CODE], lines)


def _fired(rows: Sequence[Row]) -> str:
    lines = []
    for name in ATTACKS:
        some = _of(rows, scenario=name)
        fired = Counter(detector for row in some for detector in row.detectors).most_common(6)
        lines.append([name, ", ".join(f"{detector} {100 * number / len(some):.0f} %" for detector, number in fired)])
    return table(["attack", "detectors"], lines)
