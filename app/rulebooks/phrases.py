"""Sentences about evidence, in both languages, from `phrases.toml`: named, with parameters, rendered at the edge."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

from app.months import Month
from app.rulebooks.model import Text

PHRASES = Path(__file__).with_name("phrases.toml")
DECIMALS = Decimal("0.01")
Param = Fraction | int | str | date | Month | Text | tuple["Param", ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence to say: its name in `phrases.toml` and what to put into it."""

    name: str
    params: Mapping[str, Param] = field(default_factory=dict)

    def say(self, language: str) -> str:
        """The sentence in ``zh`` or ``en``."""
        return fill(phrase_texts()[self.name], self.params, language)


@cache
def phrase_texts() -> Mapping[str, Text]:
    """All sentences by name."""
    return {name: Text(zh=row["zh"], en=row["en"]) for name, row in tomllib.loads(PHRASES.read_text("utf-8")).items()}


def word(name: str, language: str) -> str:
    """A fixed wording, such as the name of a result or a unit."""
    return phrase_texts()[name][language]


def fill(text: Text, params: Mapping[str, Param], language: str) -> str:
    """`text` in one language with its placeholders replaced."""
    return text[language].format_map({name: show(value, language) for name, value in params.items()})


def show(value: Param, language: str) -> str:
    """A parameter as people read it: numbers cut to two decimals, never rounded up over a threshold."""
    if isinstance(value, Text):
        return value[language]
    if isinstance(value, tuple):
        return word("list_separator", language).join(show(one, language) for one in value)
    if isinstance(value, Fraction):
        return f"{cut(value):f}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def cut(value: Fraction) -> Decimal:
    """`value` rounded down to two decimals, without trailing zeros: 99.999 is 99.99 and -0.001 is -0.01."""
    hundredths = value.numerator * 100 // value.denominator
    shortened = (Decimal(hundredths) / 100).quantize(DECIMALS, ROUND_FLOOR).normalize()
    return shortened.quantize(Decimal(1)) if shortened == shortened.to_integral_value() else shortened


def json_number(value: Fraction) -> int | float:
    """`value` for JSON, cut in the same way."""
    shortened = cut(value)
    return int(shortened) if shortened == shortened.to_integral_value() else float(shortened)
