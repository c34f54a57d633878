"""Puts the feature on the application: pages, API, the directory, and the nearest other rooms for other features."""

from flask import Flask

from app import web
from app.finder.api import blueprint as sites_api
from app.finder.nearby import nearby_sites
from app.finder.services import DirectoryKeeper, current_directory
from app.finder.views import blueprint, words_as_json
from app.operating.hooks import Gauge, add_check, add_gauges


def init_app(app: Flask) -> None:
    """Register the feature on `app`."""
    app.extensions["directory"] = DirectoryKeeper(app)
    add_check(app, "directory", lambda _at: current_directory())
    add_gauges(
        app,
        Gauge("xiaowu_directory_version", "The finder's snapshot", lambda _at: current_directory().version.number),
        Gauge("xiaowu_directory_age_seconds", "Since it was compared", lambda _at: app.extensions["directory"].age_s),
        Gauge("xiaowu_directory_sites", "Published sites in it", lambda _at: len(current_directory().entries)),
    )
    # Features to the left of this one may not import it; they ask here.
    app.extensions["nearby_sites"] = nearby_sites
    app.jinja_env.filters["script_json"] = words_as_json
    app.register_blueprint(blueprint)
    web.api.register_blueprint(sites_api)
