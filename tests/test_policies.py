"""docs/policies.md says where every article is fulfilled: each place it names exists."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.rulebooks import available, load
from tests.test_structure import own_commands

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "policies.md"
ROW = re.compile(r"^\| (?!place in|---)(?P<place>[^|]+) \| (?P<asks>[^|]+) \| (?P<by>[^|]+) \|$", re.MULTILINE)
CONVERTER = re.compile(r"<[^:>]*:(\w+)>")


def sections() -> dict[str, list[re.Match[str]]]:
    """The rows of each policy by its rulebook's id."""
    parts = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {part.split("\n", 1)[0].strip(): list(ROW.finditer(part)) for part in parts}


def targets() -> list[str]:
    found = (re.findall(r"`([^`]+)`", row["by"]) for rows in sections().values() for row in rows)
    return sorted({target for targets_of_row in found for target in targets_of_row})


def test_every_rulebook_has_a_table_and_every_row_a_target() -> None:
    found = sections()
    assert sorted(found) == sorted(available())
    empty = [row["place"] for rows in found.values() for row in rows if "`" not in row["by"]]
    assert empty == []
    assert all(len(rows) >= 6 for rows in found.values())


@pytest.mark.parametrize("rulebook_id", available())
def test_every_annex_and_sheet_of_a_rulebook_is_in_the_table(rulebook_id: str) -> None:
    rulebook = load(rulebook_id)
    named = set(targets())
    parts = [f"forms.{form.id}" for form in rulebook.forms] + [f"sheets.{name}" for name in rulebook.score_sheets]
    assert [part for part in parts if f"{rulebook_id}#{part}" not in named] == []


def test_every_page_it_names_exists(app: Flask) -> None:
    pages = {CONVERTER.sub(r"<\1>", re.sub(r"\([^)]*\)", "", rule.rule)) for rule in app.url_map.iter_rules()}
    asked = [target for target in targets() if target.startswith("/")]
    assert len(asked) > 30
    assert [target for target in asked if target not in pages] == []


def test_every_command_it_names_exists(app: Flask) -> None:
    commands = set(own_commands(app.cli, "flask"))
    asked = [target for target in targets() if target.startswith("flask ")]
    assert len(asked) > 3
    assert [target for target in asked if target not in commands] == []


def test_every_part_of_a_rulebook_it_names_exists() -> None:
    asked = [target.split("#") for target in targets() if "#" in target]
    assert len(asked) > 60
    assert [f"{name}#{part}" for name, part in asked if not exists(tomllib.loads(load(name).content), part)] == []


def exists(rulebook: dict[str, Any], part: str) -> bool:
    section, _, name = part.partition(".")
    found = rulebook.get(section)
    if not name:
        return bool(found)
    if isinstance(found, list):
        return any(row.get("id") == name for row in found)
    return isinstance(found, dict) and name in found


def test_every_test_it_names_exists() -> None:
    asked = [target for target in targets() if target.startswith("tests/")]
    assert len(asked) == len(available())
    assert [target for target in asked if not (ROOT / target).is_file()] == []
