"""Which encoding a text file is in: stated, or found without guessing between two that both fit."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Collection

from charset_normalizer import from_bytes

from app.errors import N_, Invalid

# Python's name → what people call it. Taiwan's Big5 is Microsoft's variant in practice.
CANDIDATES = {"gb18030": "gb18030", "cp950": "big5", "big5hkscs": "big5-hkscs"}
ALIASES = {"big5": "cp950", "gbk": "gb18030", "gb2312": "gb18030", "utf8": "utf-8", "utf-8-sig": "utf-8"}
SAMPLE_BYTES = 200_000


def decode(data: bytes, stated: str | None, columns: Collection[str]) -> tuple[str, str]:
    """The text of a file and the name of its encoding.

    `columns` are the column names expected in the first lines: with which encoding they are there decides between
    two that both fit. Raises Invalid when the stated encoding does not fit, or none does, or two do.
    """
    if stated:
        return _strict(data, stated), stated
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return _strict(data, "utf-16"), "utf-16"
    try:
        return _without_mark(data.decode("utf-8")), "utf-8"
    except UnicodeDecodeError:
        pass
    if data.startswith(BOM_UTF8):
        _strict(data, "utf-8")
    texts = _fitting(data)
    if not texts:
        raise Invalid(N_("The file is neither UTF-8 nor GB18030 nor Big5. State its encoding with --encoding"))
    name = _by_columns(texts, columns) or _by_language(data, texts)
    if name is None:
        names = ", ".join(CANDIDATES[candidate] for candidate in texts)
        raise Invalid(N_("The file could be %(names)s. State its encoding with --encoding"), names=names)
    return texts[name], CANDIDATES[name]


def _strict(data: bytes, name: str) -> str:
    try:
        return _without_mark(data.decode(ALIASES.get(name.lower(), name)))
    except LookupError as error:
        raise Invalid(N_("There is no encoding called %(name)s"), name=name) from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Invalid(
            N_("The file is not %(name)s: line %(line)s does not fit. State its encoding with --encoding"),
            name=name,
            line=line,
        ) from error


def _without_mark(text: str) -> str:
    # Not the codec utf-8-sig: the positions in its errors leave out the mark.
    return text.removeprefix("\ufeff")


def _fitting(data: bytes) -> dict[str, str]:
    """The candidates that decode the whole file, without those that give the same text as an earlier one."""
    texts: dict[str, str] = {}
    for name in CANDIDATES:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if text not in texts.values():
            texts[name] = text
    return texts


def _by_columns(texts: dict[str, str], columns: Collection[str]) -> str | None:
    telling = [column for column in columns if not column.isascii()]
    fitting = [name for name, text in texts.items() if telling and all(column in text[:5000] for column in telling)]
    return fitting[0] if fitting else None


def _by_language(data: bytes, texts: dict[str, str]) -> str | None:
    if len(texts) == 1:
        return next(iter(texts))
    matches = list(from_bytes(data[:SAMPLE_BYTES].rsplit(b"\n", 1)[0], cp_isolation=list(texts)))
    if len(matches) > 1 and (matches[0].chaos, -matches[0].coherence) == (matches[1].chaos, -matches[1].coherence):
        return None
    best = matches[0].encoding if matches else None
    return best if best in texts else None
