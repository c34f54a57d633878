"""docs/trust.md names one command for each claim: each of them is there."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from click import Command, Group
from flask import Flask

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = re.findall(r"`((?:pytest|python3?|flask) [^`]+)`", (ROOT / "docs" / "trust.md").read_text(encoding="utf-8"))


def words_of(tool: str) -> list[list[str]]:
    return [command.split()[1:] for command in COMMANDS if command.split()[0] == tool]


def test_there_are_commands() -> None:
    assert len(COMMANDS) > 20


@pytest.mark.parametrize("words", words_of("pytest"), ids=" ".join)
def test_the_tests_exist(words: list[str]) -> None:
    assert [word for word in words if not (ROOT / word).exists()] == []


@pytest.mark.parametrize("words", words_of("python") + words_of("python3"), ids=" ".join)
def test_the_programs_exist(words: list[str]) -> None:
    assert find_spec(words[1]) if words[0] == "-m" else (ROOT / words[0]).is_file()


@pytest.mark.parametrize("words", words_of("flask"), ids=" ".join)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_commands_exist(app: Flask, words: list[str]) -> None:
    command: Command = app.cli
    rest = words[2:]  # after --app app.wsgi
    while isinstance(command, Group):
        command = command.commands[rest.pop(0)]
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in rest if word.startswith("--")} <= options
