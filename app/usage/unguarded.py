"""Hours in which the shared store of the limits was away: kept for each site, shown to those who review it."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from flask import render_template
from markupsafe import Markup
from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite

from app import clock
from app.accounts.models import User
from app.db import db
from app.months import SHANGHAI
from app.sites.models import Site
from app.usage.models import UnguardedHour
from app.web import DISTRICT_UNION, MUNICIPAL_UNION

HOURS = cast("Table", UnguardedHour.__table__)
SHOWN_FOR = timedelta(days=366)
"""As long as a title looks back."""
SHOWN = 24


def note(site_id: int, now: datetime) -> None:
    """Count one answered tap of the hour of ``now`` that only this process has limited, in the caller's transaction."""
    hour_at = now.replace(minute=0, second=0, microsecond=0)
    db.session.execute(
        _one_more(db.session.get_bind().dialect.name), {"site_id": site_id, "hour_at": hour_at, "taps": 1}
    )


@cache
def _one_more(dialect: str) -> Any:
    insert = postgresql.insert(HOURS) if dialect == "postgresql" else sqlite.insert(HOURS)
    return insert.on_conflict_do_update(
        index_elements=[HOURS.c.site_id, HOURS.c.hour_at], set_={"taps": HOURS.c.taps + 1}
    )


def hours_of(site_id: int, since: datetime) -> list[tuple[datetime, int]]:
    """Return (start of the hour, taps) of one site since an instant, latest first."""
    rows = (
        select(HOURS.c.hour_at, HOURS.c.taps)
        .where(HOURS.c.site_id == site_id, HOURS.c.hour_at >= since)
        .order_by(HOURS.c.hour_at.desc())
    )
    return [(hour_at, taps) for hour_at, taps in db.session.execute(rows)]


def site_panel(site: Site, user: User) -> Markup:
    """The hours of the last year, for the unions above the host; nothing when there are none."""
    is_reviewer = user.role in (DISTRICT_UNION, MUNICIPAL_UNION) and user.trade_union_id != site.host_id
    hours = hours_of(site.id, clock.now() - SHOWN_FOR) if is_reviewer else []
    if not hours:
        return Markup()
    shown = [(f"{hour_at.astimezone(SHANGHAI):%Y-%m-%d %H:00}", taps) for hour_at, taps in hours[:SHOWN]]
    html = render_template("usage/unguarded.html", hours=shown, more=max(0, len(hours) - SHOWN))
    return Markup(html)  # noqa: S704  a template escapes
