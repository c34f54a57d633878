"""Puts the feature on the application: blueprints, commands, hooks."""

from flask import Flask

from app.demo.cli import demo_cli


def init_app(app: Flask) -> None:
    """Register the feature on `app`."""
    app.cli.add_command(demo_cli)
