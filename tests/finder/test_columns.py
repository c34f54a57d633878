"""Columns give back what was put in; a copy changes alone."""

from copy import copy

from hypothesis import given
from hypothesis import strategies as st

from app.finder.columns import BLOCK, Blocks, Shared


def test_shared_values_are_made_once_and_a_copy_changes_alone():
    made = []
    column: Shared[str] = Shared(lambda value: made.append(value) or value.encode())
    column.extend(["a", "b", "a"])
    other = copy(column)
    other.extend(["c"])
    other.move_last(0)
    assert made == ["a", "b", "c"]
    assert [column[position] for position in range(len(column.numbers))] == ["a", "b", "a"]
    assert [other.made[number] for number in other.numbers] == [b"c", b"b", b"a"]


def test_blocks_give_back_what_was_put_in_whatever_goes():
    words = [f"room {number}" for number in range(2 * BLOCK + 3)]
    column = Blocks("\n")
    column.extend(words[:5])
    column.extend(words[5:])
    other = copy(column)
    left = [*words]
    for position in (2, 2 * BLOCK + 2, 2 * BLOCK, 0, BLOCK, 1):
        other.move_last(position)
        last = left.pop()
        left[position : position + 1] = [last] if position < len(left) else []
        assert [other[place] for place in range(len(other))] == left
    assert [column[place] for place in range(len(column))] == words


def test_texts_are_found_in_full_blocks_and_in_the_last():
    lines = Blocks("\n")
    lines.extend(f"room {number} of {number % 2}" for number in range(BLOCK + 3))
    assert [*lines.holding(("room", f" {BLOCK} "))] == [BLOCK]
    assert [*lines.holding(("room 7 ",))] == [7]
    assert [*lines.holding(("",))] == [*range(BLOCK + 3)]


@given(st.lists(st.text("ab室"), max_size=12), st.lists(st.text("ab室", max_size=3), min_size=1, max_size=3))
def test_exactly_the_texts_that_hold_every_word_are_found(texts: list[str], words: list[str]):
    lines = Blocks("\n")
    lines.extend(texts)
    wanted = [place for place, text in enumerate(texts) if all(word in text for word in words)]
    assert [*lines.holding(words)] == wanted
