"""Puts the feature on the application: pages, the page behind a child's card, the panel, what waits for people."""

from flask import Flask

from app.accounts import inbox
from app.care import views_attendance, views_records
from app.care.panels import site_panel, waiting
from app.care.views import blueprint
from app.care.views_door import blueprint as card

__all__ = ["init_app", "views_attendance", "views_records"]


def init_app(app: Flask) -> None:
    """Register the feature on `app`."""
    app.extensions.setdefault("features", []).append("care")
    app.register_blueprint(blueprint)
    app.register_blueprint(card)
    app.extensions.setdefault("site_panels", []).append(site_panel)
    inbox.add_source(app, waiting)
