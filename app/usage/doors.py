"""Whose door a printed code is on: that never changes, so the door page's own token says it and a tap need not ask.

Everything that may change (suspended, closed, revoked) is read anew in each tap's own transaction.
"""

from datetime import datetime
from typing import NamedTuple

from app.usage import queries, tokens
from app.usage.queries import PrintedCode
from app.usage.tokens import TokenState


class Door(NamedTuple):
    """A `PrintedCode`."""

    code: str
    site_id: int
    door_code_id: int


def issue(secret: str, door: PrintedCode, now: datetime) -> str:
    """Return a token for the form on the page of ``door``."""
    return tokens.issue(secret, door.code, now, f"{door.site_id}-{door.door_code_id}")


def door_of(secret: str, code: str, token: str, now: datetime) -> tuple[TokenState, PrintedCode | None]:
    """Return what a form's token is worth at ``now``, and the door with the code ``code`` (canonical form), if any.

    Only for a token that is not valid the database is asked.
    """
    state, said = tokens.read(secret, code, token, now)
    if state is TokenState.VALID and said:
        site_id, _, door_code_id = said.partition("-")
        return state, Door(code, int(site_id), int(door_code_id))
    return state, queries.site_at_door(code)
