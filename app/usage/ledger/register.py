"""Puts the ledger on the application: pages, commands, and the thread that seals."""

from flask import Flask

from app.config import Settings
from app.operating.hooks import Gauge, add_gauges
from app.usage.ledger import queries
from app.usage.ledger.cli import ledger_cli
from app.usage.ledger.sealer import Sealer
from app.usage.ledger.views import blueprint


def init_app(app: Flask) -> None:
    """Register the ledger on `app`. The thread starts with the first request: only then is it a process that serves."""
    settings: Settings = app.extensions["settings"]
    sealer = app.extensions["sealer"] = Sealer(app)
    app.register_blueprint(blueprint)
    waiting = Gauge("xiaowu_ledger_unsealed_seconds", "Age of the oldest use not sealed yet", queries.oldest_unsealed_s)
    add_gauges(app, waiting)
    app.cli.add_command(ledger_cli)
    if settings.mode != "test":
        app.before_request(sealer.ensure)
