"""``flask db …``: Alembic, run from inside the application so that both agree about the database."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask import current_app
from flask.cli import AppGroup

from app import clock
from app.config import Settings
from app.distribution import distribute

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"
migrations_cli = AppGroup("db", help="Create and change the database's tables.")
migrations_cli.add_command(distribute)


def alembic_config(database_url: str) -> "Config":
    """Alembic's configuration for one database."""
    from alembic.config import Config  # noqa: PLC0415  slow to load, seldom needed

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    return config


def _config() -> "Config":
    settings: Settings = current_app.extensions["settings"]
    return alembic_config(settings.database_url)


def _command() -> Any:
    from alembic import command  # noqa: PLC0415  slow to load, seldom needed

    return command


def migrate_to_head(database_url: str) -> None:
    """Bring the tables of one database to the newest revision."""
    _command().upgrade(alembic_config(database_url), "head")


@migrations_cli.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the tables up to REVISION (default: the newest), and make the partitions of the months ahead."""
    _command().upgrade(_config(), revision)
    if revision == "head":
        for finish in current_app.extensions.get("after_upgrade", ()):
            finish(clock.now())


@migrations_cli.command("current")
def current() -> None:
    """Show which revision the database is at."""
    _command().current(_config(), verbose=True)


@migrations_cli.command("revision")
@click.argument("message")
def revision(message: str) -> None:
    """Write a new migration from what the models say (for developers)."""
    _command().revision(_config(), message=message, autogenerate=True)
