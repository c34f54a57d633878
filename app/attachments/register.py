"""Puts the feature on the application."""

from flask import Flask

from app.attachments.views import blueprint


def init_app(app: Flask) -> None:
    """Register the feature on `app`."""
    app.extensions.setdefault("attachment_owners", [])
    app.register_blueprint(blueprint)
