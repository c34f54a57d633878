"""Merkle trees as RFC 9162 section 2.1 defines them, over any digest of `app.usage.leaves.ALGORITHMS`. Pure.

A leaf is hashed as ``H(0x00 ‖ leaf)``, a node as ``H(0x01 ‖ left ‖ right)``; a tree of n leaves splits at the largest
power of two below n. Roots and the steps of a path have 32 bytes.
"""

import hashlib
from collections.abc import Iterable, Sequence


def leaf_hash(algorithm: str, leaf: bytes) -> bytes:
    """Return the hash of a single leaf."""
    return hashlib.new(algorithm, b"\x00" + leaf).digest()


def node_hash(algorithm: str, left: bytes, right: bytes) -> bytes:
    """Return the hash of a node above two others."""
    return hashlib.new(algorithm, b"\x01" + left + right).digest()


class Tree:
    """A root that grows leaf by leaf and remembers only one hash for each power of two."""

    def __init__(self, algorithm: str) -> None:
        self.algorithm = algorithm
        self.size = 0
        self._whole: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Append a leaf."""
        top, size = leaf_hash(self.algorithm, leaf), self.size
        while size & 1:
            top = node_hash(self.algorithm, self._whole.pop(), top)
            size >>= 1
        self._whole.append(top)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over the leaves so far; of none, the digest of nothing."""
        if not self._whole:
            return hashlib.new(self.algorithm).digest()
        *lower, top = self._whole
        for left in reversed(lower):
            top = node_hash(self.algorithm, left, top)
        return top


def root(algorithm: str, leaves: Iterable[bytes]) -> bytes:
    """Return the root over ``leaves`` in their order."""
    tree = Tree(algorithm)
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def path(algorithm: str, leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the inclusion path of the leaf at ``index`` (from 0), from the leaf upwards.

    Raises IndexError for a place that the tree does not have.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    steps: list[bytes] = []
    row = [leaf_hash(algorithm, leaf) for leaf in leaves]
    while len(row) > 1:
        neighbour = index ^ 1
        if neighbour < len(row):
            steps.append(row[neighbour])
        pairs = [node_hash(algorithm, row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = pairs + row[len(pairs) * 2 :]
        index >>= 1
    return steps


def is_included(algorithm: str, leaf: bytes, place: tuple[int, int], steps: Sequence[bytes], top: bytes) -> bool:
    """Whether ``steps`` lead from the leaf to the root ``top``. ``place`` is its index and the number of leaves."""
    index, size = place
    if not 0 <= index < size:
        return False
    last, found, rest = size - 1, leaf_hash(algorithm, leaf), list(steps)
    while last:
        if index & 1 or index < last:
            if not rest:
                return False
            step = rest.pop(0)
            found = node_hash(algorithm, step, found) if index & 1 else node_hash(algorithm, found, step)
        index, last = index >> 1, last >> 1
    return not rest and found == top
