"""Values of many sites in columns: a million Python objects would take gigabytes, and a process would never let go."""

from array import array
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from itertools import repeat
from typing import Any, Generic, TypeVar

import numpy as np
import orjson
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
T = TypeVar("T", bound=Hashable)
MOST_SHARED = 2**16
LINES = 512
MISSING = repeat(object())
"""What stands for a key that a record does not have; None is a value."""


class Shared(Generic[T]):
    """A column whose values repeat: a number for each position, each value once."""

    def __init__(self) -> None:
        self.numbers = array("I")
        self.values: list[T] = []
        self._known: dict[T, int] = {}

    def append(self, value: T) -> None:
        """The value of the next position."""
        number = self._known.get(value)
        if number is None:
            number = self._known[value] = len(self.values)
            self.values.append(value)
        self.numbers.append(number)

    def __getitem__(self, position: int) -> T:
        return self.values[self.numbers[position]]

    def mask(self, is_wanted: Callable[[T], bool]) -> Mask:
        """Shape (n,): where the value is wanted; each value is asked about once."""
        wanted = np.array([is_wanted(value) for value in self.values], dtype=np.bool_)
        found: Mask = wanted[np.frombuffer(self.numbers, dtype=np.uint32)] if self.values else wanted
        return found


class Pieces:
    """A column of bytes: what repeats is kept once; beyond `MOST_SHARED` of them each position has its own."""

    def __init__(self) -> None:
        self._numbers = array("H")
        self._values: list[bytes] = []
        self._known: dict[Hashable, int] = {}
        self._ends = array("I", [0])
        self._own: bytearray | None = None

    def append(self, key: Hashable, make: Callable[..., bytes], *given: Any) -> None:
        """The piece of the next position; a `key` that has not come yet asks ``make(*given)`` for it."""
        if self._own is None:
            number = self._known.get(key)
            if number is not None:
                self._numbers.append(number)
                return
            if len(self._values) < MOST_SHARED:
                self._numbers.append(len(self._values))
                self._known[key] = len(self._values)
                self._values.append(make(*given))
                return
            self._spill()
        self._add(make(*given))

    def __getitem__(self, position: int) -> bytes:
        if self._own is None:
            return self._values[self._numbers[position]]
        return bytes(self._own[self._ends[position] : self._ends[position + 1]])

    def _spill(self) -> None:
        self._own = bytearray()
        for number in self._numbers:
            self._add(self._values[number])
        self._numbers, self._values, self._known = array("H"), [], {}

    def _add(self, piece: bytes) -> None:
        assert self._own is not None  # noqa: S101  for the reader of types
        self._own += piece
        self._ends.append(len(self._own))


class Records:
    """Mappings with text keys as members of JSON objects. Keys that go together share a column."""

    def __init__(self, groups: Iterable[tuple[str, ...]], left_out: Iterable[str] = ()) -> None:
        self._groups, self._left_out = tuple(groups), frozenset(left_out)
        self._columns = [Pieces() for _ in self._groups]
        self._rest = Pieces()
        self._named = self._left_out.union(*self._groups)

    def append(self, record: Mapping[str, Any]) -> None:
        """The record of the next position; values of keys in a group have to be hashable."""
        known = record.get
        for group, column in zip(self._groups, self._columns, strict=True):
            column.append(tuple(map(known, group, MISSING)), _members, record, group)
        others = record.keys() - self._named
        rest = _members(record, sorted(others)) if others else b""
        self._rest.append(rest, bytes, rest)

    def members(self, position: int) -> list[bytes]:
        """``"key":value,…,`` of the record, in pieces; each ends with a comma."""
        return [*[column[position] for column in self._columns], self._rest[position]]

    def __getitem__(self, position: int) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(b"{" + b"".join(self.members(position))[:-1] + b"}")
        return found


def _members(record: Mapping[str, Any], keys: Iterable[str]) -> bytes:
    held = {key: record[key] for key in keys if key in record}
    return orjson.dumps(held)[1:-1] + b"," if held else b""


class Lines:
    """A column of texts without line breaks, in blocks that are searched as wholes."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._last: list[str] = []

    def append(self, text: str) -> None:
        """The text of the next position."""
        self._last.append(text)
        if len(self._last) == LINES:
            self._blocks.append("\n".join(self._last))
            self._last = []

    def __getitem__(self, position: int) -> str:
        block, line = divmod(position, LINES)
        return self._blocks[block].split("\n")[line] if block < len(self._blocks) else self._last[line]

    def holding(self, words: Iterable[str]) -> Iterator[int]:
        """The positions whose texts hold every word."""
        wanted = tuple(words)
        for number, block in enumerate((*self._blocks, "\n".join(self._last))):
            if all(word in block for word in wanted):
                for line, text in enumerate(block.split("\n")):
                    if all(word in text for word in wanted):
                        yield number * LINES + line
