"""Trees and paths against the definition in RFC 9162, written down as it stands there."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.usage.leaves import ALGORITHMS
from app.usage.ledger import merkle

algorithms = st.sampled_from(ALGORITHMS)
several = st.lists(st.binary(max_size=8), max_size=70)


def mth(algorithm: str, leaves: list[bytes]) -> bytes:
    """MTH(D[n]) of section 2.1.1."""
    if not leaves:
        return hashlib.new(algorithm, b"").digest()
    if len(leaves) == 1:
        return hashlib.new(algorithm, b"\x00" + leaves[0]).digest()
    k = split(len(leaves))
    return hashlib.new(algorithm, b"\x01" + mth(algorithm, leaves[:k]) + mth(algorithm, leaves[k:])).digest()


def inclusion(algorithm: str, m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*inclusion(algorithm, m, leaves[:k]), mth(algorithm, leaves[k:])]
    return [*inclusion(algorithm, m - k, leaves[k:]), mth(algorithm, leaves[:k])]


def split(n: int) -> int:
    """The largest power of two below n."""
    return 1 << (n - 1).bit_length() - 1


def test_the_empty_tree_and_one_leaf_are_as_published() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.root("sha256", []).hex() == empty
    assert merkle.root("sha256", [b""]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@settings(max_examples=60)
@given(algorithms, several)
def test_the_root_is_as_defined(algorithm: str, leaves: list[bytes]) -> None:
    assert merkle.root(algorithm, leaves) == mth(algorithm, leaves)


@settings(max_examples=60)
@given(algorithms, several.filter(bool), st.data())
def test_every_leaf_has_its_path_and_no_other(algorithm: str, leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    top, steps = merkle.root(algorithm, leaves), merkle.path(algorithm, leaves, index)
    place = (index, len(leaves))
    assert steps == inclusion(algorithm, index, leaves)
    assert merkle.is_included(algorithm, leaves[index], place, steps, top)
    assert not merkle.is_included(algorithm, leaves[index] + b"x", place, steps, top)
    assert not merkle.is_included(algorithm, leaves[index], place, [*steps, top], top)
    assert not merkle.is_included(algorithm, leaves[index], place, steps[:-1], top) or not steps
    assert not merkle.is_included(algorithm, leaves[index], (len(leaves), len(leaves)), steps, top)
    if steps:
        wrong = data.draw(st.integers(0, len(steps) - 1))
        changed = [bytes(32) if number == wrong else step for number, step in enumerate(steps)]
        assert not merkle.is_included(algorithm, leaves[index], place, changed, top)


@pytest.mark.parametrize("index", [-1, 2])
def test_a_place_that_is_not_there_has_no_path(index: int) -> None:
    with pytest.raises(IndexError):
        merkle.path("sha256", [b"a", b"b"], index)
