"""``flask demo``: make the demonstration and say what is in it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from app.clock import now
from app.config import Settings
from app.db import unit_of_work
from app.demo import report, services
from app.demo.report import Door
from app.demo.scenario import network

demo_cli = AppGroup("demo", help="The demonstration network with made-up numbers.")


@demo_cli.command("create")
def create() -> None:
    """Fill an empty database with the demonstration, write demo.json and the posters, and say what there is.

    A second run keeps everything; it only follows a change of the address.
    """
    settings: Settings = current_app.extensions["settings"]
    instant = now()
    with unit_of_work():
        is_new = not services.exists()
        if is_new:
            with _bar("Making up 14 months of use", services.steps()) as advance:
                made = services.create(instant, settings.default_rulebook, settings.data_dir, advance)
            report.keep_accounts(settings, made.password, made.accounts)
    found = report.doors(settings, instant)
    if is_new or report.last_base_url(settings) != settings.base_url:
        with _bar("Printing the posters", 2) as advance:
            for paper in ("a4", "sticker"):
                report.write_posters(found, settings.data_dir / report.FOLDER, paper)
                advance()
    _tell(report.write_report(settings, found), found)


@contextmanager
def _bar(label: str, total: int) -> Iterator[Callable[[], object]]:
    """A progress bar on a terminal, a line elsewhere; gives what moves it on by one."""
    with click.progressbar(length=total, label=label, width=30) as bar:
        yield lambda: bar.update(1)


def _tell(content: dict[str, Any], found: list[Door]) -> None:
    base = content["base_url"]
    accounts = content["accounts"]
    first: dict[str, dict[str, Any]] = {}
    for account in accounts:
        first.setdefault(account["role"], account)
    click.echo("")
    click.echo(f"  Public page   {base}/")
    click.echo(f"  A door        {found[0].url}   ({found[0].name})")
    click.echo(f"  Log in        {base}/login   password for all: {accounts[0]['password']}")
    for role, account in reversed(first.items()):
        click.echo(f"                {account['username']:<12} {role}, {account['union']}")
    click.echo(f"  Posters       {content['posters']}")
    click.echo(f"  All of this   {content['posters'].removesuffix(report.FOLDER)}{report.FILE}")
    click.echo(f"\n  {network().notice}\n")
