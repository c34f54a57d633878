"""Texts made fit for a document: what no file can hold is left out. Pure."""

import re
import unicodedata

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_LONG_WORD = re.compile(r"[!-~]{16,}")
_BREAK_HERE = "\u200b"


def clean(text: str) -> str:
    """A text without characters that XML or a page cannot hold; line breaks and tabs stay, `\\r` becomes a break."""
    if text.isprintable():
        return text
    return _UNSTORABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n"))


def one_line(text: str) -> str:
    """A clean text on one line, without formatting characters that could turn it round."""
    kept = (" " if sign.isspace() else sign for sign in clean(text) if unicodedata.category(sign) != "Cf")
    return " ".join("".join(kept).split())


def breakable(text: str) -> str:
    """A clean text in which a long run of Latin letters may be broken anywhere, so that it never leaves its cell."""
    return _LONG_WORD.sub(lambda word: _BREAK_HERE.join(word[0]), clean(text))


def deep(value: object) -> object:
    """`breakable` for every string in a structure of dicts and lists, but for drawings under ``qr``."""
    if isinstance(value, str):
        return breakable(value)
    if isinstance(value, dict):
        return {key: below if key == "qr" else deep(below) for key, below in value.items()}
    return [deep(below) for below in value] if isinstance(value, list | tuple) else value
