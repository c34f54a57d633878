"""Puts the commands of maintenance on the application."""

from datetime import datetime

from flask import Flask

from app.maintenance.cli import backup, move, restore
from app.maintenance.cli_maintenance import maintenance_cli
from app.maintenance.cli_retention import retention_cli
from app.maintenance.jobs import successes
from app.operating.hooks import Gauge, add_gauges


def init_app(app: Flask) -> None:
    """Register the feature on `app`."""
    for command in (backup, restore, move, retention_cli, maintenance_cli):
        app.cli.add_command(command)
    name = "xiaowu_maintenance_succeeded_timestamp_seconds"
    add_gauges(app, Gauge(name, "When each step last succeeded", _successes, label="step"))


def _successes(_now: datetime) -> dict[str, float]:
    return {step: at.timestamp() for step, at in successes().items()}
