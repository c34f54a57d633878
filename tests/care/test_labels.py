"""What a child may be called, and pasted lines."""

import pytest

from app.care.labels import Entry, RefusedLines, read_label, read_lines
from app.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ZXM", "ZXM"), (" zxm ", "ZXM"), ("ＺＸＭ", "ZXM"), ("07", "07"), ("０７", "07"), ("3-12", "3-12"),
        ("三年级2班07", "三年级2班07"), ("张07", "张07"), ("L 2", "L 2"), ("Z.X.M.", "Z.X.M."), ("123456", "123456"),
    ],
)  # fmt: skip
def test_initials_and_roster_numbers_are_taken(typed: str, stored: str) -> None:
    assert read_label(typed) == stored


@pytest.mark.parametrize(
    "name",
    [
        "张三", "张小明", "欧阳娜娜", "张 三", "张三07", "买买提·艾力", "三年级张小明", "王小组", "李十一", "zhangsan",
        "Zhang", "𠮷田",
    ],
)  # fmt: skip
def test_what_may_be_a_name_is_refused_with_the_remedy(name: str) -> None:
    with pytest.raises(Invalid, match="may be a child's name; write initials") as refusal:
        read_label(name)
    assert "label" in refusal.value.fields


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "missing"), ("  ", "missing"), ("13800001111", "telephone"), ("1380000", "telephone"),
        ("A-1-2-3-4-5-6", "12 characters"), ("=1+1", "letter or digit first"), ("A@1", "Only letters"),
        ("-5", "letter or digit first"), ("A\u0000", "Only letters"),
    ],
)  # fmt: skip
def test_other_labels_are_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        read_label(typed)


def test_lines_are_read_with_any_separator_and_empty_ones_skipped() -> None:
    assert read_lines("ZXM 3\n\n07\t1\r\nL 2，6\n三年级2班07、2\n") == [
        Entry("ZXM", 3), Entry("07", 1), Entry("L 2", 6), Entry("三年级2班07", 2),
    ]  # fmt: skip


def test_every_line_that_cannot_be_taken_is_named() -> None:
    with pytest.raises(RefusedLines) as refusal:
        read_lines("ZXM 3\n张小明 2\nAB\nCD 7\nzxm 4\n")
    assert [(fault.number, fault.text) for fault in refusal.value.faults] == [
        (2, "张小明 2"), (3, "AB"), (4, "CD 7"), (5, "zxm 4"),
    ]  # fmt: skip
    assert [fault.message.partition(" ")[0] for fault in refusal.value.faults] == ["This", "After", "After", "This"]


def test_no_line_at_all_is_an_error() -> None:
    with pytest.raises(Invalid, match="at least one child"):
        read_lines(" \n\n")
