"""Puts the feature on the application: pages, the panels of sites and unions, what waits in the inbox."""

from flask import Flask

from app.accounts.inbox import add_source
from app.attachments.owners import add_owner
from app.registers import views, views_rows, views_sheet, views_supplies
from app.registers.panels import site_panel, union_panel, waiting
from app.registers.reviewing import is_reviewer

PAGES = (views, views_rows, views_sheet, views_supplies)
"""The routes of all of them stand on the blueprint of the first."""


def init_app(app: Flask) -> None:
    """Register the feature on `app`."""
    app.register_blueprint(views.blueprint)
    app.extensions.setdefault("site_panels", []).append(site_panel)
    app.extensions.setdefault("union_panels", []).append(union_panel)
    add_source(app, waiting)
    add_owner(app, is_reviewer)
