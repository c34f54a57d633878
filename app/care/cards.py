"""The children's cards as PDF. On a card stand label and code; the site stands on the margin that is cut off."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import typst

from app.care.models import CareChild, CareTerm
from app.config import Settings
from app.errors import N_, Conflict
from app.months import local_date
from app.sites.door_codes import grouped, qr_svg
from app.sites.models import Site
from app.sites.posters import TEMPLATES, clean, fonts


@dataclass(frozen=True, slots=True)
class Card:
    """One child's card. `url` is what the symbol holds."""

    label: str
    code: str
    url: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """All cards of one print."""

    heading: str
    network: str
    term: str
    printed_on: date
    is_sample: bool
    cards: Sequence[Card]


def card_url(base_url: str, code: str) -> str:
    """The address behind a card's symbol, ``https://HOST/c/CODE``."""
    return f"{base_url}/c/{code}"


def sheet_of(site: Site, term: CareTerm, children: Sequence[CareChild], settings: Settings, now: datetime) -> Sheet:
    """The print of `children`, today."""
    cards = [Card(one.label, one.code, card_url(settings.base_url, one.code)) for one in children]
    return Sheet(site.name, settings.network_name, term.name, local_date(now), site.is_synthetic, cards)


def cards_pdf(sheet: Sheet) -> bytes:
    """Ten cards an A4 page. Raises Conflict when there is nothing to print."""
    if not sheet.cards:
        raise Conflict(N_("There is no child whose card could be printed"))
    data = {
        "heading": clean(sheet.heading),
        "network": clean(sheet.network),
        "term": clean(sheet.term),
        "printed_on": sheet.printed_on.isoformat(),
        "is_sample": sheet.is_sample,
        "cards": [
            {"label": clean(card.label), "code": grouped(card.code), "qr": qr_svg(card.url, logo=False)}
            for card in sheet.cards
        ],
    }
    day = sheet.printed_on
    pdf = typst.compile(
        TEMPLATES / "cards.typ", root=TEMPLATES, font_paths=fonts(), sys_inputs={"data": json.dumps(data)},
        timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC), format="pdf",
    )  # fmt: skip
    assert isinstance(pdf, bytes)  # noqa: S101  it is a list only for images of several pages
    return pdf
