"""The age format: what goes in comes out; whatever is changed, missing or added is noticed."""

import base64
import io
import os
from collections.abc import Callable

import pytest

from app.errors import Invalid
from app.maintenance.envelope import PIECE, Decrypting, Encrypting

PASSPHRASE = "correct horse battery staple correct horse battery staple"
BY_AGE = base64.b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCB1dEtBTUpjVTY0Q2tmLzBBZ250cVRBIDE4CnFzT0szTXZFSzV0NmZHOGh2MGQ0ZG1WSHh3"
    "bkJFQjhWL3ZhaUdLcGFPakEKLS0tIHNWNitoVVo4RXNEM1E1cnd4UkxNRWZrTEl3ZmlIZ0ZzNlNhM3QxRGU2azQKjTvFed9+5MevPi4tJpdB6dh9"
    "gq0AFYoszMA1PSgXGIOR7rWoOE0="
)
"""What ``age -p`` 1.1.1 has made of 小屋."""
LENGTHS = (0, 1, PIECE, PIECE + 1)


def sealed(content: bytes, *, at_once: int = 1 << 30) -> bytes:
    out = io.BytesIO()
    writer = Encrypting(out, PASSPHRASE)
    for start in range(0, len(content), at_once):
        writer.write(content[start : start + at_once])
    writer.finish()
    return out.getvalue()


def opened(content: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return Decrypting(io.BytesIO(content), passphrase).read()


@pytest.fixture
def long() -> bytes:
    """Three pieces, sealed."""
    return sealed(b"abc" * PIECE)


@pytest.mark.parametrize("length", LENGTHS)
def test_what_goes_in_comes_out(length: int) -> None:
    content = os.urandom(length)
    assert opened(sealed(content, at_once=50_000)) == content


def test_the_passphrase_is_made_slow_to_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    file = sealed(b"x")
    assert b"-> scrypt " in file
    assert file.splitlines()[1].endswith(b" 15")
    assert opened(file) == b"x"


def test_the_tool_named_age_writes_the_same_format() -> None:
    assert opened(BY_AGE).decode() == "小屋"


def test_reading_gives_as_much_as_is_asked_for(long: bytes) -> None:
    reader = Decrypting(io.BytesIO(long), PASSPHRASE)
    assert [len(reader.read(size)) for size in (10, PIECE, 0, 3 * PIECE, 5)] == [10, PIECE, 0, 2 * PIECE - 10, 0]


def test_another_passphrase_opens_nothing(long: bytes) -> None:
    with pytest.raises(Invalid, match="does not open"):
        opened(long, PASSPHRASE + " ")


CHANGES: dict[str, Callable[[bytes, int], bytes]] = {
    "version": lambda file, _: b"b" + file[1:],
    "salt": lambda file, _: flipped(file, file.index(b"scrypt ") + 10),
    "work factor": lambda file, _: file.replace(b" 4\n", b" 5\n", 1),
    "far too much work": lambda file, _: file.replace(b" 4\n", b" 31\n", 1),
    "wrapped key": lambda file, _: flipped(file, file.index(b" 4\n") + 8),
    "authentication of the header": lambda file, body: flipped(file, body - 30),
    "nonce": lambda file, body: flipped(file, body + 3),
    "first piece": lambda file, body: flipped(file, body + 16),
    "middle": lambda file, body: flipped(file, body + 16 + PIECE + 1000),
    "last piece": lambda file, _: flipped(file, len(file) - 1000),
    "last byte": lambda file, _: flipped(file, len(file) - 1),
    "an end that is missing": lambda file, _: file[:-1],
    "a last piece that is missing": lambda file, body: file[: body + 16 + 2 * (PIECE + 16)],
    "everything missing but the header": lambda file, body: file[: body + 16],
    "half a header": lambda file, body: file[: body // 2],
    "nothing": lambda _, __: b"",
    "a byte more": lambda file, _: file + b"\0",
    "two pieces in the wrong order": lambda file, body: swapped(file, body + 16),
    "a piece twice": lambda file, body: file[: body + 32 + PIECE] + file[body + 16 :],
}


def flipped(file: bytes, at: int) -> bytes:
    """One bit of the byte at ``at`` changed; a letter stays a letter of base64."""
    is_text = file[at : at + 1].isalnum()
    other = (b"A" if file[at : at + 1] != b"A" else b"B") if is_text else bytes([file[at] ^ 1])
    return file[:at] + other + file[at + 1 :]


def swapped(file: bytes, start: int) -> bytes:
    second, third = start + PIECE + 16, start + 2 * (PIECE + 16)
    return file[:start] + file[second:third] + file[start:second] + file[third:]


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_is_noticed(change: str, long: bytes) -> None:
    body = long.index(b"\n", long.index(b"\n--- ") + 1) + 1
    with pytest.raises(Invalid):
        opened(CHANGES[change](long, body))
