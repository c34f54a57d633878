"""``flask rulebooks``: list the rulebooks, check a file, and judge a facts file without any database."""

import json
from datetime import date, datetime
from pathlib import Path

import click

from app.errors import N_, DomainError
from app.rulebooks.errors import RulebookError
from app.rulebooks.evaluate import evaluate
from app.rulebooks.facts import Facts
from app.rulebooks.forecast import forecast
from app.rulebooks.library import DATA, available, load, read_file
from app.rulebooks.model import DEMONSTRATION, LANGUAGES
from app.rulebooks.node import YEARS
from app.rulebooks.rulebook import Rulebook
from app.rulebooks.wording import lines

TAKEN = N_("%(file)s: there is a rulebook “%(id)s” already; give the file, and id in it, a name of its own")
REMEDY = "Correct that key and check again; docs/rulebook-template.toml explains every key."


@click.group("rulebooks")
def rulebooks_cli() -> None:
    """The policies as data."""


@rulebooks_cli.command("list")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="zh", show_default=True)
def list_rulebooks(language: str) -> None:
    """Name every rulebook with its date, digest and title. A faulty file is reported and the command fails."""
    try:
        for rulebook in map(load, available()):
            click.echo(f"{rulebook.id}  {rulebook.dated_text}  {rulebook.digest}  {rulebook.title[language]}")
    except DomainError as error:
        raise click.ClickException(str(error)) from error


@rulebooks_cli.command("check")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_rulebook(path: Path) -> None:
    """Check a rulebook's TOML file. Exits with 1 and says file, key, reason and remedy when it cannot be used."""
    try:
        rulebook = read_file(path)
        if rulebook.id in {own.stem for own in DATA.glob("*.toml")} and path.resolve().parent != DATA.resolve():
            raise RulebookError(TAKEN, file=path.name, id=rulebook.id)
    except DomainError as error:
        raise click.ClickException(f"{error}\n{REMEDY}") from error
    click.echo(f"{rulebook.id}  {rulebook.dated_text}  {rulebook.digest}  {rulebook.title['zh']}")
    sizes = {
        "kinds": len(rulebook.kinds),
        "conditions": len(rulebook.conditions),
        "sheets": len(rulebook.score_sheets),
        "forms": len(rulebook.forms),
        "articles": len(rulebook.articles),
    }
    click.echo(", ".join(f"{number} {name}" for name, number in sizes.items()))
    for note in notes_on(rulebook):
        click.echo(f"Note: {note}")


def notes_on(rulebook: Rulebook) -> list[str]:
    """What is no fault and yet worth a second look."""
    judged = {kind for one in rulebook.conditions for kind in one.kinds if one.purpose == DEMONSTRATION}
    found = []
    if rulebook.workflow.demonstration and not judged:
        found.append("the workflow has a demonstration title, but no condition has the purpose demonstration")
    if rulebook.workflow.self_check and not any("self_check" in one.uses for one in rulebook.score_sheets.values()):
        found.append("the workflow asks for a self-check, but no sheet has the use self_check")
    known = {name for article in rulebook.articles for name in article.refers}
    unnamed = [one.id for one in rulebook.conditions if not known & {"conditions", f"conditions.{one.id}"}]
    if unnamed:
        found.append(f"no article refers to the conditions {', '.join(unnamed)}")
    return found


@rulebooks_cli.command("evaluate")
@click.option("--rulebook", "rulebook_id", required=True, help="Its id; see “flask rulebooks list”.")
@click.option(
    "--facts", "path", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A facts file; its form is in docs/rulebooks.md.",
)  # fmt: skip
@click.option("--on", "on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The application date, 2026-11-22.")
@click.option("--json/--text", "as_json", default=True, help="As JSON, as the API gives it (default), or to be read.")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="zh", show_default=True)
def evaluate_facts(rulebook_id: str, path: Path, on: datetime, as_json: bool, language: str) -> None:
    """Judge the site in a facts file on a date. Exits with 0 whatever the verdict, with 1 when something is wrong."""
    if on.year not in YEARS:
        raise click.BadParameter("the year has to be from 1900 to 2999", param_hint="--on")
    try:
        click.echo(report_text(rulebook_id, path, on.date(), language, as_json=as_json))
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path} is not UTF-8: {error}") from error
    except DomainError as error:
        raise click.ClickException(str(error)) from error


def report_text(rulebook_id: str, path: Path, on: date, language: str, *, as_json: bool) -> str:
    """What ``evaluate`` prints. Raises `DomainError`, UnicodeDecodeError."""
    rulebook = load(rulebook_id)
    facts = Facts.from_text(path.read_text("utf-8-sig"), str(path))
    report, outlook = evaluate(rulebook, facts, on), forecast(rulebook, facts, on)
    if not as_json:
        return "\n".join(lines(report, outlook, language))
    body = report.as_dict(language) | {"forecast": outlook.as_dict(language)}
    return json.dumps(body, ensure_ascii=False, indent=2)
