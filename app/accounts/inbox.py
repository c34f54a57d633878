"""What is waiting for a person. Features add sources; one page and the notices by e-mail read them all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Flask, current_app

from app.accounts.models import User

DUE, OVERDUE, RETURNED, WAITING = "due", "overdue", "returned", "waiting"
STATES = (OVERDUE, RETURNED, DUE, WAITING)
"""In the order in which people read them."""
PRESSING = (OVERDUE, RETURNED)
"""What she is led to after she has logged in."""
COUNT_HOLDS_FOR = timedelta(minutes=1)
"""How long the number beside 待办 is remembered: every page of the workbench shows it."""


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One thing to do. `key` is stable and unique (``case-17-submitted``), `text` one sentence in her language.

    `state` is ``due``, ``overdue``, ``returned`` (to her, with reasons) or ``waiting`` (for somebody else; shown last).
    """

    key: str
    text: str
    url: str
    state: str
    due_on: date | None = None


Source = Callable[[User, datetime], Sequence[InboxItem]]


def add_source(app: Flask, source: Source) -> None:
    """Let the inbox ask `source`, with a person and the present instant."""
    app.extensions.setdefault("inbox_sources", []).append(source)


def inbox(user: User, at: datetime) -> list[InboxItem]:
    """Everything that waits for `user`: overdue, returned, due by date, then what waits for others."""
    sources: list[Source] = current_app.extensions.get("inbox_sources", [])
    items = [item for source in sources for item in source(user, at)]
    return sorted(items, key=lambda item: (STATES.index(item.state), item.due_on or date.max, item.key))


def number_to_do(items: Sequence[InboxItem]) -> int:
    """How many of them are hers to do now."""
    return sum(item.state != WAITING for item in items)


def remembered_number(user: User, at: datetime) -> int:
    """The number of items that are hers to do, at most a minute old; any act in this process makes it fresh."""
    counts: dict[int, tuple[datetime, int]] = current_app.extensions.setdefault("inbox_counts", {})
    kept = counts.get(user.id)
    if kept is None or not timedelta(0) <= at - kept[0] < COUNT_HOLDS_FOR:
        kept = counts[user.id] = (at, number_to_do(inbox(user, at)))
    return kept[1]


def forget_numbers() -> None:
    """Count anew from now on."""
    current_app.extensions.get("inbox_counts", {}).clear()
