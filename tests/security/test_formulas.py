"""No text that people wrote is a formula in any table that is handed out: every column, every export, every payload."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from openpyxl import load_workbook

from app.cells import STARTS_FORMULA, harmless
from app.web import MUNICIPAL_UNION, SITE_MANAGER
from tests.access import OWN, Network
from tests.factories import Factories
from tests.security.filling import fill
from tests.security.pages import get_rules, payloads, readers
from tests.security.rows import furnish

FORMULAS = [*payloads("formulas.txt"), "\r=1+1", "\n=1+1"]
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def turned(shift: int) -> Callable[[str, int], str]:
    """A formula for each column, another at each shift."""
    numbers: dict[str, int] = {}

    def text_for(column: str, length: int) -> str:
        number = numbers.setdefault(column, len(numbers))
        return FORMULAS[(number + shift) % len(FORMULAS)][:length]

    return text_for


def exports(network: Network) -> Iterator[tuple[str, str, bytes]]:
    """Every answer that is a table: where, which kind, what."""
    for rule in get_rules(network.app):
        if not rule.rule.endswith((".csv", ".xlsx", "extension>")) and "csv" not in rule.rule:
            continue
        for role in readers(network.app, rule, (MUNICIPAL_UNION, SITE_MANAGER))[:1]:
            path = network.path(rule, OWN)
            for address in {path, path.replace(".pdf", ".xlsx"), path.replace(".pdf", ".csv")}:
                answer = network.ask(role, "GET", address)
                assert answer.status_code < 500, address
                if answer.mimetype in ("text/csv", WORKBOOK):
                    yield address, answer.mimetype, answer.data


def formulas_in(kind: str, content: bytes) -> list[str]:
    """The cells that a spreadsheet would calculate."""
    if kind == WORKBOOK:
        book = load_workbook(io.BytesIO(content))
        cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
        linked = [str(cell.value) for cell in cells if cell.data_type == "f" or cell.hyperlink]
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            return linked + [name for name in file.namelist() if b"<f>" in file.read(name) or "externalLink" in name]
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [cell for row in rows for cell in row if cell.lstrip(" ").startswith(STARTS_FORMULA)]


def texts_in(kind: str, content: bytes) -> str:
    """All that can be read in a table."""
    if kind != WORKBOOK:
        return content.decode("utf-8-sig")
    rows = (row for sheet in load_workbook(io.BytesIO(content)).worksheets for row in sheet.iter_rows(values_only=True))
    return "\n".join(str(cell) for row in rows for cell in row)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_export_has_a_formula(app: Flask, factories: Factories) -> None:
    network = Network(app, factories)
    furnish(network)
    for shift in (0, 8):
        fill(app, turned(shift))
        tables = list(exports(network))
        assert {kind for _, kind, _ in tables} == {"text/csv", WORKBOOK}
        assert len(tables) >= 8
        found = {address: formulas for address, kind, content in tables if (formulas := formulas_in(kind, content))}
        assert found == {}
        shown = [address for address, kind, content in tables if "1+1" in texts_in(kind, content)]
        assert len(shown) >= 4, shown


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_a_text(text: str) -> None:
    assert harmless(text) == (text if text.startswith('"') else f"'{text}")
    assert not str(harmless(text)).lstrip(" ").startswith(STARTS_FORMULA)


def test_other_cells_stay_as_they_are() -> None:
    assert [harmless(cell) for cell in ("甲", "1-2", 5, None, -3, "a=b")] == ["甲", "1-2", 5, None, -3, "a=b"]
