"""Puts the feature on the application."""

from flask import Flask

from app.documents.panels import case_panel, site_panel, union_panel
from app.documents.views import blueprint
from app.documents.views_figures import blueprint as figures


def init_app(app: Flask) -> None:
    """Register the feature on `app`."""
    app.register_blueprint(blueprint)
    app.register_blueprint(figures)
    app.extensions.setdefault("case_panels", []).append(case_panel)
    app.extensions.setdefault("site_panels", []).append(site_panel)
    app.extensions.setdefault("union_panels", []).append(union_panel)
