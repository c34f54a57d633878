"""A checkpoint comes back from paper as it was, or not at all."""

from string import hexdigits

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Invalid
from app.usage.leaves import ALGORITHMS
from app.usage.ledger.texts import Witness, checkpoint_line, checkpoint_text, read_checkpoint

hashes = st.binary(min_size=32, max_size=32)
held = st.builds(
    Witness,
    month=st.sampled_from(["2026-01", "2026-10", "2031-12"]),
    algorithm=st.sampled_from(ALGORITHMS),
    seal_number=st.integers(1, 2**31),
    seal_hash=hashes,
    sites=st.integers(0, 10**6),
    root=hashes,
)
ONE = Witness("2026-10", "sha256", 812, bytes(range(32)), 1204, bytes(range(32, 64)))


@settings(max_examples=80)
@given(held, st.booleans(), st.sampled_from([" ", "\n", "\r\n  ", "\t"]))
def test_both_forms_come_back(witness: Witness, is_lower: bool, blank: str) -> None:
    for text in (checkpoint_text(witness), checkpoint_line(witness)):
        typed = text.replace(" ", blank) + "办法：qingdao-2023 documents/check 1 / 1"
        assert read_checkpoint(typed.lower() if is_lower else typed) == witness
    assert len(checkpoint_line(witness)) <= 190


@settings(max_examples=80)
@given(st.data())
def test_a_slip_of_the_pen_is_said_and_never_believed(data: st.DataObject) -> None:
    line = checkpoint_line(ONE)
    at = data.draw(st.integers(0, len(line) - 1))
    slip = data.draw(st.sampled_from([sign for sign in hexdigits + " " if sign.upper() != line[at]]))
    with pytest.raises(Invalid):
        read_checkpoint(line[:at] + slip + line[at + 1 :])


@pytest.mark.parametrize("text", ["", "XWC1", "hello", "XWC2 2026-10", checkpoint_line(ONE)[:-1]])
def test_anything_else_is_no_checkpoint(text: str) -> None:
    with pytest.raises(Invalid, match="no checkpoint"):
        read_checkpoint(text)


def test_the_forms_are_those_of_the_documentation() -> None:
    assert checkpoint_text(ONE).splitlines() == [
        "XIAOWU CHECKPOINT 1",
        "MONTH 2026-10",
        "ALGORITHM SHA256",
        "SEAL 812",
        "HEAD 00010203 04050607 08090A0B 0C0D0E0F 10111213 14151617 18191A1B 1C1D1E1F",
        "SITES 1204",
        "ROOT 20212223 24252627 28292A2B 2C2D2E2F 30313233 34353637 38393A3B 3C3D3E3F",
        f"CHECK {checkpoint_line(ONE)[-8:]}",
    ]
