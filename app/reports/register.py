"""Puts the feature on the application: pages, the panel of sites, what waits in the inbox, the erasing of senders."""

from flask import Flask

from app.accounts.inbox import add_source
from app.reports import services, views, views_queue


def init_app(app: Flask) -> None:
    """Register the feature on `app`."""
    app.register_blueprint(views.blueprint)
    app.register_blueprint(views_queue.blueprint)
    app.extensions.setdefault("site_panels", []).append(views_queue.site_panel)
    # Features to the right of this one may not import it: the day's pseudonyms go where their key is destroyed.
    app.extensions.setdefault("day_pseudonym_erasers", []).append(services.erase_senders)
    add_source(app, views_queue.waiting)
