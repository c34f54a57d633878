"""``flask retention …``: what is kept no longer than it has to be."""

import click
from flask import current_app
from flask.cli import AppGroup

from app import clock
from app.maintenance import retention

retention_cli = AppGroup("retention", help="Erase what has been kept long enough.")


@retention_cli.command("run")
@click.option("--dry-run", "dry", is_flag=True, help="Only say what would be erased.")
def run(*, dry: bool) -> None:
    """Erase what is due, and print for each kind how many there were and how many are gone.

    Records of a month 45 days after it has closed, pseudonyms whose key is over, health certificates a year after
    their last day, the labels of children a year after their term, files that belong to no row. For a timer, once a
    day; a run that was cut short is taken up by the next one.
    """
    click.echo(f"{'':<58}{'due':>10}" + ("" if dry else f"{'erased':>10}"))
    for line in retention.run(current_app.extensions["settings"], clock.now(), dry=dry):
        click.echo(f"{line.kind:<58}{line.due:>10}" + ("" if dry else f"{line.done:>10}"))
        if line.note:
            click.echo(f"  {line.note}")
    if dry:
        click.echo("Nothing was changed.")
