"""``flask sites import | boundaries | worklist``: lists of sites from elsewhere, for an operator."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import click
import orjson
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from flask_babel import force_locale, gettext
from sqlalchemy import select

from app import clock
from app.accounts.models import TradeUnion
from app.db import db, unit_of_work
from app.errors import N_, DomainError
from app.sites.boundaries import load_boundaries
from app.sites.datums import Datum
from app.sites.importing.findings import Finding, Level
from app.sites.importing.profile_loader import load_profile, shipped_profiles
from app.sites.importing.readers import Cells
from app.sites.importing.report import ImportReport, said, write_problems
from app.sites.importing.run import Order, Rows, find_union, run_import
from app.sites.importing.worklist import pin_worklist
from app.sites.models import Site

SHOWN = 20
LEVELS = {Level.ERROR: N_("error"), Level.WARNING: N_("warning"), Level.NOTE: N_("note")}
DATUMS = click.Choice([datum.value for datum in Datum])


@contextmanager
def _speaking() -> Iterator[None]:
    """In the language of the installation; what is wrong is said in a sentence."""
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        try:
            yield
        except DomainError as error:
            raise click.ClickException(gettext(error.message, **error.params)) from error


def _progress(rows: Sequence[tuple[int, Cells]]) -> AbstractContextManager[Rows]:
    return click.progressbar(rows, file=sys.stderr) if sys.stderr.isatty() else nullcontext(rows)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--profile", "profile_name", required=True, help="Id of a shipped profile, or the path of your own.")
@click.option("--union", "union_code", required=True, help="Code of the union that hosts the sites.")
@click.option("--datum", type=DATUMS, help="What the coordinates refer to, if the profile does not say.")
@click.option("--encoding", help="Encoding of a CSV file, if it cannot be told: utf-8, gb18030, big5.")
@click.option("--sheet", help="Name of the sheet of a workbook; without it the first that has the columns.")
@click.option("--problems", type=click.Path(dir_okay=False, path_type=Path), help="File (.csv, .xlsx) for bad rows.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON on standard output.")
@click.option("--dry-run", is_flag=True, help="Report only; change nothing.")
@with_appcontext
def import_command(
    file: Path,
    *,
    profile_name: str,
    union_code: str,
    datum: str | None,
    encoding: str | None,
    sheet: str | None,
    problems: Path | None,
    as_json: bool,
    dry_run: bool,
) -> None:
    """Import the sites of FILE (CSV, XLSX, GeoJSON). A second import updates; nothing is ever deleted.

    Bad rows stay out and go into a file in the current folder (in the data folder where that cannot be written), with
    row, field, problem and remedy; corrected, that file can be imported in turn.
    """
    with _speaking(), unit_of_work():
        order = Order(
            path=file,
            profile=load_profile(profile_name),
            union=find_union(union_code),
            now=clock.now(),
            datum=Datum(datum) if datum else None,
            encoding=encoding,
            sheet=sheet,
        )
        report = run_import(order, is_dry_run=dry_run, progress=_progress)
        written = _write_problems(report, problems, f"{file.stem}-problems.csv")
        if as_json:
            click.echo(orjson.dumps(report.as_dict(), option=orjson.OPT_INDENT_2).decode())
        else:
            _show(report, written)


def _write_problems(report: ImportReport, chosen: Path | None, name: str) -> Path | None:
    """Where the bad rows are; the service's own account cannot write into the folder that has its code."""
    if not report.flagged:
        return None
    own: Path = current_app.extensions["settings"].data_dir / name
    for path in (chosen,) if chosen else (Path(name), own):
        try:
            write_problems(report, path)
        except OSError as error:
            refused = click.ClickException(f"{path}: {error.strerror}")
        else:
            return path
    raise refused


def _show(report: ImportReport, written: Path | None) -> None:
    for line in report.lines():
        click.echo(line)
    for draft in report.flagged[:SHOWN]:
        for finding in draft.findings:
            if finding.level != "note":
                click.echo(_finding_line(draft.number, finding))
    if len(report.flagged) > SHOWN:
        click.echo(f"  … {len(report.flagged) - SHOWN}")
    for site in report.gone[:SHOWN]:
        click.echo(f"  - {site.id}  {site.name}  {site.address}  {site.hint}")
    if written:
        click.echo(f"→ {written}")


def _finding_line(row: int, finding: Finding) -> str:
    problem, remedy = said(finding)
    words = {"row": row, "field": finding.field, "level": gettext(LEVELS[finding.level])}
    words |= {"problem": problem, "remedy": remedy}
    return "  " + str(gettext("Row %(row)s, %(field)s, %(level)s: %(problem)s. %(remedy)s", **words))


@click.command("profiles")
def profiles_command() -> None:
    """List the import profiles that come with the product."""
    for name in shipped_profiles():
        profile = load_profile(name)
        click.echo(f"{name}\t{profile.datum or '-'}\t{profile.title}")


boundaries_cli = AppGroup("boundaries", help="Boundaries of districts, against which points are checked.")


@boundaries_cli.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--datum", required=True, type=DATUMS, help="What the file's coordinates refer to.")
def load_command(file: Path, *, datum: str) -> None:
    """Load the polygons of a GeoJSON FILE by division code; they are kept in WGS-84."""
    with _speaking(), unit_of_work():
        codes = load_boundaries(file, Datum(datum))
    click.echo(f"{len(codes)}: {', '.join(codes)}")


@click.command("worklist")
@click.option("--union", "union_code", help="Only the sites below this union.")
@click.option("--json", "as_json", is_flag=True, help="As JSON lines.")
@with_appcontext
def worklist_command(*, union_code: str | None, as_json: bool) -> None:
    """List the sites whose pin a person has to set or check, and why."""
    with _speaking():
        sites = select(Site)
        if union_code:
            path = find_union(union_code).path
            sites = sites.join(TradeUnion).where(TradeUnion.path.startswith(path, autoescape=True))
        for site in db.session.scalars(pin_worklist(sites)):
            row = {"id": site.id, "name": site.name, "address": site.address, "pin_note": site.pin_note}
            click.echo(orjson.dumps(row).decode() if as_json else "\t".join(str(cell) for cell in row.values()))


COMMANDS = (import_command, profiles_command, boundaries_cli, worklist_command)
"""What `app.sites.cli` adds to the group ``flask sites``."""
