"""Rules about the code base itself."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import gettext

from app import create_app
from app.config import ENVIRONMENT, Settings
from app.web import declared_access

ROOT = Path(__file__).resolve().parent.parent
APP = sorted((ROOT / "app").rglob("*.py"))
TOOLS = sorted((ROOT / "tools").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
TEMPLATES = sorted((ROOT / "app" / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))
STYLES = sorted((ROOT / "static" / "css").rglob("*.css"))
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
CHINESE = re.compile(r"[\u3001-\u303f\u3400-\u9fff\uf900-\ufaff\uff01-\uffee]")
FILE_LINES = 300
FUNCTION_LINES = 40
Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@pytest.fixture(scope="module")
def plain_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application with its defaults; no test here asks its database."""
    environ = {"XIAOWU_MODE": "test", "XIAOWU_DATA": str(tmp_path_factory.mktemp("plain"))}
    return create_app(Settings.from_environment(environ))


def named(path: Path, line: int | None = None) -> str:
    return str(path.relative_to(ROOT)) + (f":{line}" if line else "")


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


# ------------------------------------------------------------------------------------------------ size


def test_files_have_at_most_300_lines() -> None:
    sizes = {named(path): len(path.read_text().splitlines()) for path in (*APP, *TOOLS, *TESTS, *SCRIPTS)}
    assert {name: size for name, size in sizes.items() if size > FILE_LINES} == {}


def test_functions_have_at_most_40_lines() -> None:
    long = [
        f"{named(path, node.lineno)} {node.name}"
        for path in (*APP, *TOOLS, *TESTS)
        for node in ast.walk(parsed(path))
        if isinstance(node, Function) and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ]
    assert long == []


# ------------------------------------------------------------------------------------------------ language


