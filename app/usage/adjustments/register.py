"""Puts this part on the application: the page of a site's uses."""

from flask import Flask

from app.usage.adjustments.views import blueprint


def init_app(app: Flask) -> None:
    """Register it on `app`."""
    app.register_blueprint(blueprint)
