"""Scores events that come from anywhere, without a database: what a generator of its own, or another city, needs. Pure.

The counting rule is applied here when the events do not say whether they count, so that what is scored is what would
have been counted.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from app.anomalies.context import SiteContext
from app.anomalies.detectors import Flag, flags
from app.anomalies.signals import Event, Signals, Token, signals_of
from app.months import Month, local_date
from app.sites.hours import Hours
from app.usage.counting import CountedUse, Door, judge

NOBODY = UUID(int=0)


def score(
    events: Mapping[str, Iterable[Event]], contexts: Mapping[str, SiteContext], first: Month, last: Month
) -> dict[str, tuple[Flag, ...]]:
    """The flags of each site of `contexts` from its events, for the months `first` to `last`, both included."""
    found = {}
    for site, context in contexts.items():
        days = signals_by_day(events.get(site, ()), context.hours)
        found[site] = flags(days, context, first, last)
    return found


def signals_by_day(events: Iterable[Event], hours: Hours | None) -> dict[date, Signals]:
    """The signals of each local date with any event of one site. A token is another one in the next month."""
    by_day: defaultdict[date, list[Event]] = defaultdict(list)
    for event in events:
        by_day[local_date(event.used_at)].append(event)
    found, seen, month = {}, Counter[Token](), None
    for on in sorted(by_day):
        if month != Month.of_date(on):
            month, seen = Month.of_date(on), Counter()
        found[on] = signals_of(by_day[on], hours=hours, seen=seen)
        seen.update({event.token for event in by_day[on] if event.is_counted})
    return found


def counted(events: Sequence[Event]) -> list[Event]:
    """The events of one site with the counting rule applied, in order of time, as if each had come at once.

    Codes are live and the site is operating; a token is another one in the next month. A rating of a use that does not
    count falls away with it.
    """
    before: defaultdict[tuple[Token, Month], list[CountedUse]] = defaultdict(list)
    judged = []
    for event in sorted(events, key=lambda one: one.used_at):
        mine = before[event.token, Month.of(event.used_at)]
        reason = judge(event.used_at, Door(), mine).reason
        if reason is None:
            mine.append(CountedUse(NOBODY, event.used_at))
            judged.append(replace(event, is_counted=True, reason=None))
        else:
            judged.append(replace(event, is_counted=False, reason=reason.value, step=None, rated_at=None))
    return judged
