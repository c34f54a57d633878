"""What the service does by itself, for the fourteen months that were simulated: seals, checkpoints, retention, flags.

A real history is sealed as it happens; the demonstration's is sealed at once, on the day it is made, and says so there.
"""

from collections.abc import Iterable
from datetime import datetime

from app.anomalies import queries as anomalies
from app.anomalies.services import collect_month, judge
from app.demo.scenario import MONTHS
from app.months import Month, month_range
from app.sites.models import Site
from app.usage import erasing
from app.usage.ledger.services import checkpoint, seal_due


def settle(sites: Iterable[Site], now: datetime) -> None:
    """Bring everything to where it would be at the instant `now` (aware). Nothing commits."""
    _seal(now)
    present = Month.of(now)
    for month in month_range(present - MONTHS, present):
        if month.is_closed(now):
            checkpoint(month, now)
        if not erasing.is_over(month, now):
            for site_id in anomalies.sites_with_uses(month):
                collect_month(site_id, month)
    for site_id, month in erasing.due(now):
        erasing.erase(site_id, month, now)
    for site in sites:
        judge(site, now)
    _seal(now)


def _seal(now: datetime) -> None:
    while seal_due(now):
        pass
