"""What is waiting for a person. Features add sources; one page and the notices by e-mail read them all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import Flask, current_app

from app.accounts.models import User

DUE, OVERDUE, RETURNED, WAITING = "due", "overdue", "returned", "waiting"


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
    order = (OVERDUE, RETURNED, DUE, WAITING)
    items = [item for source in sources for item in source(user, at)]
    return sorted(items, key=lambda item: (order.index(item.state), item.due_on or date.max, item.key))
