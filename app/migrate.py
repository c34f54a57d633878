"""``flask db …``: Alembic, run from inside the application so that both agree about the database."""

from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from flask import current_app
from flask.cli import AppGroup

from app import clock
from app.config import Settings
from app.distribution import distribute

SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"
migrations_cli = AppGroup("db", help="Create and change the database's tables.")
migrations_cli.add_command(distribute)


def alembic_config(database_url: str) -> Config:
    """Alembic's configuration for one database."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    return config


def _config() -> Config:
    settings: Settings = current_app.extensions["settings"]
    return alembic_config(settings.database_url)


@migrations_cli.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the tables up to REVISION (default: the newest), and make the partitions of the months ahead."""
    command.upgrade(_config(), revision)
    if revision == "head":
        for finish in current_app.extensions.get("after_upgrade", ()):
            finish(clock.now())


@migrations_cli.command("current")
def current() -> None:
    """Show which revision the database is at."""
    command.current(_config(), verbose=True)


@migrations_cli.command("revision")
@click.argument("message")
def revision(message: str) -> None:
    """Write a new migration from what the models say (for developers)."""
    command.revision(_config(), message=message, autogenerate=True)
