"""Puts the public figures on the application."""

from flask import Flask

from app.usage.figures.views import blueprint


def init_app(app: Flask) -> None:
    """Register the part on `app`."""
    app.register_blueprint(blueprint)
