"""Puts this part of the programme on the application: pages, panels, what waits for people."""

from flask import Flask

from app.accounts.inbox import add_source
from app.programme.demonstration import views_panel  # noqa: F401  its pages stand on the same blueprint
from app.programme.demonstration.inbox import source
from app.programme.demonstration.panels import case_panel, flags_panel, site_panel, union_panel
from app.programme.demonstration.views import blueprint
from app.programme.demonstration.views_titles import public


def init_app(app: Flask) -> None:
    """Register it on `app`."""
    app.extensions.setdefault("features", []).append("programme.demonstration")
    app.register_blueprint(blueprint)
    app.register_blueprint(public)
    app.extensions.setdefault("case_panels", []).extend([case_panel, flags_panel])
    app.extensions.setdefault("site_panels", []).append(site_panel)
    app.extensions.setdefault("union_panels", []).append(union_panel)
    add_source(app, source)
    decided = ("recommend", "decline", "nominate", "reject", "publish")
    pages = {("demonstration", act): lambda case: f"/manage/calls/{case.call_id}#case-{case.id}" for act in decided}
    app.extensions.setdefault("case_act_urls", {}).update(pages)
