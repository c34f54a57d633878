"""What is asked of an import."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.accounts.models import TradeUnion
from app.sites.datums import Datum
from app.sites.importing.profile import Profile


@dataclass(frozen=True)
class Order:
    """What to import: a file by a profile, for the subtree of a union, at an instant.

    `datum`, `encoding` and `sheet` complete what the profile leaves open; `user_id` is the person who imports, None
    for an operator at the command line.
    """

    path: Path
    profile: Profile
    union: TradeUnion
    now: datetime
    datum: Datum | None = None
    encoding: str | None = None
    sheet: str | None = None
    user_id: int | None = None
