"""What score sheets add to a site's page."""

from flask import render_template
from markupsafe import Markup

from app.accounts.models import User
from app.programme.scoring.presenting import plain
from app.programme.scoring.queries import sheets_of
from app.programme.scoring.views import usable
from app.sites.models import Site

MOST_SHOWN = 3


def site_panel(site: Site, user: User) -> Markup:
    """The latest sheets of a site, and beginning a self-check. The caller has checked the scope."""
    rows = sheets_of(user, site.id)
    html = render_template(
        "scoring/panel.html", site=site, rows=rows[:MOST_SHOWN], uses=usable(user, site), plain=plain
    )
    return Markup(html)  # noqa: S704  rendered by Jinja with escaping
