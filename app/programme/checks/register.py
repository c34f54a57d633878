"""Puts this part of the programme on the application."""

from flask import Flask

from app.accounts.inbox import add_source
from app.programme.checks import views, views_draw, views_inspection, views_rectification
from app.programme.checks.cli import checks_cli
from app.programme.checks.inbox import checks_inbox
from app.programme.checks.panels import case_panel, door_panel, site_panel

PAGES = (views, views_draw, views_inspection, views_rectification)
"""The routes of all of them stand on the blueprint of the first."""


def init_app(app: Flask) -> None:
    """Register it on `app`."""
    app.register_blueprint(views.blueprint)
    app.cli.add_command(checks_cli)
    app.extensions.setdefault("site_panels", []).append(site_panel)
    app.extensions.setdefault("case_panels", []).insert(0, case_panel)
    app.extensions["door_staff"] = door_panel
    add_source(app, checks_inbox)
