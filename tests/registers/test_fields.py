"""What may be typed into the registers, and what is said about the rest."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from app.errors import Invalid
from app.months import SHANGHAI
from app.registers.fields import BOOKS, read
from app.registers.vocabulary import LISTS, hints, registers, terms

ACTIVITY = {
    "title": " 秋冬  护理 ", "topic": "health", "starts_at": "2026-11-30T14:00", "kind": "lecture", "hours": "1.5",
}  # fmt: skip
SUPPLIES = {"item": "wipes", "direction": "in", "quantity": "50", "moved_on": "2026-11-20"}
MONEY = {"direction": "out", "amount_yuan": "1,200.50", "purpose": "equipment", "booked_on": "2026-11-20"}


def test_forms_become_values() -> None:
    values = read(BOOKS["activity"], ACTIVITY)
    assert values["title"] == "秋冬 护理"
    assert values["starts_at"] == datetime(2026, 11, 30, 14, 0, tzinfo=SHANGHAI)
    assert values["hours"] == Decimal("1.5")
    assert values["participants"] is None
    assert values["note"] == ""
    assert read(BOOKS["supplies"], SUPPLIES)["quantity"] == 50
    assert read(BOOKS["subsidy"], MONEY)["amount_yuan"] == Decimal("1200.50")
    looked = {"done_on": "2026-11-20", "findings-fire": "ok", "findings-water": "bad", "findings-x": "ok"}
    assert read(BOOKS["safety"], looked)["findings"] == {"fire": True, "water": False}
    keeper = {"name": "王", "kind": "volunteer", "certificate_until": "2027-01-01"}
    assert read(BOOKS["keepers"], keeper)["certificate_until"] == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("register", "good", "field", "bad"),
    [
        ("activity", ACTIVITY, "title", ""),
        ("activity", ACTIVITY, "title", "长" * 161),
        ("activity", ACTIVITY, "title", "a\0b"),
        ("activity", ACTIVITY, "topic", "cooking"),
        ("activity", ACTIVITY, "starts_at", "下周三"),
        ("activity", ACTIVITY, "starts_at", "1999-12-31T10:00"),
        ("activity", ACTIVITY, "hours", "0"),
        ("activity", ACTIVITY, "hours", "73"),
        ("activity", ACTIVITY, "hours", "1e9"),
        ("activity", ACTIVITY, "participants", "-1"),
        ("supplies", SUPPLIES, "quantity", "1.5"),
        ("supplies", SUPPLIES, "quantity", "100001"),
        ("supplies", SUPPLIES, "quantity", "²"),
        ("supplies", SUPPLIES, "quantity", ""),
        ("supplies", SUPPLIES, "moved_on", "2026-13-01"),
        ("supplies", SUPPLIES, "moved_on", "9999-01-01"),
        ("subsidy", MONEY, "amount_yuan", "12.345"),
        ("subsidy", MONEY, "amount_yuan", "-5"),
        ("subsidy", MONEY, "amount_yuan", "NaN"),
        ("subsidy", MONEY, "direction", ""),
    ],
)
def test_a_wrong_value_is_named(register: str, good: dict[str, str], field: str, bad: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(BOOKS[register], good | {field: bad})
    assert list(caught.value.fields) == [field]


def test_numbers_may_come_from_a_chinese_keyboard() -> None:
    assert read(BOOKS["subsidy"], MONEY | {"amount_yuan": "１，２００．５"})["amount_yuan"] == Decimal("1200.5")


def test_every_wrong_value_is_named_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        read(BOOKS["supplies"], {"direction": "up"})
    assert set(caught.value.fields) == {"item", "direction", "quantity", "moved_on"}


def test_at_most_three_things_are_asked_before_the_fold() -> None:
    for register in registers():
        if register not in ("maintenance", "safety"):
            assert len([field for field in BOOKS[register] if not field.is_more]) <= 3, register


def test_the_vocabulary_is_whole() -> None:
    assert BOOKS.keys() == registers().keys()
    for name in LISTS:
        assert all(term.zh and term.en for term in terms(name).values())
    assert hints("en").keys() == hints("zh").keys() == terms("check").keys()
    assert {field.words for book in BOOKS.values() for field in book if field.words} <= set(LISTS)
