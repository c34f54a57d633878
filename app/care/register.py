"""Puts the feature on the application: pages, the page behind a child's card, what waits for people.

The programme places this feature's panel, so that it stands before its own.
"""

from flask import Flask

from app.accounts import inbox
from app.care import views_attendance, views_records
from app.care.panels import waiting
from app.care.views import blueprint
from app.care.views_door import blueprint as card

__all__ = ["init_app", "views_attendance", "views_records"]


def init_app(app: Flask) -> None:
    """Register the feature on `app`."""
    app.extensions.setdefault("features", []).append("care")
    app.register_blueprint(blueprint)
    app.register_blueprint(card)
    inbox.add_source(app, waiting)
