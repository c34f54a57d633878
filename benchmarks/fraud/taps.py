"""A pile of taps as columns, before the counting rule has seen them."""

from dataclasses import dataclass, fields, replace
from itertools import count
from typing import Self

import numpy as np

NEVER = -1.0


@dataclass(frozen=True)
class Taps:
    """Taps in any order, each column of shape (n,).

    `at`: seconds from the first local midnight, when the person tapped; `arrived`: when the server heard of it (later
    for a tap that waited on a phone); `token`: the browser's cookie; `device`: network and user agent; `step`: rating
    1 to 5, 0 for none; `rated`: when, `NEVER` without; `is_fake`: whether an attack made it.
    """

    at: np.ndarray
    arrived: np.ndarray
    token: np.ndarray
    device: np.ndarray
    step: np.ndarray
    rated: np.ndarray
    is_fake: np.ndarray

    @classmethod
    def make(cls, at: np.ndarray, token: np.ndarray, device: np.ndarray, *, is_fake: bool = False) -> Self:
        """Taps without ratings that arrive at once."""
        at = np.asarray(at, dtype=float)
        none = np.zeros(len(at), dtype=int)
        return cls(at, at.copy(), np.asarray(token, dtype=np.int64), np.asarray(device, dtype=np.int64), none,
                   np.full(len(at), NEVER), np.full(len(at), is_fake))  # fmt: skip

    @classmethod
    def joined(cls, piles: list["Taps"]) -> "Taps":
        """All piles as one."""
        return Taps(*(np.concatenate([getattr(pile, one.name) for pile in piles]) for one in fields(cls)))

    def __len__(self) -> int:
        return len(self.at)

    def of(self, which: np.ndarray) -> "Taps":
        """Those that a mask or an index names."""
        return Taps(*(getattr(self, one.name)[which] for one in fields(self)))

    def with_ratings(self, step: np.ndarray, rated: np.ndarray) -> "Taps":
        """The same taps with other ratings; where `step` is 0 there is none."""
        return replace(self, step=step, rated=np.where(step > 0, rated, NEVER))


class Names:
    """Numbers that were never given before, for cookies and for phones."""

    def __init__(self) -> None:
        self._next = count(1)

    def new(self, number: int) -> np.ndarray:
        """`number` fresh numbers, shape (number,)."""
        return np.array([next(self._next) for _ in range(number)], dtype=np.int64)
