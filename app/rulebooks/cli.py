"""``flask rulebooks``: list the rulebooks, and judge a facts file without any database."""

import json
from datetime import date, datetime
from pathlib import Path

import click

from app.errors import DomainError
from app.rulebooks.evaluate import evaluate
from app.rulebooks.facts import Facts
from app.rulebooks.forecast import forecast
from app.rulebooks.library import available, load
from app.rulebooks.model import LANGUAGES
from app.rulebooks.node import YEARS
from app.rulebooks.wording import lines


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
