"""Posters for the door as PDF: values in, bytes out. Knows neither Flask nor the database.

The sheets are Typst templates under ``qr_templates/``; only the fonts beside them are used, so the same data give the
same file on every machine. Texts reach the template as JSON strings and are never read as markup.

The typesetter remembers what it has set in its last ten runs, half a megabyte a sheet. So it gets few sheets at a time,
and the pages are put together afterwards: memory does not grow with the number of sheets.
"""

import io
import json
import re
import tomllib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Literal, get_args

import typst

from app.errors import Invalid
from app.sites.door_codes import grouped, qr_svg

TEMPLATES = Path(__file__).resolve().parents[2] / "qr_templates"
PosterFormat = Literal["a4", "a5", "sticker"]
FORMATS: tuple[PosterFormat, ...] = get_args(PosterFormat)
AT_A_TIME = 20
_LONG_WORD = re.compile(r"[!-~]{12,}")
_BREAK_HERE = "\u200b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """What one sheet says. `code` is lower case as stored; `sign` and `sign_en` empty mean the kind's own words.

    `domain` is what a person types by hand; `is_sample` marks a sheet made from demonstration data.
    """

    name: str
    floor_label: str
    code: str
    url: str
    domain: str
    print_version: int
    printed_on: date
    organisation: str
    kind: str = "room"
    sign: str = ""
    sign_en: str = ""
    is_sample: bool = False


def posters_pdf(
    posters: Sequence[Poster], paper: PosterFormat, *, title: str = "", advance: Callable[[], object] = lambda: None
) -> bytes:
    """All `posters` in one PDF, one page each, at the true size of `paper`: A4, A5 or the 60 mm sticker.

    `advance` is called once for each poster on the way. Raises Invalid when there is nothing to print.
    """
    if not posters:
        raise Invalid("There is no site with a valid door code to print")
    if paper not in FORMATS:
        raise Invalid("The poster format is one of %(formats)s", formats=", ".join(FORMATS))
    about = (clean(title or posters[0].name), clean(posters[0].organisation))
    parts = [
        _set([_page(poster, advance) for poster in posters[start : start + AT_A_TIME]], paper, about, posters[0])
        for start in range(0, len(posters), AT_A_TIME)
    ]
    return parts[0] if len(parts) == 1 else _joined(parts, about)


def _set(pages: list[dict[str, Any]], paper: PosterFormat, about: tuple[str, str], first: Poster) -> bytes:
    title, author = about
    day = first.printed_on
    pdf = typst.compile(
        TEMPLATES / "posters.typ",
        root=TEMPLATES,
        font_paths=fonts(),
        sys_inputs={"data": json.dumps({"format": paper, "title": title, "author": author, "posters": pages})},
        timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC),
        format="pdf",
    )
    assert isinstance(pdf, bytes)  # noqa: S101  it is a list only for images of several pages
    return pdf


def _joined(parts: Sequence[bytes], about: tuple[str, str]) -> bytes:
    title, author = about
    from pypdf import PdfWriter  # noqa: PLC0415  slow to load, seldom needed

    out = io.BytesIO()
    with PdfWriter() as writer:
        for part in parts:
            writer.append(io.BytesIO(part), import_outline=False)
        writer.add_metadata({"/Title": title, "/Author": author})
        writer.write(out)
    return out.getvalue()


def unprintable(text: str) -> str:
    """The characters of `text` for which the posters' fonts have no glyph, each once; usually none."""
    return "".join(dict.fromkeys(character for character in _one_line(text) if ord(character) not in _coverage()))


def _page(poster: Poster, advance: Callable[[], object]) -> dict[str, str | int | bool]:
    usual = _texts()["sign_of"][poster.kind]
    advance()
    return {
        "name": clean(poster.name),
        "floor_label": clean(poster.floor_label),
        "code": grouped(poster.code),
        "url": poster.url,
        "domain": poster.domain,
        "print_version": poster.print_version,
        "printed_on": poster.printed_on.isoformat(),
        "organisation": clean(poster.organisation),
        "sign": clean(poster.sign) or usual["zh"],
        "sign_en": clean(poster.sign_en) or ("" if poster.sign else usual["en"]),
        "is_sample": poster.is_sample,
        "qr": qr_svg(poster.url),
    }


def clean(text: str) -> str:
    """One line with places to break a word that is too long for it."""
    return _LONG_WORD.sub(lambda word: _BREAK_HERE.join(word[0]), _one_line(text))


def _one_line(text: str) -> str:
    """Without control and formatting characters, blanks joined."""
    kinds = ((character, unicodedata.category(character)) for character in text)
    shown = ("" if kind in ("Cf", "Cs") else " " if kind[0] == "Z" or kind == "Cc" else sign for sign, kind in kinds)
    return " ".join("".join(shown).split())


@cache
def fonts() -> typst.Fonts:
    """The fonts beside the templates, and no others."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(TEMPLATES / "fonts")]
    )


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads((TEMPLATES / "texts.toml").read_text(encoding="utf-8"))


@cache
def _coverage() -> frozenset[int]:
    """Code points with a glyph; a variation selector needs none."""
    runs = (line.partition("-") for line in (TEMPLATES / "fonts" / "coverage.txt").read_text().split())
    points = (range(int(first, 16), int(last or first, 16) + 1) for first, _, last in runs)
    return frozenset(chain(*points, range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0)))
