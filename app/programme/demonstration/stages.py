"""Where a call stands on a date. Pure."""

from datetime import date
from typing import Protocol

UPCOMING, APPLYING, RECOMMENDING, REVIEWING = "upcoming", "applying", "recommending", "reviewing"
PUBLISHED, CANCELLED = "published", "cancelled"
UNDECIDED = ("draft", "returned", "submitted")
"""States that an application is left in when its call ends without a decision."""
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


def is_left_behind(state: str, call: Dates, today: date) -> bool:
    """Whether nothing can come any more of an application in `state`: its call is over, or its last day has passed.

    Nothing is stored of it, so that more time for the call brings the application back as it was.
    """
    if call.state in (PUBLISHED, CANCELLED):
        return state in UNDECIDED
    last_day = {"draft": call.closes_on, "returned": call.recommend_by}.get(state)
    return last_day is not None and today > last_day
