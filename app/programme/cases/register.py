"""Puts this part of the programme on the application."""

from flask import Flask

from app.accounts.inbox import add_source
from app.attachments.owners import add_owner
from app.programme.cases import applications, deregistrations, files, panels, suspensions, views, views_files, views_new

KINDS = (applications, deregistrations, suspensions)
"""Importing them registers their requirements and effects."""
PAGES = (views, views_new, views_files)
"""The routes of all of them stand on the blueprint of the first."""


def init_app(app: Flask) -> None:
    """Register it on `app`."""
    app.register_blueprint(views.blueprint)
    app.extensions.setdefault("suspension_hooks", []).append(suspensions.follow)
    app.extensions.setdefault("site_panels", []).append(panels.site_panel)
    app.extensions.setdefault("case_panels", [])
    add_source(app, panels.inbox_items)
    add_owner(app, files.is_reviewer)
