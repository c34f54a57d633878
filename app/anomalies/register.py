"""Puts the feature on the application: pages for reviewers, commands, and the collecting before anything is erased."""

from collections.abc import Callable

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.inbox import add_source
from app.anomalies import services, views
from app.anomalies.cli import anomalies_cli
from app.anomalies.panels import site_panel, union_panel, waiting
from app.db import db


def init_app(app: Flask) -> None:
    """Register the feature on `app`."""
    app.register_blueprint(views.blueprint)
    app.cli.add_command(anomalies_cli)
    app.extensions.setdefault("site_panels", []).append(site_panel)
    app.extensions.setdefault("union_panels", []).append(union_panel)
    app.extensions.setdefault("before_day_erasure", []).append(without_hindering(services.collect_before_day_erasure))
    app.extensions.setdefault("before_erasure", []).append(services.collect_before_erasure)
    add_source(app, waiting)


def without_hindering(collect: Callable[[str], None]) -> Callable[[str], None]:
    """Pseudonyms go in time even when their signals cannot be kept: what was promised to visitors comes first."""

    def keep(day_key: str) -> None:
        try:
            with db.session.begin_nested():
                collect(day_key)
        except SQLAlchemyError as error:
            current_app.logger.warning("signals of a day could not be kept: %s", type(error).__name__)

    return keep
