"""What a PDF has to be before it is kept: whole, open to everybody, of a sensible length, and nothing that acts."""

import io
import logging
from typing import TYPE_CHECKING, Final

from app.errors import N_, Invalid

if TYPE_CHECKING:
    from pypdf import PdfReader

MOST_PAGES = 300
MOST_OBJECTS = 20_000
_ACTING_KEYS: Final = frozenset({"/JavaScript", "/JS", "/AA", "/EmbeddedFiles", "/EmbeddedFile", "/XFA", "/RichMedia"})
_ACTIONS: Final = frozenset({"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/Movie"})
_DAMAGED = N_("“%(file)s” is no PDF that can be read, or it is damaged; print it to a new PDF and choose that one")
_LOCKED = N_("“%(file)s” is protected by a password; save it without one and choose it again")
_LONG = N_("“%(file)s” has more than %(most)s pages; hand it in in parts")
_ACTS = N_("“%(file)s” holds scripts or further files; print it to a new PDF and choose that one")
# The library tells the log about every oddity of a file; a file that somebody chose is not the operator's business.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def check_pdf(content: bytes, title: str) -> None:
    """Raise Invalid, naming the file and the remedy, unless `content` is a PDF that can be kept."""
    if not content.rpartition(b"%%EOF")[1] or content.rpartition(b"%%EOF")[2].strip(b"\0\r\n\t "):
        raise Invalid(_DAMAGED, file=title)
    from pypdf import PdfReader  # noqa: PLC0415  slow to load, seldom needed

    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        is_locked = reader.is_encrypted
        pages = 0 if is_locked else len(reader.pages)
        acts = not is_locked and _acts(reader)
    except Exception as error:
        # Whatever a parser of other people's files raises means the same: this one cannot be read.
        raise Invalid(_DAMAGED, file=title) from error
    if is_locked:
        raise Invalid(_LOCKED, file=title)
    if pages == 0:
        raise Invalid(_DAMAGED, file=title)
    if pages > MOST_PAGES:
        raise Invalid(_LONG, file=title, most=MOST_PAGES)
    if acts:
        raise Invalid(_ACTS, file=title)


def _acts(reader: "PdfReader") -> bool:
    """Whether anything that can be reached from the trailer runs, starts or carries something."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject  # noqa: PLC0415  slow to load, seldom needed

    waiting: list[object] = [reader.trailer]
    seen: set[tuple[int, int]] = set()
    visited = 0
    while waiting:
        one = waiting.pop()
        visited += 1
        if isinstance(one, IndirectObject):
            key = (one.idnum, one.generation)
            if key in seen:
                continue
            seen.add(key)
            one = one.get_object()
        if len(seen) > MOST_OBJECTS or visited > 50 * MOST_OBJECTS:
            return True
        if isinstance(one, DictionaryObject):
            if _ACTING_KEYS & set(one) or one.get("/S") in _ACTIONS:
                return True
            waiting.extend(one.raw_get(name) for name in one)
        elif isinstance(one, ArrayObject):
            waiting.extend(list.__iter__(one))
    return False
