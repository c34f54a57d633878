"""Where a call stands on a date. Pure."""

from datetime import date
from typing import Protocol

UPCOMING, APPLYING, RECOMMENDING, REVIEWING = "upcoming", "applying", "recommending", "reviewing"
PUBLISHED, CANCELLED = "published", "cancelled"
STAGES = (UPCOMING, APPLYING, RECOMMENDING, REVIEWING, PUBLISHED, CANCELLED)


class Dates(Protocol):
    """What decides about a stage: all three dates are included."""

    state: str
    opens_on: date
    closes_on: date
    recommend_by: date


def stage(call: Dates, today: date) -> str:
    """One of `STAGES`. Districts recommend from the first application on; nobody applies after `closes_on`."""
    if call.state in (PUBLISHED, CANCELLED):
        return call.state
    if today < call.opens_on:
        return UPCOMING
    if today <= call.closes_on:
        return APPLYING
    return RECOMMENDING if today <= call.recommend_by else REVIEWING
