"""The closed list of things a profile may do to a text cell."""

import html
import re
import unicodedata
from collections.abc import Callable
from datetime import date

ROC_YEAR_OFFSET = 1911


def squeeze(text: str) -> str:
    """One line: any run of spaces and line breaks is one space."""
    return " ".join(text.split())


def lines(text: str) -> str:
    """Trimmed lines; empty ones are left out."""
    return "\n".join(part for line in text.splitlines() if (part := squeeze(line)))


def halfwidth(text: str) -> str:
    """Full-width letters, digits and signs as half-width ones (NFKC)."""
    return unicodedata.normalize("NFKC", text)


def roc_date(text: str) -> str:
    """A date of the ROC calendar, 115 + year month day in any signs, as ISO: year 115 is 2026."""
    return _date(text, lambda numbers: (numbers[0] + ROC_YEAR_OFFSET, numbers[1], numbers[2]))


def year_month_day(text: str) -> str:
    """A date as ISO from 2026-8-31, 2026/08/31, 2026.8.31 or the same with the words for year, month and day."""
    return _date(text, lambda numbers: (numbers[0], numbers[1], numbers[2]))


def day_month_year(text: str) -> str:
    """A date as ISO from 31/08/2026."""
    return _date(text, lambda numbers: (numbers[2], numbers[1], numbers[0]))


def _date(text: str, order: Callable[[list[int]], tuple[int, int, int]]) -> str:
    """Three numbers as a date; empty stays empty. Raises ValueError for anything else. A time behind it is dropped."""
    if not text.strip():
        return ""
    numbers = [int(number) for number in re.findall(r"\d{1,4}", text)[:3]]
    if len(numbers) != 3:
        raise ValueError(text)
    return date(*order(numbers)).isoformat()


TRANSFORMS: dict[str, Callable[[str], str]] = {
    "strip": str.strip,
    "squeeze": squeeze,
    "lines": lines,
    "halfwidth": halfwidth,
    "html": html.unescape,
    "lower": str.lower,
    "upper": str.upper,
    "roc_date": roc_date,
    "year_month_day": year_month_day,
    "day_month_year": day_month_year,
}
