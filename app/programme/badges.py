"""The verdict of each site on a list of sites, as a chip."""

from collections.abc import Sequence

from flask import current_app, render_template
from markupsafe import Markup

from app.accounts.models import User
from app.clock import now
from app.months import local_date
from app.programme.verdicts import verdicts_of
from app.programme.wording import language, template_words
from app.sites.models import Site


def site_badges(sites: Sequence[Site], _user: User) -> dict[int, Markup]:
    """The chip of each site that its rulebook has conditions for. The caller has checked the scope."""
    default = current_app.extensions["settings"].default_rulebook
    verdicts = verdicts_of([site.id for site in sites], local_date(now()), default)
    words = template_words(language())
    results = set(verdicts.values())
    chip = {result: render_template("programme/badge.html", result=result, **words) for result in results}
    return {site_id: Markup(chip[result]) for site_id, result in verdicts.items()}  # noqa: S704  escaped by Jinja
