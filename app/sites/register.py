"""Puts the feature on the application: blueprints, commands, hooks."""

from flask import Flask

from app.sites import views, views_codes, views_edit, views_managers, views_photos
from app.sites.cli import sites_cli

PAGES = (views, views_edit, views_codes, views_managers, views_photos)
"""The routes of all of them stand on the blueprint of the first."""


def init_app(app: Flask) -> None:
    """Register the feature on `app`."""
    app.extensions.setdefault("site_panels", []).append(views_managers.managers_panel)
    app.extensions.setdefault("site_badges", [])
    app.register_blueprint(views.blueprint)
    app.add_url_rule("/photos/<name>", "site_photo", views_photos.photo)
    app.cli.add_command(sites_cli)
