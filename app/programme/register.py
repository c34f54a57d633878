"""Puts the feature on the application: pages, API, the command of the rulebooks, the panel of a site's page."""

from datetime import datetime
from pathlib import Path

from flask import Flask, current_app

from app import web
from app.care.panels import site_panel as care_panel
from app.config import Settings, SettingsError
from app.programme import services
from app.programme.api import blueprint as eligibility_api
from app.programme.badges import site_badges
from app.programme.cases import register as cases
from app.programme.checks import register as checks
from app.programme.cli import diff_command, replay_command
from app.programme.demonstration import register as demonstration
from app.programme.judging import judge_all
from app.programme.panels import site_panel
from app.programme.panels_union import rulebook_panel
from app.programme.part_notes import self_check_notes
from app.programme.scoring import register as scoring
from app.programme.sheet_rights import OCCASIONS
from app.programme.views import blueprint
from app.programme.views_rulebooks import blueprint as rulebook_pages
from app.programme.views_targets import blueprint as target_pages
from app.programme.views_targets import targets_panel
from app.rulebooks import library, vocabulary
from app.rulebooks.cli import rulebooks_cli
from app.sites.facilities import facilities
from app.sites.particulars import premises


def judge_every_site(at: datetime) -> str:
    """The night's work: where every site stands."""
    return f"{judge_all(at, current_app.extensions['settings'].default_rulebook)} sites judged"


def _read_rulebooks(settings: Settings) -> None:
    """Know the operator's own ones. Raises `SettingsError` without their folder, or the one that holds by default."""
    folder, default = settings.rulebook_folder, settings.default_rulebook
    if folder and not Path(folder).is_dir():
        raise SettingsError("XIAOWU_RULEBOOKS is “%(folder)s”, which is no folder; create or correct it", folder=folder)
    library.configure([Path(folder)] if folder else [])
    if default not in (known := library.available()):
        raise SettingsError(
            "XIAOWU_RULEBOOK is “%(default)s”; set it to one of %(known)s", default=default, known=", ".join(known)
        )


def init_app(app: Flask) -> None:
    """Register the feature on `app`."""
    vocabulary.know(facilities=facilities(), premises=premises())
    _read_rulebooks(app.extensions["settings"])
    app.register_blueprint(blueprint)
    app.register_blueprint(rulebook_pages)
    app.register_blueprint(target_pages)
    web.api.register_blueprint(eligibility_api)
    for command in (replay_command, diff_command):
        rulebooks_cli.add_command(command)
    app.cli.add_command(rulebooks_cli)
    # Features to the right of this one may not import it; they ask here which rules hold for a site on a local date.
    app.extensions["rulebook_of"] = services.rulebook_of
    # What people open the page for comes first: the daily records of the other kinds, then the numbers.
    app.extensions.setdefault("site_panels", [])[:0] = [care_panel, site_panel]
    app.extensions.setdefault("site_badges", []).append(site_badges)
    app.extensions.setdefault("nightly", []).append(("verdicts", judge_every_site))
    app.extensions.setdefault("part_notes", []).append(self_check_notes)
    app.extensions.setdefault("union_panels", []).extend((rulebook_panel, targets_panel))
    app.extensions["sheet_occasions"] = OCCASIONS
    for part in (scoring, cases, demonstration, checks):
        part.init_app(app)
