"""What may be published of a month's numbers without giving away a small one (docs/privacy/figures.md). Pure.

The numbers form a tree: sites under unions under unions, each total the sum of what is under it. A site's 0 is
published, 1 to 7 is withheld, anything above is rounded to 5. A total is rounded too, and withheld where it would give
away too much.

What is promised: somebody who has the whole release, this program and all the time she wants can still think every
number from 1 to 7 possible for every withheld site; a withheld total she knows less well than a published one. For
that, whether a total is published depends only on (a) what the release says below it and (b) which multiple of 5 it
rounds to. All multiples that it could round to are sorted into those that leave every withheld figure all its numbers,
and the rest; where the rest alone would tell something, some of the former join them. A total in the rest is withheld.
Both answers, a number and “withheld”, are thus checked in advance, and neither is given when it tells too much.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from app.usage.figures.reach import Reach, Span, apart, at_least, clipped, meet, plus, spans, spread, without

LEAST = 8
"""The smallest number above 0 that is published."""
BASE = 5
_BELOW, _ABOVE = (BASE - 1) // 2, BASE // 2
_SMALL = (1, LEAST - 1)
_FAR = BASE
"""Two numbers this far apart never round to the same: whoever cannot tell them apart knows less than a figure says."""
Key = TypeVar("Key", bound=Hashable)
Shielded = tuple[Reach, ...]
"""For each number that has to stay possible for one withheld figure: what the figure looked at can then be."""


@dataclass(frozen=True)
class Group(Generic[Key]):
    """A union: ``cells`` are its own sites' numbers by key (whole, ≥ 0), ``parts`` the unions under it."""

    key: Key
    cells: Mapping[Key, int] = field(default_factory=dict)
    parts: tuple["Group[Key]", ...] = ()


@dataclass(frozen=True)
class Disclosed(Generic[Key]):
    """Sites and unions by key: 0 or a multiple of 5, None where the number is withheld."""

    cells: dict[Key, int | None]
    totals: dict[Key, int | None]


@dataclass(frozen=True)
class _Known:
    """What a reader knows about one figure, and about the withheld ones below it in terms of this figure.

    All of ``reach`` is possible; nothing outside of ``hull`` is.
    """

    reach: Reach
    hull: Span
    shielded: frozenset[Shielded] = frozenset()


def rounded(number: int) -> int:
    """The nearest multiple of 5."""
    return _multiple(number) * BASE


def may_publish(number: int) -> bool:
    """Whether a site's number is 0 or large enough."""
    return number == 0 or number >= LEAST


def disclose(root: Group[Key]) -> Disclosed[Key]:
    """Decide about every site and every union of one tree in one month. Raises ValueError for a negative number."""
    disclosed: Disclosed[Key] = Disclosed({}, {})
    _disclose(root, disclosed)
    return disclosed


def _disclose(group: Group[Key], disclosed: Disclosed[Key]) -> tuple[int, _Known]:
    known = []
    total = 0
    for key, number in group.cells.items():
        disclosed.cells[key] = rounded(number) if may_publish(number) else None
        known.append(_cell(number))
        total += number
    for part in group.parts:
        below, part_known = _disclose(part, disclosed)
        known.append(part_known)
        total += below
    is_told, left = _told(total, _sum(known))
    disclosed.totals[group.key] = rounded(total) if is_told else None
    return total, left


def _cell(number: int) -> _Known:
    if number < 0:
        raise ValueError(f"a number of uses is never negative: {number}")
    if number == 0:
        return _Known(((0, 0),), (0, 0))
    if number < LEAST:
        return _Known((_SMALL,), _SMALL, frozenset({_each(range(1, LEAST))}))
    bounds = _bounds(_multiple(number))
    return _Known((bounds,), bounds)


def _sum(parts: list[_Known]) -> _Known:
    """The parts are independent of each other: nothing published so far says anything about two of them at once."""
    before: list[Reach] = [((0, 0),)]
    after: list[Reach] = [((0, 0),)]
    for part in parts:
        before.append(plus(before[-1], part.reach))
    for part in reversed(parts):
        after.append(plus(after[-1], part.reach))
    after.reverse()
    alike = {part: plus(before[place], after[place + 1]) for place, part in enumerate(parts) if part.shielded}
    shielded = {
        tuple(plus(reach, others) for reach in figure) for part, others in alike.items() for figure in part.shielded
    }
    hull = (sum(part.hull[0] for part in parts), sum(part.hull[1] for part in parts))
    return _Known(before[-1], hull, frozenset(shielded))


def _told(total: int, known: _Known) -> tuple[bool, _Known]:
    """Whether ``total`` is published, and what is known once that is done."""
    if not known.shielded:
        return True, known if total == 0 else _narrowed(known, (_bounds(_multiple(total)),))
    safe, hidden = _sorted_out(known)
    multiple = _multiple(total)
    if total >= LEAST and any(first <= multiple <= last for first, last in safe):
        return True, _narrowed(known, (_bounds(multiple),))
    left = _narrowed(known, hidden)
    return False, replace(left, shielded=left.shielded | {_each(_own(left.reach))})


def _own(reach: Reach) -> Iterable[int]:
    """What has to stay possible for a withheld total: all small numbers that are, and two that are far apart."""
    small = at_least(reach, 1)
    if small is None or small >= LEAST:
        return apart(reach, _FAR)
    far = at_least(reach, small + _FAR)
    return [number for first, last in meet(reach, (_SMALL,)) for number in range(first, last + 1)] + (
        [far] if far is not None and far >= LEAST else []
    )


def _sorted_out(known: _Known) -> tuple[Reach, Reach]:
    """The multiples of 5 that may be told, as multiples, and the numbers of all others, which is what “withheld” says.

    The lowest of the former are given up until “withheld” leaves every withheld figure its numbers, too.
    """
    looked_at = {known.reach, *(reach for figure in known.shielded for reach in figure)}
    safe: Reach = ((_multiple(LEAST), _multiple(known.hull[1])),)
    for reach in looked_at:
        safe = meet(safe, spans((_multiple(max(LEAST, a)), _multiple(b)) for a, b in reach if b >= LEAST))
    while True:
        hidden = without((1, known.hull[1] + BASE), spans((_bounds(a)[0], _bounds(b)[1]) for a, b in safe))
        if not safe or not meet((known.hull,), hidden):
            return safe, hidden
        if all(meet(reach, hidden) for reach in looked_at) and spread(meet(known.reach, hidden)) >= _FAR:
            return safe, hidden
        safe = spans([(safe[0][0] + 1, safe[0][1]), *safe[1:]])


def _narrowed(known: _Known, told: Reach) -> _Known:
    shielded = (tuple(meet(reach, told) for reach in figure) for figure in known.shielded)
    return _Known(meet(known.reach, told), clipped(known.hull, told), frozenset(shielded))


def _each(numbers: Iterable[int]) -> Shielded:
    return tuple(((number, number),) for number in numbers)


def _multiple(number: int) -> int:
    return (number + _ABOVE) // BASE


def _bounds(multiple: int) -> tuple[int, int]:
    """The numbers that round to a multiple of 5; below `LEAST` there are none."""
    return max(LEAST, multiple * BASE - _ABOVE), multiple * BASE + _BELOW


__all__ = ["BASE", "LEAST", "Disclosed", "Group", "disclose", "may_publish", "rounded"]
