"""The card with the word of the month as PDF: values in, bytes out."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import typst

from app.months import Month
from app.sites.posters import TEMPLATES, clean, fonts
from app.usage.presence import Word


@dataclass(frozen=True, slots=True)
class WordCard:
    """What one card says. ``network`` empty means the usual name; ``is_sample`` marks demonstration data."""

    name: str
    floor_label: str
    month: Month
    word: Word
    network: str
    is_sample: bool


def word_card_pdf(card: WordCard) -> bytes:
    """One A5 page to hang inside the room."""
    data = {
        "name": clean(card.name),
        "floor_label": clean(card.floor_label),
        "year": str(card.month.year),
        "month": str(card.month.month),
        "word": card.word.text,
        "pinyin": card.word.pinyin,
        "network": clean(card.network),
        "is_sample": card.is_sample,
    }
    first = card.month.first_on
    pdf = typst.compile(
        TEMPLATES / "word.typ", root=TEMPLATES, font_paths=fonts(), sys_inputs={"data": json.dumps(data)},
        timestamp=datetime(first.year, first.month, first.day, tzinfo=UTC), format="pdf",
    )  # fmt: skip
    assert isinstance(pdf, bytes)  # noqa: S101  it is a list only for images of several pages
    return pdf
