"""Whose door a printed code is on, remembered by each process: that never changes, so a tap need not ask for it first.

Everything that may change (suspended, closed, revoked) is read anew in each tap's own transaction.
"""

from dataclasses import dataclass

from flask import current_app

from app.usage import queries
from app.usage.queries import PrintedCode

MOST = 20_000
"""Doors remembered; some megabytes."""


@dataclass(frozen=True, slots=True)
class Door:
    """A `PrintedCode`."""

    code: str
    site_id: int
    door_code_id: int


def door_of(code: str) -> PrintedCode | None:
    """Return the door with the code ``code`` (canonical form), None if there is none."""
    doors = _known()
    door = doors.get(code)
    if door is None:
        site = queries.site_at_door(code)
        if site is None:
            return None
        if len(doors) >= MOST:
            doors.clear()
        door = doors[code] = Door(code, site.site_id, site.door_code_id)
    return door


def forget(code: str) -> None:
    """Look for this door anew the next time."""
    _known().pop(code, None)


def _known() -> dict[str, Door]:
    doors: dict[str, Door] = current_app.extensions.setdefault("known_doors", {})
    return doors
