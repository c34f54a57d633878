"""The word of the month and the rotating code: what is accepted, until when, and how they spread."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from app.months import Month
from app.usage import presence

SECRET = "s" * 32
AT = datetime(2026, 11, 20, 2, tzinfo=UTC)
MONTH = Month(2026, 11)


def test_the_words_are_many_short_and_sound_different() -> None:
    words = presence.words()
    assert len(words) >= 500
    assert {len(word.text) for word in words} == {2}
    assert len({word.text for word in words}) == len({word.pinyin for word in words}) == len(words)
    assert all(word.pinyin.isascii() and word.pinyin.isalpha() and word.pinyin.islower() for word in words)


def test_words_differ_between_sites_and_months_and_secrets() -> None:
    drawn = Counter(presence.word_of_month(SECRET, site, MONTH).text for site in range(3000))
    assert len(drawn) > 0.95 * len(presence.words())
    assert max(drawn.values()) < 25
    same = sum(
        presence.word_of_month(SECRET, site, MONTH) == presence.word_of_month(SECRET, site, MONTH + 1)
        for site in range(1000)
    )
    assert same < 12
    assert presence.word_of_month(SECRET, 1, MONTH) == presence.word_of_month(SECRET, 1, MONTH)
    assert (
        sum(presence.word_of_month("x" * 32, n, MONTH) == presence.word_of_month(SECRET, n, MONTH) for n in range(99))
        < 5
    )


def test_a_word_is_taken_in_characters_or_pinyin_however_it_is_typed() -> None:
    word = presence.word_of_month(SECRET, 7, MONTH)
    spaced = " ".join(word.pinyin)
    wide = "".join(chr(ord(letter) - 0x20 + 0xFF00) for letter in word.pinyin)
    for said in (word.text, f" {word.text}。", word.pinyin, word.pinyin.upper(), spaced, wide, f"“{word.text}”"):
        assert presence.is_word(SECRET, 7, said, AT), said
    for said in ("", word.text[0], word.text * 2, f"{word.pinyin}x", "x" * 5000):
        assert not presence.is_word(SECRET, 7, said, AT), said
    assert presence.folded("LÜ dou") == "lvdou"


def test_last_months_word_is_taken_for_three_days() -> None:
    old = next(
        n for n in range(99) if presence.word_of_month(SECRET, n, MONTH) != presence.word_of_month(SECRET, n, MONTH - 1)
    )
    word = presence.word_of_month(SECRET, old, MONTH - 1).text
    assert presence.is_word(SECRET, old, word, MONTH.start_at - timedelta(seconds=1))
    assert presence.is_word(SECRET, old, word, MONTH.start_at + timedelta(days=3, seconds=-1))
    assert not presence.is_word(SECRET, old, word, MONTH.start_at + timedelta(days=3))


def test_the_code_changes_every_two_minutes_and_the_one_before_still_counts() -> None:
    code = presence.code_at(SECRET, "tablet", AT)
    assert len(code) == 5
    assert code.isdigit()
    assert presence.is_code(SECRET, "tablet", f" {code[:2]} {code[2:]}", AT)
    assert presence.is_code(SECRET, "tablet", code, AT + timedelta(minutes=3, seconds=59))
    assert not presence.is_code(SECRET, "tablet", code, AT + timedelta(minutes=4))
    assert not presence.is_code(SECRET, "tablet", code, AT - timedelta(seconds=1))
    assert not presence.is_code(SECRET, "other", code, AT)
    assert len({presence.code_at(SECRET, "tablet", AT + n * timedelta(minutes=2)) for n in range(200)}) > 190


@pytest.mark.parametrize(("seconds", "left"), [(0, 120), (1, 119), (119, 1), (120, 120)])
def test_how_long_a_code_stays(seconds: int, left: int) -> None:
    assert presence.changes_in(AT + timedelta(seconds=seconds)) == timedelta(seconds=left)
