"""Reading dated values: keyed by start date only, each with the place in the text that sets it."""

from collections.abc import Callable
from datetime import date

from app.errors import N_
from app.rulebooks.model import Dated, Series, Value
from app.rulebooks.node import Node


def read_series(node: Node, key: str, start: date, read: Callable[[Node, str], Value]) -> Series[Value]:
    """Read dated values: ascending, and none missing from `start` on, when the rulebook comes into force."""
    entries: list[Dated[Value]] = []
    for row in node.tables(key):
        entry = Dated(row.day("from"), read(row, "value"), row.string("reference"))
        row.finish()
        if not entries and entry.from_on > start:
            message = N_("%(file)s: %(key)s is later than %(start)s, when the rulebook comes into force")
            row.fail("from", message, start=start.isoformat())
        if entries and entry.from_on <= entries[-1].from_on:
            row.fail("from", N_("%(file)s: %(key)s has to be later than the one before"))
        entries.append(entry)
    return Series(tuple(entries))
