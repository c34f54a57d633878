"""What an import did or would do: counts, findings, sites that the list no longer has, and the file of bad rows."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter
from flask_babel import gettext

from app.cells import harmless
from app.errors import N_, Invalid
from app.sites.importing.convert import cell_text
from app.sites.importing.findings import Draft, Finding, Level

COUNTS = (
    "profile",
    "file",
    "format",
    "encoding",
    "is_dry_run",
    "rows",
    "new",
    "changed",
    "unchanged",
    "rejected",
    "without_pin",
    "hours_stated",
    "hours_known",
    "kept_edits",
    "sharing_points",
    "shared_points",
    "warnings",
    "notes",
)
LEVELS = {Level.ERROR: N_("left out"), Level.WARNING: N_("imported, please check"), Level.NOTE: N_("note")}


@dataclass(frozen=True)
class Named:
    """A site in a report."""

    id: int
    name: str
    address: str
    hint: str = ""


@dataclass
class ImportReport:
    """`new`, `changed`, `unchanged` and `rejected` add up to `rows`. `gone` are sites that the list no longer has."""

    profile: str
    file: str
    format: str
    encoding: str
    columns: tuple[str, ...]
    is_dry_run: bool
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    without_pin: int = 0
    hours_stated: int = 0
    hours_known: int = 0
    kept_edits: int = 0
    sharing_points: int = 0
    shared_points: int = 0
    gone: list[Named] = field(default_factory=list)
    flagged: list[Draft] = field(default_factory=list)
    notes: int = 0

    @property
    def warnings(self) -> int:
        """Rows that went in and that a person should look at."""
        return sum(not draft.is_rejected for draft in self.flagged)

    def count(self, drafts: Sequence[Draft]) -> None:
        """Count what the rows themselves say."""
        self.rows = len(drafts)
        self.rejected = sum(draft.is_rejected for draft in drafts)
        accepted = [draft for draft in drafts if not draft.is_rejected]
        self.without_pin = sum("lon" not in draft.values for draft in accepted)
        hours = [draft.values["hours"] for draft in accepted if "hours" in draft.values]
        self.hours_stated = len(hours)
        self.hours_known = sum(bool(stated["week"] or stated["workday"]) for stated in hours)
        self.flagged = [draft for draft in drafts if draft.needs_attention]
        self.notes = sum(finding.level == Level.NOTE for draft in accepted for finding in draft.findings)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        counts = {name: getattr(self, name) for name in COUNTS}
        gone = [{"id": site.id, "name": site.name, "address": site.address, "hint": site.hint} for site in self.gone]
        return {**counts, "gone": gone, "findings": [row for draft in self.flagged for row in _finding_rows(draft)]}

    def lines(self) -> Iterator[str]:
        """The summary for people."""
        title = N_("Trial run, nothing was changed: %(file)s") if self.is_dry_run else N_("Imported: %(file)s")
        yield gettext(title, file=self.file)
        yield gettext(
            N_("rows %(rows)s: new %(new)s, changed %(changed)s, unchanged %(unchanged)s, left out %(rejected)s"),
            rows=self.rows,
            new=self.new,
            changed=self.changed,
            unchanged=self.unchanged,
            rejected=self.rejected,
        )
        yield gettext(N_("no longer in the list: %(count)s (they stay; close them by hand)"), count=len(self.gone))
        yield gettext(N_("without a pin in the list: %(count)s"), count=self.without_pin)
        if self.hours_stated:
            yield gettext(
                N_("opening hours read: %(known)s of %(stated)s (%(percent)s %%)"),
                known=self.hours_known,
                stated=self.hours_stated,
                percent=f"{100 * self.hours_known / self.hours_stated:.1f}",
            )
        if self.sharing_points:
            yield gettext(
                N_("%(sites)s rows share %(points)s positions"), sites=self.sharing_points, points=self.shared_points
            )
        if self.kept_edits:
            yield gettext(N_("fields kept because a person has edited them: %(count)s"), count=self.kept_edits)
        yield gettext(N_("to be checked: %(count)s rows"), count=self.warnings)


def said(finding: Finding) -> tuple[str, str]:
    """Problem and remedy in the reader's language."""
    remedy = gettext(finding.remedy, **finding.params) if finding.remedy else ""
    return gettext(finding.problem, **finding.params), remedy


def _finding_rows(draft: Draft) -> Iterator[dict[str, Any]]:
    for finding in draft.findings:
        if finding.level != Level.NOTE:
            problem, remedy = said(finding)
            yield {
                "row": draft.number,
                "level": finding.level.value,
                "field": finding.field,
                "problem": problem,
                "remedy": remedy,
            }


def write_problems(report: ImportReport, path: Path) -> int:
    """Write the rows to be corrected to a CSV (UTF-8 with BOM, for Excel) or XLSX file, as its suffix says.

    One line per row: its number, what became of it, field, problem, remedy, and the cells as they were; corrected, the
    file can be imported with the same profile. Returns how many rows it holds. Raises Invalid for another suffix.
    """
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise Invalid(N_("The file of problems has to be .csv or .xlsx, not %(name)s"), name=path.name)
    header = [*(gettext(name) for name in (N_("row"), N_("result"), N_("field"), N_("problem"), N_("remedy")))]
    lines = [[*header, *report.columns], *(_problem_line(draft, report.columns) for draft in report.flagged)]
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([harmless(cell) for cell in line] for line in lines)
    else:
        _write_workbook(lines, path)
    return len(report.flagged)


def _problem_line(draft: Draft, columns: Sequence[str]) -> list[str]:
    findings = [finding for finding in draft.findings if finding.level != Level.NOTE]
    spoken = [said(finding) for finding in findings]
    worst = Level.ERROR if draft.is_rejected else Level.WARNING
    return [
        str(draft.number),
        gettext(LEVELS[worst]),
        "\n".join(finding.field for finding in findings),
        "\n".join(problem for problem, _ in spoken),
        "\n".join(remedy for _, remedy in spoken),
        *(cell_text(draft.cells.get(column)) for column in columns),
    ]


def _write_workbook(lines: Sequence[Sequence[str]], path: Path) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet()
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for number, line in enumerate(lines):
            for column, cell in enumerate(line):
                sheet.write_string(number, column, cell[:32767], wrapped if number else bold)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 1, 10)
        sheet.set_column(2, 4, 36)
