"""Puts the feature on the application: pages, API, the command of the rulebooks, the panel of a site's page."""

from flask import Flask

from app import web
from app.programme.api import blueprint as eligibility_api
from app.programme.badges import site_badges
from app.programme.cases import register as cases
from app.programme.checks import register as checks
from app.programme.demonstration import register as demonstration
from app.programme.panels import site_panel
from app.programme.scoring import register as scoring
from app.programme.views import blueprint
from app.rulebooks.cli import rulebooks_cli


def init_app(app: Flask) -> None:
    """Register the feature on `app`."""
    app.register_blueprint(blueprint)
    web.api.register_blueprint(eligibility_api)
    app.cli.add_command(rulebooks_cli)
    # The numbers first: they are what people open the page for.
    app.extensions.setdefault("site_panels", []).insert(0, site_panel)
    app.extensions.setdefault("site_badges", []).append(site_badges)
    for part in (scoring, cases, demonstration, checks):
        part.init_app(app)
