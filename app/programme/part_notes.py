"""What the page of a combined centre says about each part beside its verdict: the total of its latest self-check."""

from collections.abc import Sequence
from datetime import timedelta

from flask import render_template
from markupsafe import Markup

from app.accounts.models import User
from app.clock import now
from app.programme.evidence import self_check_scores
from app.programme.wording import language, template_words
from app.sites.models import Site


def self_check_notes(sites: Sequence[Site], _user: User) -> dict[int, Markup]:
    """A note for each site. The caller has checked the scope."""
    scores = self_check_scores([site.id for site in sites], now() + timedelta(seconds=1))
    words = template_words(language())
    return {
        site.id: Markup(render_template("programme/part_note.html", score=scores.get(site.id), **words))  # noqa: S704
        for site in sites
    }
