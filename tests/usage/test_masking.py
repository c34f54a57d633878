"""What a note may not tell."""

import pytest

from app.usage.masking import COVER, masked


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        ("打 13800138000 问", f"打 {COVER} 问"),
        ("138-0013-8000", COVER),
        ("138 0013 8000", COVER),
        ("+86 138 0013 8000", COVER),
        ("１３８００１３８０００", COVER),
        ("一三八零零一三八零零零", COVER),
        ("幺三八〇〇幺三八〇〇〇", COVER),
        ("0571-88001234 转 8", f"{COVER} 转 8"),
        ("加微信 mama_2020 说", f"加微信 {COVER} 说"),
        ("微信号：wxid_abc123", f"微信号：{COVER}"),
        ("VX：Mama-2020", f"VX：{COVER}"),
        ("我的qq是12345", f"我的qq是{COVER}"),
        ("写信到 mama@example.cn 吧", f"写信到 {COVER} 吧"),
        ("13800138000，13900139000", f"{COVER}，{COVER}"),
    ],
)
def test_numbers_and_accounts_are_covered(note: str, shown: str) -> None:
    assert masked(note) == shown
    assert masked(shown) == shown


@pytest.mark.parametrize(
    "note",
    ["B2 层 305 室，门牌 1024", "2026-11-20 上午 8:30 去的", "等了 30 分钟，3 人", "三楼 2 号门", "微信扫码打不开", ""],
)
def test_what_helps_to_find_the_fault_stays(note: str) -> None:
    assert masked(note) == note
