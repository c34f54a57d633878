"""The one vocabulary of facilities, covering all five policies; the labels are data (data/facilities.toml)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "facilities.toml"


@dataclass(frozen=True, slots=True)
class Facility:
    """One kind of thing a site can have. `bit` is its place in the finder's masks."""

    code: str
    group: str
    zh: str
    en: str
    bit: int

    def label(self, locale: str) -> str:
        """Its name for the reader of `locale`."""
        return self.en if locale.startswith("en") else self.zh


@cache
def facilities() -> dict[str, Facility]:
    """All facilities by code, in the order in which people see them."""
    rows = tomllib.loads(DATA.read_text(encoding="utf-8"))["facility"]
    return {row["code"]: Facility(bit=bit, **row) for bit, row in enumerate(rows)}
