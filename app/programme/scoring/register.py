"""Puts this part of the programme on the application."""

from flask import Flask

from app.accounts.inbox import add_source
from app.attachments.owners import add_owner
from app.programme.scoring import views, views_sync
from app.programme.scoring.panels import site_panel
from app.programme.scoring.photos import is_reviewer
from app.programme.scoring.waiting import drafts

PAGES = (views, views_sync)
"""The routes of both stand on the blueprint of the first."""


def init_app(app: Flask) -> None:
    """Register it on `app`. Who stands above has set `app.extensions["sheet_occasions"]`."""
    app.register_blueprint(views.blueprint)
    app.extensions.setdefault("site_panels", []).append(site_panel)
    add_owner(app, is_reviewer)
    add_source(app, drafts)
