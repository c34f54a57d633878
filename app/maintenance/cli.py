"""``flask backup``, ``flask restore``, ``flask move``: for an operator and for cron."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app import clock
from app.config import Settings
from app.db import db, unit_of_work
from app.errors import DomainError
from app.maintenance import backups, moving, outside
from app.maintenance.backups import Outcome
from app.sites.directory_version import move_directory_version
from app.usage.ledger.texts import Witness, read_checkpoint
from app.usage.services import destroy_keys

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@contextmanager
def _told() -> Iterator[None]:
    """What is wrong is said in a sentence."""
    try:
        yield
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.strerror}: {error.filename}") from error


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write the database, the files and the ledger's head to the new FILE, encrypted, while the service runs.

    The passphrase is XIAOWU_BACKUP_KEY. No key of a pseudonym, of the ledger or of log-ins is in it.
    """
    with _told():
        outcome = backups.write(db.engine, _settings(), file, clock.now())
    click.echo(f"{file}: {file.stat().st_size:,} bytes, {sum(outcome.manifest.rows.values()):,} rows")
    _say(outcome)


@click.command("restore")
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Replace a database that is not empty.")
@click.option("--checkpoint", "papers", multiple=True, type=FILE, help="A checkpoint kept outside, to compare with.")
@with_appcontext
def restore(file: Path, papers: tuple[Path, ...], *, replace: bool) -> None:
    """Put the backup FILE into the database and the data folder, all or nothing.

    With --checkpoint it says whether the ledger in the backup is older than that checkpoint or another one; the exit
    status is then 1, although everything in the backup has been restored.
    """
    with _told():
        witnesses = [read_checkpoint(path.read_text(encoding="utf-8", errors="replace")) for path in papers]
        outcome = backups.restore(db.engine, _settings(), file, replace=replace)
    number = sum(outcome.manifest.rows.values())
    click.echo(f"Restored what was backed up at {outcome.manifest.made_at}: {number:,} rows")
    _say(outcome)
    if outcome.manifest.revision != backups.newest_revision(_settings()):
        click.echo("The backup is of an older version: run flask db upgrade, then flask ledger verify")
    else:
        with unit_of_work():
            move_directory_version(db.session)
            destroy_keys(current_app.extensions["keystore"], clock.now(), thorough=True)
    _compare(witnesses)


@click.command("move")
@click.option("--to", "url", required=True, help="Where to: postgresql://user:password@host/name")
@with_appcontext
def move(url: str) -> None:
    """Copy the embedded SQLite database into an empty PostgreSQL database, row by row, and compare every row.

    Stop the service first, and set DATABASE_URL afterwards. The SQLite file stays as it is.
    """
    with _told():
        rows = moving.move(db.engine, url)
    click.echo(f"{sum(rows.values()):,} rows in {len(rows)} tables moved and compared, none differs")
    click.echo("Now set DATABASE_URL, and run flask usage recount --check and flask ledger verify")


def _say(outcome: Outcome) -> None:
    manifest = outcome.manifest
    head = f"seal {manifest.seal_number}, {manifest.seal_hash}" if manifest.seal_number else "no seal yet"
    click.echo(f"{outcome.files} files; ledger ends at {head}")
    if manifest.checkpoints:
        click.echo(f"checkpoints {manifest.checkpoints[0]} to {manifest.checkpoints[-1]}")
    for name in outcome.missing:
        click.echo(f"missing: {name}", err=True)


def _compare(witnesses: list[Witness]) -> None:
    found = [says for witness in witnesses if (says := outside.contradiction(witness))]
    for says in found:
        click.echo(says, err=True)
    if found:
        raise SystemExit(1)
    if witnesses:
        click.echo("The ledger agrees with every checkpoint given; now run flask ledger verify")
