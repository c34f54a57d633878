"""Puts the feature on the application: pages, API, the directory, and the nearest other rooms for other features."""

from flask import Flask

from app import web
from app.finder.api import blueprint as sites_api
from app.finder.nearby import nearby_sites
from app.finder.services import DirectoryKeeper
from app.finder.views import blueprint, words_as_json


def init_app(app: Flask) -> None:
    """Register the feature on `app`."""
    app.extensions["directory"] = DirectoryKeeper(app)
    # Features to the left of this one may not import it; they ask here.
    app.extensions["nearby_sites"] = nearby_sites
    app.jinja_env.filters["script_json"] = words_as_json
    app.register_blueprint(blueprint)
    web.api.register_blueprint(sites_api)
