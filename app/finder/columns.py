"""Values of many sites in columns: a million Python objects would take gigabytes, and a process would never let go.

A copy of a column shares what both have: to change the copy leaves the original as it is.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, AnyStr, Generic, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
K = TypeVar("K", bound=Hashable)
T = TypeVar("T", bound=np.generic)
BLOCK = 1024


class _Numbers(dict[K, int]):
    """Numbers values in the order in which they come, and makes something of each; it only ever grows."""

    def __init__(self, make: Callable[[K], bytes]) -> None:
        super().__init__()
        self.values_met: list[K] = []
        self.made: list[bytes] = []
        self._make = make

    def __missing__(self, value: K) -> int:
        self.made.append(self._make(value))
        self.values_met.append(value)
        number = self[value] = len(self)
        return number


def _nothing(_value: Hashable) -> bytes:
    return b""


class Shared(Generic[K]):
    """A column whose values repeat: a number for each position, each value and what is made of it once."""

    def __init__(self, make: Callable[[K], bytes] = _nothing) -> None:
        self.numbers = array("I")
        self._known: _Numbers[K] = _Numbers(make)
        self.values, self.made = self._known.values_met, self._known.made

    def extend(self, values: Iterable[K]) -> None:
        """The values of the next positions."""
        self.numbers.extend(map(self._known.__getitem__, values))

    def move_last(self, position: int) -> None:
        """Put what stands last at `position`; the column ends one earlier."""
        move_last(self.numbers, position)

    def __copy__(self) -> Self:
        """The same column, to be changed."""
        other = type(self)()
        other.numbers, other._known = self.numbers[:], self._known
        other.values, other.made = self.values, self.made
        return other

    def __getitem__(self, position: int) -> K:
        return self.values[self.numbers[position]]

    def mask(self, is_wanted: Callable[[K], bool]) -> Mask:
        """Shape (n,): where the value is wanted; each value is asked about once."""
        return self.spread(np.array([is_wanted(value) for value in self.values], dtype=np.bool_))

    def spread(self, of_each: NDArray[T]) -> NDArray[T]:
        """Shape (n,): for each position what `of_each` has for its value; `of_each` is in the order of `values`."""
        return of_each[np.frombuffer(self.numbers, dtype=np.uint32)] if self.values else of_each


class _Block(NamedTuple, Generic[AnyStr]):
    """Texts in one, a joint after each; `starts` says where each begins, and last where the next would."""

    content: AnyStr
    starts: "array[int]"


class Blocks(Generic[AnyStr]):
    """A column of texts or bytes, each position's own, kept `BLOCK` in one; `joint` is after each and in none.

    Processes that were forked share a block as long as none writes to it, and who looks at an object writes to it: its
    number of references. So there are few objects, and large ones.
    """

    def __init__(self, joint: AnyStr) -> None:
        self._joint: AnyStr = joint
        self._full: list[_Block[AnyStr]] = []
        self._last: list[AnyStr] = []

    def __len__(self) -> int:
        return len(self._full) * BLOCK + len(self._last)

    def extend(self, values: Iterable[AnyStr]) -> None:
        """The values of the next positions."""
        self._last.extend(values)
        waiting = self._last
        end = len(waiting) - len(waiting) % BLOCK
        self._full.extend(self._block(waiting[start : start + BLOCK]) for start in range(0, end, BLOCK))
        self._last = waiting[end:]

    def move_last(self, position: int) -> None:
        """Put what stands last at `position`; the column ends one earlier."""
        if not self._last:
            self._last = self._full.pop().content.split(self._joint)[:-1]
        block, place = divmod(position, BLOCK)
        if block == len(self._full):
            move_last(self._last, place)
            return
        content, starts = self._full[block]
        begin, end, text = starts[place], starts[place + 1], self._last.pop() + self._joint
        moved = starts[:]
        np.frombuffer(moved, dtype=np.int32)[place + 1 :] += len(text) - (end - begin)
        self._full[block] = _Block(content[:begin] + text + content[end:], moved)

    def __copy__(self) -> Self:
        """The same column, to be changed."""
        other = type(self)(self._joint)
        other._full, other._last = self._full[:], self._last[:]
        return other

    def __getitem__(self, position: int) -> AnyStr:
        block, place = divmod(position, BLOCK)
        if block == len(self._full):
            return self._last[place]
        content, starts = self._full[block]
        return content[starts[place] : starts[place + 1] - 1]

    def holding(self, words: Sequence[AnyStr]) -> Iterator[int]:
        """The positions whose texts hold every word; at least one word."""
        blocks = self._full[:]
        blocks.append(self._block(self._last))
        for number, (content, starts) in enumerate(blocks):
            others: list[AnyStr] = sorted(words, key=content.count)
            rarest = others.pop(0)
            at = content.find(rarest)
            while 0 <= at < starts[-1]:
                place = bisect_right(starts, at) - 1
                text = content[starts[place] : starts[place + 1]]
                if not others or all(map(text.__contains__, others)):
                    yield number * BLOCK + place
                at = content.find(rarest, starts[place + 1])

    def _block(self, texts: Sequence[AnyStr]) -> _Block[AnyStr]:
        content = self._joint.join(texts) + self._joint
        return _Block(content, array("I", accumulate((len(text) + 1 for text in texts), initial=0)))


def move_last(values: "array[Any] | list[Any]", position: int) -> None:
    """Put what stands last at `position` of an array or list, which ends one earlier."""
    last = values.pop()
    if position < len(values):
        values[position] = last
