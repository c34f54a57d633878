"""What visitors have said about a public room with their ratings: for the people who run it and the unions above.

Nothing finer than the month is shown, and nothing at all of rooms inside companies, where a word tells who wrote it.
"""

from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup
from sqlalchemy import select

from app.accounts.models import User
from app.db import db
from app.sites.models import LocationKind, Site
from app.usage.queries import RATINGS

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Said:
    """One visitor's words and tags, in the month ``YYYY-MM`` of her use."""

    month: str
    tags: list[str]
    comment: str


def latest_of(site_id: int, number: int) -> list[Said]:
    """Return what was said last about a site, the latest first; ratings without words are left out."""
    said = select(RATINGS.c.month, RATINGS.c.tags, RATINGS.c.comment)
    said = said.where(RATINGS.c.site_id == site_id, RATINGS.c.comment != "")
    rows = db.session.execute(said.order_by(RATINGS.c.month.desc(), RATINGS.c.sequence.desc()).limit(number))
    return [Said(month, tags, comment) for month, tags, comment in rows]


def site_panel(site: Site, _user: User) -> Markup:
    """The latest words about a public site; nothing when there are none."""
    said = latest_of(site.id, SHOWN) if site.location_kind == LocationKind.PUBLIC else []
    return Markup(render_template("usage/comments.html", said=said)) if said else Markup()  # noqa: S704  it escapes
