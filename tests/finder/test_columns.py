"""Columns give back what was put in, whether it repeats or not."""

import orjson

from app.finder.columns import LINES, MOST_SHARED, Lines, Pieces, Records


def test_pieces_are_the_same_after_too_many_have_come():
    column, words = Pieces(), [b"%d" % (number % (MOST_SHARED + 5)) for number in range(MOST_SHARED + 20)]
    for word in words:
        column.append(word, bytes, word)
    assert [column[position] for position in range(len(words))] == words


def test_records_leave_out_what_is_missing_and_what_is_derived():
    records = Records((("a", "b"), ("c",)), left_out=("id",))
    given = [{"id": 1, "a": 1, "c": None}, {"b": "“x”", "further": [1]}, {}]
    for record in given:
        records.append(record)
    assert [records[position] for position in range(3)] == [{"a": 1, "c": None}, {"b": "“x”", "further": [1]}, {}]
    assert orjson.loads(b"{" + b"".join(records.members(0)) + b'"end":0}') == {"a": 1, "c": None, "end": 0}


def test_lines_are_found_in_full_blocks_and_in_the_last():
    lines = Lines()
    for number in range(LINES + 3):
        lines.append(f"room {number} of {number % 2}")
    assert [*lines.holding(("room", f" {LINES} "))] == [LINES]
    assert [*lines.holding(("room 7 ",))] == [7]
    assert lines[LINES - 1] == f"room {LINES - 1} of 1"
    assert lines[LINES + 2] == f"room {LINES + 2} of 0"
