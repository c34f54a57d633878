"""Signs that somebody is inside the room: the word of the month on its wall, the rotating code of its tablet. Pure.

Both show that whoever logs a use knows what only the room tells. Neither shows that she used it, and whoever has seen
the wall can pass the word on until the month is over (docs/evidence.md).
"""

import hmac
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from app.months import Month

WORD, CODE = "word", "code"
METHODS = (WORD, CODE)
CODE_DIGITS = 5
CODE_LASTS = timedelta(minutes=2)
CARD_CHANGES_WITHIN = timedelta(days=3)
"""So long into a month the word of the month before is taken too: cards are not all changed at midnight."""
LONGEST_SAID = 40


@dataclass(frozen=True, slots=True)
class Word:
    """A word of two characters and its pinyin without tones (``v`` for ü); either may be typed."""

    text: str
    pinyin: str


@cache
def words() -> tuple[Word, ...]:
    """All words there are."""
    data = tomllib.loads((Path(__file__).parent / "data" / "words.toml").read_text(encoding="utf-8"))
    return tuple(Word(*line.split(" ")) for line in data["words"])


def word_of_month(secret: str, site_id: int, month: Month) -> Word:
    """The word of a site and month: it cannot be told from other sites' or months' words without ``secret``."""
    drawn = int.from_bytes(_mac(secret, "word", site_id, month)[:8], "big")
    return words()[drawn % len(words())]


def is_word(secret: str, site_id: int, said: str, at: datetime) -> bool:
    """Whether ``said`` (characters or pinyin) is the site's word at the UTC instant ``at``."""
    month = Month.of(at)
    months = (month, month - 1) if at - month.start_at < CARD_CHANGES_WITHIN else (month,)
    known = {form for one in months for form in _forms(word_of_month(secret, site_id, one))}
    return folded(said) in known


def code_at(secret: str, tablet_key: str, at: datetime) -> str:
    """The digits that the tablet shows at the UTC instant ``at``; they change every two minutes."""
    return _code(secret, tablet_key, _turn(at))


def is_code(secret: str, tablet_key: str, said: str, at: datetime) -> bool:
    """Whether ``said`` is what the tablet shows at ``at``, or showed just before."""
    turn = _turn(at)
    return folded(said) in (_code(secret, tablet_key, turn), _code(secret, tablet_key, turn - 1))


def changes_in(at: datetime) -> timedelta:
    """How long the code shown at ``at`` stays, more than nothing and at most two minutes."""
    return CODE_LASTS - timedelta(seconds=at.timestamp() % CODE_LASTS.total_seconds())


def folded(said: str) -> str:
    """What was typed without blanks and marks, in small half-width letters, ``v`` for ü."""
    plain = unicodedata.normalize("NFKC", said[:LONGEST_SAID]).casefold().replace("ü", "v")
    return "".join(sign for sign in plain if sign.isalnum())


def _forms(word: Word) -> tuple[str, str]:
    return word.text, word.pinyin


def _turn(at: datetime) -> int:
    return int(at.timestamp() // CODE_LASTS.total_seconds())


def _code(secret: str, tablet_key: str, turn: int) -> str:
    drawn = int.from_bytes(_mac(secret, "tablet", tablet_key, turn)[:8], "big")
    return f"{drawn % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def _mac(secret: str, *parts: object) -> bytes:
    said = "\n".join(("xiaowu presence", *map(str, parts)))
    return hmac.digest(secret.encode(), said.encode(), "sha256")
