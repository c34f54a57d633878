"""Puts the commands of maintenance on the application."""

from flask import Flask

from app.maintenance.cli import backup, move, restore
from app.maintenance.cli_retention import retention_cli


def init_app(app: Flask) -> None:
    """Register the feature on `app`."""
    for command in (backup, restore, move, retention_cli):
        app.cli.add_command(command)
