"""docs/security.md names code and tests that there are, and covers every chapter."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|md|toml|conf|service|html))`")
CHAPTERS = 17


def rows() -> list[list[str]]:
    """The lines of the checklist: item, how, where."""
    _, _, checklist = TEXT.partition("## V1 ")
    lines = (line.strip("| ").split(" | ") for line in checklist.splitlines() if line.startswith("| "))
    return [line for line in lines if line[0] != "item"]


def test_every_named_file_is_there() -> None:
    named = set(NAMED.findall(TEXT))
    assert len(named) > 40
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_chapter_is_gone_through() -> None:
    assert re.findall(r"^## V(\d+) ", TEXT, re.MULTILINE) == [str(number) for number in range(1, CHAPTERS + 1)]


def test_every_line_names_its_code_or_test_or_says_why_not() -> None:
    silent = [row[0] for row in rows() if not NAMED.search(row[-1]) and "n/a" not in " ".join(row)]
    assert silent == []
    assert len(rows()) > 80


def test_what_is_open_is_said() -> None:
    assert TEXT.count("**Open**") >= 10
