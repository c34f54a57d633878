"""The coverage figures as a workbook."""

from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO

from app.documents.coverage import Coverage, rules
from app.documents.layouts import day
from app.documents.workbook import Page, workbook
from app.months import local_date
from app.sites.particulars import premises


def coverage_workbook(name: str, found: Coverage, branches: Sequence[tuple[str, Coverage]], at: datetime) -> BinaryIO:
    """Three sheets: the figures, the unions directly below, and every unit that still lacks a room."""
    said = rules()
    heading = title(name)
    lines = [(said["unit"].format(union=name), said["date"].format(date=day(local_date(at))))]
    rows = [_branch(number, branch, one) for number, (branch, one) in enumerate(branches, start=1)]
    gaps = [[number, unit.name, unit.code, unit.women_workers] for number, unit in enumerate(found.gaps, start=1)]
    pages = [
        Page(said["sheet_figures"], heading, lines, said["figures_columns"], (40, 14), _figures(found)),
        Page(said["sheet_branches"], heading, lines, said["branch_columns"], (6, 34, 12, 12, 10, 14, 14, 12), rows,
             _branch(said["total"], "", found)),
        Page(said["sheet_gaps"], heading, lines, said["gap_columns"], (6, 40, 16, 14), gaps, notes=_notes(found)),
    ]  # fmt: skip
    return workbook(pages, at)


def _notes(found: Coverage) -> list[str]:
    """An empty sheet of gaps may mean that there is none, or that nobody has said how large the units are."""
    said = rules()
    notes = [] if found.gaps else [said["no_gaps"]]
    return [*notes, said["gaps_unstated"].format(number=found.units_unstated)] if found.units_unstated else notes


def title(name: str) -> str:
    """What stands over the figures of the union of that name."""
    return str(rules()["title"].format(union=name))


def _figures(found: Coverage) -> list[list[object]]:
    said = rules()
    named = ("units", "units_covered", "rooms", "public_rooms")
    rows: list[list[object]] = [[said[name], getattr(found, name)] for name in named]
    for code, number in found.places.items():
        rows.append([said["place"].format(place=premises()[code].zh) if code else said["unclassified"], number])
    rows += [[said[name], getattr(found, name)] for name in ("women", "women_covered", "units_unstated")]
    return [*rows, [said["gaps"].format(least=found.gap_from), len(found.gaps)]]


def _branch(number: object, name: str, found: Coverage) -> list[object]:
    figures = [found.units, found.units_covered, found.rooms, found.public_rooms, found.women_covered]
    return [number, name, *figures, len(found.gaps)]
