"""``flask rulebooks replay`` and ``diff``: old decisions made again, and what another rulebook would change."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.accounts.models import TradeUnion
from app.accounts.services import find_union
from app.errors import DomainError
from app.programme import comparison, replay
from app.programme.comparison import CHANGE, GAIN, LOSE, Change, Outcome
from app.rulebooks import Rulebook, library, load
from app.rulebooks.model import LANGUAGES

SIGNS = {GAIN: "+", LOSE: "-", CHANGE: "~"}


@click.command("replay")
@with_appcontext
def replay_command() -> None:
    """Make every decision and every submitted score sheet again under the rulebook text kept with it.

    Prints each difference and the count; exits with 1 when there is any.
    """
    found = replay.Replayed()
    for difference in replay.replay(found):
        click.echo(difference)
    click.echo(f"{found.decisions} decisions, {found.sheets} sheets, {found.differences} differences")
    if found.differences:
        raise click.exceptions.Exit(1)


@click.command("diff")
@click.argument("before")
@click.argument("after")
@click.option("--on", "on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The date to judge on, 2026-11-22.")
@click.option("--union", "union_code", help="Only sites below the union with this code.")
@click.option("--json", "as_json", is_flag=True, help="As JSON instead of text.")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="zh", show_default=True)
@with_appcontext
def diff_command(
    before: str, after: str, *, on: datetime, union_code: str | None, as_json: bool, language: str
) -> None:
    """List the sites that would gain or lose, or be asked for something else, if AFTER took the place of BEFORE.

    Each is the id of a rulebook or the path of a rulebook's file.
    """
    try:
        union = find_union(union_code) if union_code else None
        books = _rulebook(before), _rulebook(after)
        changes = comparison.compare(*books, on.date(), union, language)
    except (DomainError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error
    say = _json if as_json else _text
    click.echo(say(books, on.date(), union, changes))


def _rulebook(name: str) -> Rulebook:
    path = Path(name)
    if path.suffix == ".toml" and path.is_file():
        return library.read_text(path.read_text("utf-8-sig"), path.stem)
    return load(name)


def _json(books: tuple[Rulebook, Rulebook], on: date, union: TradeUnion | None, changes: Sequence[Change]) -> str:
    body = {
        "before": {"id": books[0].id, "digest": books[0].digest},
        "after": {"id": books[1].id, "digest": books[1].digest},
        "on": on.isoformat(),
        "union": union.code if union else None,
        "counts": comparison.counts(changes),
        "sites": [comparison.as_dict(change) for change in changes],
    }
    return json.dumps(body, ensure_ascii=False, indent=2)


def _text(books: tuple[Rulebook, Rulebook], on: date, _union: TradeUnion | None, changes: Sequence[Change]) -> str:
    lines = [f"{books[0].id} → {books[1].id}, {on}"]
    for effect, sign in SIGNS.items():
        for change in changes:
            if change.effect == effect:
                lines.append(f"{sign} {change.name} ({change.host}, site {change.site_id})")
                lines += [f"    {_said(outcome)}" for outcome in (change.before, change.after)]
    numbers = comparison.counts(changes)
    told = ", ".join(f"{number} {effect}" for effect, number in numbers.items())
    return "\n".join([*lines, f"{len(changes)} sites: {told}"])


def _said(outcome: Outcome) -> str:
    open_ones = "; ".join(f"{name} {label}: {result}" for name, label, result in outcome.open_conditions)
    return " ".join(part for part in (outcome.verdict or "-", open_ones) if part)
