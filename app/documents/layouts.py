"""How forms are arranged, and their words beside those of the rulebooks: `data/layouts.toml`. Pure."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("data")
Options = Sequence[tuple[str, Sequence[str]]]
"""What may be ticked: the words on the form, and the codes that they stand for."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The arrangement of one rulebook's forms. `left`, `right`: fields above the table."""

    left: str
    right: str
    seal_left: bool
    choices: Mapping[str, Options]
    equipment: Mapping[str, Any] = field(default_factory=dict)


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads((DATA / "layouts.toml").read_text(encoding="utf-8"))


@cache
def layout_of(rulebook_id: str) -> Layout:
    """The layout for a rulebook; what it does not say is as in the default one."""
    common, own = _data()["default"], _data().get(rulebook_id, {})
    merged = {**common, **own, "choices": {**common["choices"], **own.get("choices", {})}}
    return Layout(**merged)


def word(name: str, /, **values: object) -> str:
    """One of the words on documents, with its values filled in."""
    text: str = _data()["words"][name]
    return text.format(**values) if values else text


def words_list(name: str) -> list[Any]:
    """One of the lists of headings, or of the widths of columns."""
    return list(_data()["heads"][name])


def day(on: date | None) -> str:
    """A local date as forms write it, or blanks to be filled in by hand."""
    return word("date", year=on.year, month=on.month, day=on.day) if on else word("blank_date")


def ticks(options: Options, code: str | None, shown: str = "", *, between: str = "") -> str:
    """All options with the one for `code` ticked; a code that none of them stands for is `shown` at the end."""
    parts = [f"{word('ticked' if code in codes else 'open')}{label}" for label, codes in options]
    if code and shown and not any(code in codes for _, codes in options):
        parts.append(word("ticked") + word("other", text=shown))
    return (between or word("between")).join(parts)
