"""Puts the feature on the application: blueprints, commands, hooks."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the feature on `app`."""