def docstrings(tree: ast.Module) -> Iterator[ast.expr]:
    """Every string that stands as a statement: docstrings, and the texts below attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def test_python_holds_no_chinese_for_people() -> None:
    found = []
    for path in APP:
        tree = parsed(path)
        skipped = set(map(id, docstrings(tree)))
        found += [
            named(path, node.lineno)
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped
            if HAN.search(node.value)
        ]
    assert found == []


def messages() -> set[str]:
    """Every message id in Python and templates, extracted as `make messages` does."""
    errors = re.search(r"^ERRORS := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert errors
    with (ROOT / "babel.cfg").open() as file:
        mapping, options = parse_mapping_cfg(file)
    keywords: dict[str, None] = dict.fromkeys(("_", "gettext", "lazy_gettext", *errors[1].split()))
    plural = {"ngettext": (1, 2)}
    rows = extract_from_dir(ROOT, mapping, options, keywords={**keywords, **plural}, directory_filter=is_source)
    return {single for row in rows for single in ([row[2]] if isinstance(row[2], str) else row[2]) if single}


def is_source(folder: str) -> bool:
    return not Path(folder).name.startswith(".") and Path(folder).name not in ("tests", "translations", "static")


def catalogue(locale: str) -> Catalog:
    with (ROOT / "translations" / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=locale)


def untranslated(ids: Iterable[str], locale: str) -> list[str]:
    known = catalogue(locale)
    return sorted(text for text in ids if not (message := known.get(text)) or not message.string or message.fuzzy)


def test_every_chinese_message_has_an_english_translation() -> None:
    assert untranslated((text for text in messages() if CHINESE.search(text)), "en") == []


def test_every_english_message_has_a_chinese_translation() -> None:
    assert untranslated((text for text in messages() if not CHINESE.search(text)), "zh_Hans_CN") == []


def test_translations_keep_the_parameters() -> None:
    parameter = re.compile(r"%\(\w+\)[sd]")
    wrong = [
        message.id
        for locale in ("en", "zh_Hans_CN")
        for message in catalogue(locale)
        if isinstance(message.id, str) and message.id and message.string
        if set(parameter.findall(message.id)) != set(parameter.findall(str(message.string)))
    ]
    assert wrong == []


def test_a_template_really_speaks_both_languages(plain_app: Flask) -> None:
    client = plain_app.test_client()
    assert "跳到正文" in client.get("/no-such-page").text
    english = client.get("/no-such-page?lang=en").text
    assert "跳到正文" not in english
    assert '<html lang="en"' in english


def test_a_python_message_really_speaks_both_languages(plain_app: Flask) -> None:
    said = "Please log in first"
    with plain_app.test_request_context("/?lang=zh"):
        assert CHINESE.search(gettext(said))
    with plain_app.test_request_context("/?lang=en"):
        assert gettext(said) == said


# ------------------------------------------------------------------------------------------------ templates


def in_templates(pattern: str) -> list[str]:
    found = []
    for path in TEMPLATES:
        text = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        found += [f"{named(path)}: {match[0]}" for match in re.finditer(pattern, text, re.IGNORECASE)]
    return found


def test_templates_have_no_inline_style_or_handler() -> None:
    assert in_templates(r"<[^>]*\s(style|on[a-z]+)\s*=") == []


def test_inline_scripts_and_styles_carry_the_nonce() -> None:
    assert in_templates(r"<style(?![^>]*nonce=)[^>]*>") == []
    assert in_templates(r"<script(?![^>]*(nonce=|src=|type=\"application/))[^>]*>") == []


def test_pages_load_nothing_from_elsewhere() -> None:
    assert in_templates(r"(src|srcset|action)=\"(https?:)?//") == []
    remote = [named(path) for path in STYLES if re.search(r"(@import|url\(\s*[\"']?(https?:)?//)", path.read_text())]
    assert remote == []


def test_people_see_no_chinese_from_scripts() -> None:
    assert [named(path) for path in SCRIPTS if CHINESE.search(path.read_text(encoding="utf-8"))] == []


# ------------------------------------------------------------------------------------------------ what is declared


def test_every_route_declares_who_may_use_it(plain_app: Flask) -> None:
    rules = list(plain_app.url_map.iter_rules())
    assert len(rules) > 10
    assert [rule.rule for rule in rules if not declared_access(plain_app, rule.endpoint)] == []


def test_every_setting_is_documented() -> None:
    documented = re.findall(r"^\| `(\w+)` ", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)
    assert set(ENVIRONMENT) == {field.name for field in fields(Settings)}
    assert sorted(documented) == sorted({*ENVIRONMENT.values(), "HOST", "PORT", "BIND", "WEB_CONCURRENCY"})


def own_commands(group: click.Group, prefix: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from own_commands(command, f"{prefix} {name}")
        elif command.callback is not None and is_ours(command.callback):
            yield f"{prefix} {name}"


def is_ours(callback: object) -> bool:
    inner = getattr(callback, "__wrapped__", callback)
    return str(getattr(inner, "__module__", "")).startswith("app.")


def test_every_command_is_documented(plain_app: Flask) -> None:
    documented = (ROOT / "docs" / "operations.md").read_text()
    commands = list(own_commands(plain_app.cli, "flask"))
    assert len(commands) > 3
    assert [command for command in commands if f"`{command}" not in documented] == []


def test_every_decision_has_context_decision_and_consequences() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert len(pages) >= 6
    parts = ("## Context", "## Decision", "## Consequences")
    assert [named(page) for page in pages if not all(part in page.read_text() for part in parts)] == []


# ------------------------------------------------------------------------------------------------ tests and packages


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    forbidden = re.compile(r"pytest\.(skip|xfail|importorskip)\b|mark\.(skip|skipif|xfail)\b|unittest\.mock")
    mine = Path(__file__)
    found = {named(path): forbidden.findall(path.read_text()) for path in TESTS if path != mine}
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_browser_tests_wait_for_what_they_expect() -> None:
    """`assert locator.count() == 1` asks once, maybe before the page is there; `expect(locator)` asks until it is."""
    once = re.compile(r"assert .*(?:locator|get_by_\w+)\(.*\.(?:count|is_visible|is_hidden|is_enabled|is_checked)\(\)")
    lines = ((path, number, line) for path in TESTS for number, line in enumerate(path.read_text().splitlines(), 1))
    assert [named(path, number) for path, number, line in lines if once.search(line)] == []


def test_requirements_are_pinned_by_name_and_version() -> None:
    lines = [
        line.strip()
        for name in ("requirements.txt", "requirements-dev.txt")
        for line in (ROOT / name).read_text().splitlines()
        if line.strip() and not line.startswith("#") and line != "-r requirements.txt"
    ]
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)] == []


def test_the_version_is_in_the_changelog() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()
