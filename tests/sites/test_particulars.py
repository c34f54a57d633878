"""Where a site is, what only the forms ask about it, and what may be answered."""

from typing import Any

import pytest

from app.sites.models import LocationKind
from app.sites.particulars import changes, particulars, premises, read_answer


def test_the_vocabularies_are_whole() -> None:
    assert {place.location_kind for place in premises().values()} == set(LocationKind)
    for one in particulars().values():
        assert one.kind in ("text", "long", "number", "postcode", "email", "phone", "choice"), one
        assert bool(one.choices) == (one.kind == "choice"), one
        assert one.group in ("unit", "people", "park", "use", "building"), one
    assert {code for code, one in particulars().items() if one.is_contact} == {
        "email", "manager_phone", "union_head_phone", "park_head_phone",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", "长" * 300, "长" * 300), ("long", "一\n二", "一\n二"), ("number", "007", 7),
        ("number", "9999999", 9_999_999), ("email", "a.b@c.cn", "a.b@c.cn"),
        ("phone", "（0532）8888-6666，138 0000 0000", "（0532）8888-6666，138 0000 0000"), ("choice", "yes", "yes"),
        ("postcode", "010010", "010010"),
    ],
)  # fmt: skip
def test_what_fits_is_kept(kind: str, text: str, value: Any) -> None:
    assert read_answer(kind, ("yes", "no"), text) == (value, "")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text", "长" * 301), ("long", "长" * 1001), ("text", "a\0b"), ("number", "-1"), ("number", "1.5"),
        ("number", "10000000"), ("number", "０１"), ("number", "0" * 10 + "9" * 10), ("email", "a@b"),
        ("email", "a b@c.cn"), ("phone", "call me"), ("phone", "110"), ("choice", "maybe"),
        ("postcode", "26607"), ("postcode", "２６６０７１"), ("postcode", "266071 "),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(kind: str, text: str) -> None:
    assert read_answer(kind, ("yes", "no"), text)[1]


def test_only_what_differs_is_a_change() -> None:
    before, after = {"remark": "旧", "postcode": "266000", "email": "a@b.cn"}, {"postcode": "266000", "remark": "新"}
    assert changes(before, {**after, "women_workers": 0}) == {
        "particulars.remark": ["旧", "新"], "particulars.email": ["a@b.cn", None],
        "particulars.women_workers": [None, 0],
    }  # fmt: skip
