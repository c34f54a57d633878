"""Sets of whole numbers as a reader can bound them: sorted spans that do not touch. Pure.

A set with many spans keeps only its widest ones. It may thus hold fewer numbers than are possible, never more: whoever
is shown to be protected by such a set is protected.
"""

from collections.abc import Iterable
from functools import lru_cache

Span = tuple[int, int]
"""First and last number, both included."""
Reach = tuple[Span, ...]

_MOST_SPANS = 6


def spans(found: Iterable[Span]) -> Reach:
    """The union of ``found``; spans with ``last < first`` are empty."""
    merged: list[Span] = []
    for first, last in sorted(span for span in found if span[0] <= span[1]):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    if len(merged) > _MOST_SPANS:
        merged = sorted(sorted(merged, key=lambda span: (span[0] - span[1], span[0]))[:_MOST_SPANS])
    return tuple(merged)


@lru_cache(maxsize=65536)
def plus(left: Reach, right: Reach) -> Reach:
    """All sums of a number of ``left`` and one of ``right``."""
    return spans((a + c, b + d) for a, b in left for c, d in right)


def meet(left: Reach, right: Reach) -> Reach:
    """The numbers in both."""
    return spans((max(a, c), min(b, d)) for a, b in left for c, d in right)


def clipped(hull: Span, told: Reach) -> Span:
    """The smallest span around the numbers of ``hull`` that are in ``told``; there has to be one."""
    inside = [(max(hull[0], first), min(hull[1], last)) for first, last in told]
    return min(a for a, b in inside if a <= b), max(b for a, b in inside if a <= b)


def without(whole: Span, taken: Reach) -> Reach:
    """The numbers of the span ``whole`` that are not in ``taken``, which ends no later than ``whole``. Never cut."""
    left: list[Span] = []
    start = whole[0]
    for first, last in taken:
        left.append((start, first - 1))
        start = last + 1
    return tuple(span for span in (*left, (start, whole[1])) if span[0] <= span[1])


def at_least(reach: Reach, least: int) -> int | None:
    """The smallest number of the set from ``least`` on."""
    return next((max(first, least) for first, last in reach if last >= least), None)


def spread(reach: Reach) -> int:
    """The largest number less the smallest one."""
    return reach[-1][1] - reach[0][0]


def apart(reach: Reach, distance: int) -> Span:
    """Two numbers at least ``distance`` apart and as near to each other as there are; else the outermost two."""
    starts = [max(first, (first + last - distance) // 2) for first, last in reach] + [last for _, last in reach]
    pairs = [(end - start, start, end) for start in starts if (end := at_least(reach, start + distance)) is not None]
    return min(pairs)[1:] if pairs else (reach[0][0], reach[-1][1])
