"""Names and addresses made comparable, floors, and words that keep a room from being published. Pure."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

WORDS = Path(__file__).parent.parent / "data" / "import_words.toml"
TENS = 10
JOINED = "\x1f"
"""Stands for the sign between two numbers while all other signs are dropped."""
_SIGNS = re.compile(rf"[^\w{JOINED}]+|_+")
KEY_LENGTH = {"name_key": 200, "address_key": 300}


@dataclass(frozen=True)
class FloorPattern:
    """`sign` is 1 above and -1 below the ground; `order` stands for a floor without a number."""

    pattern: re.Pattern[str]
    sign: int
    order: int


@dataclass(frozen=True)
class Words:
    """The contents of data/import_words.toml."""

    folds: dict[int, str]
    numeral: re.Pattern[str]
    digits: Mapping[str, str]
    ten: str
    joiner: re.Pattern[str]
    address_floor: re.Pattern[str]
    staff_only: tuple[str, ...]
    staff_only_unless: tuple[str, ...]
    any_of_those: re.Pattern[str]
    floors: Mapping[str, tuple[FloorPattern, ...]]
    yes: frozenset[str]
    no: frozenset[str]


@cache
def words() -> Words:
    """Read the words once."""
    data = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    digits = data["numerals"]["digits"]
    floors = {
        style: tuple(FloorPattern(re.compile(row["pattern"]), row.get("sign", 1), row.get("order", 0)) for row in rows)
        for style, rows in data["floors"].items()
    }
    return Words(
        folds=str.maketrans(data["folds"]),
        numeral=re.compile(f"[{''.join(digits)}](?=[{data['numerals']['before']}])"),
        digits=digits,
        address_floor=re.compile(data["addresses"]["floor"]),
        ten=data["numerals"]["ten"],
        joiner=re.compile(rf"(?<=\d)\s*[{re.escape(data['numerals']['joiners'])}]\s*(?=\d)"),
        staff_only=tuple(data["staff_only"]["words"]),
        staff_only_unless=tuple(data["staff_only"]["unless"]),
        any_of_those=_any_of([*data["staff_only"]["words"], *data["staff_only"]["unless"]]),
        floors=floors,
        yes=frozenset(data["truth"]["yes"]),
        no=frozenset(data["truth"]["no"]),
    )


def _any_of(phrases: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(phrase.lower()) for phrase in phrases))


@lru_cache(maxsize=4096)
def comparable(text: str) -> str:
    """A text without what differs between two spellings of the same thing: width, case, variants, spaces, signs."""
    folded = unicodedata.normalize("NFKC", text).lower().translate(words().folds)
    with_digits = words().numeral.sub(lambda match: words().digits[match.group()], folded)
    joined = words().joiner.sub(JOINED, with_digits)
    return _SIGNS.sub("", joined).replace(JOINED, "-")


def name_key(name: str) -> str:
    """What two spellings of a site's name have in common."""
    return comparable(name)[: KEY_LENGTH["name_key"]]


def address_key(address: str) -> str:
    """What two spellings of an address have in common; the floor behind the house number does not count."""
    return words().address_floor.sub("", comparable(address))[: KEY_LENGTH["address_key"]]


def hint_key(floor_label: str, landmark: str) -> str:
    """What tells two sites of one name and address apart."""
    return comparable(landmark or floor_label)


def floor_of(text: str, style: str) -> tuple[str, int] | None:
    """The floor that a text names: its words and its order (1 the first, -1 the first below ground), or None.

    A text that names two different floors gives None: it stands for several rooms, or for a way and not for a place.
    """
    plain = unicodedata.normalize("NFKC", text)
    found: dict[int, str] = {}
    for rule in words().floors[style]:
        for match in rule.pattern.finditer(plain):
            groups = match.groupdict()
            number = groups.get("number") or groups.get("number2")
            found.setdefault(rule.order if number is None else rule.sign * _number(number), match.group().strip())
        plain = rule.pattern.sub(" ", plain)
    if len(found) != 1:
        return None
    ((order, label),) = found.items()
    return (label, order) if -9 <= order <= 150 else None


def _number(text: str) -> int:
    """1 to 99 in digits or Chinese numerals."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition(words().ten)
    digits = words().digits
    if not ten:
        return int(digits[text[-1]])
    return int(digits.get(tens, "1")) * TENS + int(digits.get(ones, "0"))


def staff_only_words(*texts: str) -> str | None:
    """The words that say that a site is for staff only, or None when no text says so."""
    if not words().any_of_those.search("\n".join(texts).lower()):
        return None  # as nearly every row
    for text in texts:
        plain = text
        for phrase in words().staff_only_unless:
            plain = plain.replace(phrase, "")
        for word in words().staff_only:
            if word in plain.lower():
                return word
    return None
