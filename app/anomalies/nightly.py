"""What is done each night: days become signals while their pseudonyms are there, then every site is judged."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from app.anomalies import services
from app.db import db, unit_of_work
from app.sites.models import Site, SiteStatus


def run(now: datetime) -> Iterator[str]:
    """Do it, each site in a transaction of its own, and say after each half what was done."""
    with unit_of_work():
        moved = services.collect(now)
    yield f"{moved} days kept"
    operating = select(Site.id).where(Site.status == SiteStatus.OPERATING).order_by(Site.id)
    with unit_of_work():
        ids = db.session.scalars(operating).all()
    flagged = 0
    for site_id in ids:
        with unit_of_work():
            flagged += services.judge(db.session.get_one(Site, site_id), now).is_flagged
    yield f"{len(ids)} sites judged, {flagged} flagged"
