"""Files under a passphrase, in the age format (age-encryption.org/v1, scrypt recipient): `age -d` opens them too. Pure.

A header wraps the file's own key under the passphrase and is authenticated; the content follows in pieces of 64 KiB
under ChaCha20-Poly1305, numbered, the last one marked. So a changed, missing, added or moved byte is always noticed.
"""

import base64
import binascii
import hmac
import os
import re
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from app.errors import N_, Invalid

VERSION = b"age-encryption.org/v1"
PIECE = 64 * 1024
_TAG = 16
_WORK, _MOST_WORK = 15, 20
"""Powers of two for scrypt: 32 MiB of memory. The passphrase is random, so that this is only a second fence."""
_HEADER = re.compile(
    rb"age-encryption\.org/v1\n-> scrypt (?P<salt>[A-Za-z0-9+/]{22}) (?P<work>[1-9]\d?)\n"
    rb"(?P<wrapped>[A-Za-z0-9+/]{43})\n--- (?P<mac>[A-Za-z0-9+/]{43})\n"
)
_LONGEST_HEADER = 256
_UNKNOWN = N_("This file is no backup of this software, or its first lines are damaged")
_LOCKED = N_("This passphrase does not open the backup, or its first lines are damaged")
_DAMAGED = N_("This backup is damaged, incomplete, or has been changed; nothing was restored")


class Encrypting:
    """A file to write to; what comes out of it goes to `out`. `finish` has to be called, or the file is incomplete."""

    def __init__(self, out: IO[bytes], passphrase: str) -> None:
        self._out = out
        self._held = bytearray()
        key, nonce = os.urandom(16), os.urandom(16)
        out.write(_header(key, passphrase))
        out.write(nonce)
        self._pieces = _Pieces(key, nonce)

    def write(self, content: bytes) -> int:
        """Take any bytes."""
        self._held += content
        # A full piece is held back until more comes: only then it is known not to be the last one.
        while len(self._held) > PIECE:
            self._out.write(self._pieces.sealed(bytes(self._held[:PIECE]), is_last=False))
            del self._held[:PIECE]
        return len(content)

    def flush(self) -> None:
        """Nothing: a piece goes out when it is full."""

    def finish(self) -> None:
        """Write the last piece, marked as such."""
        self._out.write(self._pieces.sealed(bytes(self._held), is_last=True))


class Decrypting:
    """A file to read from, the content of `source`. Every byte that it gives is authentic; its end is, too.

    Raises Invalid for a wrong passphrase at once, for damage when reading comes to it.
    """

    def __init__(self, source: IO[bytes], passphrase: str) -> None:
        self._source = source
        key = _file_key(_read_header(source), passphrase)
        self._pieces = _Pieces(key, source.read(16))
        self._ahead: bytes | None = source.read(PIECE + _TAG)
        self._held = b""

    def read(self, size: int = -1) -> bytes:
        """Return at most ``size`` bytes, fewer only at the end; all that is left without a size."""
        parts, wanted = [], size if size >= 0 else 1 << 62
        while wanted and (self._held or self._next()):
            parts.append(self._held[:wanted])
            self._held = self._held[wanted:]
            wanted -= len(parts[-1])
        return b"".join(parts)

    def _next(self) -> bool:
        piece = self._ahead
        if piece is None:
            return False
        self._ahead = self._source.read(PIECE + _TAG) or None
        self._held = self._pieces.opened(piece, is_last=self._ahead is None)
        return bool(self._held)


class _Pieces:
    """The pieces of one file: each has its number and, the last one, a mark in its nonce."""

    def __init__(self, key: bytes, nonce: bytes) -> None:
        self._cipher = ChaCha20Poly1305(_derived(key, nonce, b"payload"))
        self._number = 0

    def sealed(self, piece: bytes, *, is_last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(is_last=is_last), piece, None)

    def opened(self, piece: bytes, *, is_last: bool) -> bytes:
        is_first = self._number == 0
        try:
            content = self._cipher.decrypt(self._nonce(is_last=is_last), piece, None)
        except InvalidTag as error:
            raise Invalid(_DAMAGED) from error
        if not content and not is_first:
            raise Invalid(_DAMAGED)
        return content

    def _nonce(self, *, is_last: bool) -> bytes:
        number, self._number = self._number, self._number + 1
        return number.to_bytes(11, "big") + bytes([is_last])


def _header(key: bytes, passphrase: str) -> bytes:
    salt = os.urandom(16)
    wrapped = ChaCha20Poly1305(_wrapping_key(passphrase, salt, _WORK)).encrypt(bytes(12), key, None)
    lines = b"%s\n-> scrypt %s %d\n%s\n---" % (VERSION, _text(salt), _WORK, _text(wrapped))
    return b"%s %s\n" % (lines, _text(_mac(key, lines)))


def _read_header(source: IO[bytes]) -> re.Match[bytes]:
    lines = [source.readline(_LONGEST_HEADER) for _ in range(4)]
    found = _HEADER.fullmatch(b"".join(lines))
    if found is None or int(found["work"]) > _MOST_WORK:
        raise Invalid(_UNKNOWN)
    return found


def _file_key(header: re.Match[bytes], passphrase: str) -> bytes:
    wrapping = _wrapping_key(passphrase, _bytes(header["salt"]), int(header["work"]))
    try:
        key = ChaCha20Poly1305(wrapping).decrypt(bytes(12), _bytes(header["wrapped"]), None)
    except InvalidTag as error:
        raise Invalid(_LOCKED) from error
    authentic = header[0][: header.start("mac") - 1]
    if not hmac.compare_digest(_mac(key, authentic), _bytes(header["mac"])):
        raise Invalid(_DAMAGED)
    return key


def _wrapping_key(passphrase: str, salt: bytes, work: int) -> bytes:
    return Scrypt(salt=VERSION + b"/scrypt" + salt, length=32, n=1 << work, r=8, p=1).derive(passphrase.encode())


def _mac(key: bytes, lines: bytes) -> bytes:
    return hmac.digest(_derived(key, b"", b"header"), lines, "sha256")


def _derived(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose).derive(key)


def _text(content: bytes) -> bytes:
    return base64.b64encode(content).rstrip(b"=")


def _bytes(text: bytes) -> bytes:
    """Raises Invalid for what `_text` would have written in another way: one file has one form."""
    try:
        content = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise Invalid(_UNKNOWN) from error
    if _text(content) != text:
        raise Invalid(_UNKNOWN)
    return content
