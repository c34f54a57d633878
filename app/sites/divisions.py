"""Names of China's administrative divisions down to districts by six-digit code (statistics bureau, 2023-06)."""

import csv
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "divisions.csv"


@cache
def _names() -> dict[str, str]:
    with DATA.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


def division_name(code: str | None) -> str | None:
    """Name of the division, of its district when `code` (9 or 12 digits) names a street, or None when not listed.

    Other lengths are other countries' codes: Taipei's 63000010 has nothing to do with 630000 (Qinghai).
    """
    code = code or ""
    return _names().get(code[:6] if len(code) in (9, 12) else code)


def division_path(code: str) -> tuple[str, ...]:
    """Names from province to the division itself; unknown levels are left out."""
    levels = dict.fromkeys((code[:2] + "0000", code[:4] + "00", code[:6]))
    return tuple(name for name in map(_names().get, levels) if name)


def district_codes() -> dict[str, str]:
    """All six-digit codes with their names."""
    return dict(_names())
