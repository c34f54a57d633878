"""Which sites are open at an instant. Many sites share one set of hours, so each set is asked once a minute."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from app.finder.columns import Mask, Shared
from app.sites.hours import DAY_MINUTES, LOCAL_ZONE, Hours


@dataclass(eq=False)
class _Minute:
    """What was found out in one minute; a thread keeps its own while another moves on."""

    number: int
    live: dict[int, bytes] = field(default_factory=dict)
    open_mask: Mask | None = None


class Timetable:
    """The hours of a column of sites; a position is an index into it."""

    def __init__(self, hours: Shared[Hours]) -> None:
        self._hours = hours
        self._minute = _Minute(-1)

    def open_mask(self, at: datetime) -> Mask:
        """Shape (n,): which sites are open by their hours."""
        minute = self._minute_of(at)
        if minute.open_mask is None:
            minute.open_mask = self._hours.mask(lambda one: one.state_at(at) == "open")
        return minute.open_mask

    def ranks(self, at: datetime, states: Sequence[str]) -> NDArray[np.int8]:
        """Shape (n,): where among `states` each site's state by its hours stands."""
        of_each = np.array([states.index(one.state_at(at)) for one in self._hours.values], dtype=np.int8)
        return self._hours.spread(of_each)

    def live_bytes(self, at: datetime) -> Callable[[int], bytes]:
        """From a position to ``"state":…,"hours_today":…,"changes_at":…,`` for the inside of a JSON object.

        `hours_today` is a list of pairs "HH:MM", [] for closed all day and null for unknown; hours past midnight
        count on, so "26:00" is two o'clock on the next day. `changes_at` is `next_change`.
        """
        live, numbers = self._minute_of(at).live, self._hours.numbers

        def bytes_of(position: int) -> bytes:
            number = numbers[position]
            found = live.get(number)
            if found is None:
                answer = live_of(self._hours.values[number], at)
                found = live[number] = orjson.dumps(answer)[1:-1] + b","
            return found

        return bytes_of

    def _minute_of(self, at: datetime) -> _Minute:
        number, minute = int(at.timestamp()) // 60, self._minute
        if number != minute.number:
            minute = self._minute = _Minute(number)
        return minute


def live_of(hours: Hours, at: datetime) -> dict[str, Any]:
    """What the clock says about one set of hours, ready for JSON."""
    return {"state": hours.state_at(at), "hours_today": hours_on(hours, at), "changes_at": next_change(hours, at)}


def hours_on(hours: Hours, at: datetime) -> list[tuple[str, str]] | None:
    """The intervals of the local day of `at` as texts, None when unknown."""
    intervals = hours.intervals_on(at.astimezone(LOCAL_ZONE).date())
    return None if intervals is None else [(clock_text(start), clock_text(end)) for start, end in intervals]


def next_change(hours: Hours, at: datetime) -> str | None:
    """When an open site closes, or a closed one opens later on the same local day, as "HH:MM"; None when neither."""
    local = at.astimezone(LOCAL_ZONE)
    minute, today = local.hour * 60 + local.minute, local.date()
    spans: list[tuple[int, int]] = [*(hours.intervals_on(today) or ())]
    late = hours.intervals_on(today - timedelta(days=1)) or ()
    spans += [(start - DAY_MINUTES, end - DAY_MINUTES) for start, end in late]
    ends = [end for start, end in spans if start <= minute < end]
    if ends:
        return clock_text(max(ends) if max(ends) <= DAY_MINUTES else max(ends) - DAY_MINUTES)
    starts = [start for start, _ in spans if start > minute]
    return clock_text(min(starts)) if starts and hours.state_at(at) == "closed" else None


def clock_text(minutes: int) -> str:
    """Minutes from midnight as "HH:MM"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
