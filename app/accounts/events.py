"""What happened to accounts: who logged in or failed, who changed what. Without addresses or devices (design, 5)."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import selectinload

from app.accounts.models import AccountEvent, User
from app.db import db

KINDS = (
    "log_in", "failed", "locked", "log_out", "password", "tokens", "token", "two_factor", "disabled", "enabled",
    "opened", "two_factor_on", "two_factor_off", "recovery_codes", "recovery_used", "email",
)  # fmt: skip
ACTS = tuple(kind for kind in KINDS if kind not in ("log_in", "failed", "locked", "log_out", "recovery_used"))
"""What somebody did to an account, and not that its person came and went."""
KEPT_FOR = timedelta(days=180)
SHOWN = 10


def record(kind: str, user: User | None, at: datetime, by: User | None = None) -> None:
    """Write down that `kind` happened to `user` (None: the name is nobody's) through `by`, by default herself.

    A failed log-in costs one row whether or not the name is somebody's: the answer takes as long either way.
    """
    if kind not in KINDS:
        raise ValueError(kind)
    db.session.add(AccountEvent(kind=kind, user_id=user.id if user else None, by_id=by.id if by else None, at=at))


def forget_old(at: datetime) -> None:
    """Delete what is older than `KEPT_FOR`."""
    db.session.execute(delete(AccountEvent).where(AccountEvent.at < at - KEPT_FOR))


def latest(user: User, kinds: Collection[str] = KINDS) -> list[AccountEvent]:
    """The latest `SHOWN` events of an account, the last first, each with who did it."""
    rows = select(AccountEvent).where(AccountEvent.user_id == user.id, AccountEvent.kind.in_(kinds))
    newest = rows.order_by(AccountEvent.at.desc(), AccountEvent.id.desc()).limit(SHOWN)
    return list(db.session.scalars(newest.options(selectinload(AccountEvent.by))))


def hers(user: User) -> list[AccountEvent]:
    """What her own page shows, the last first: the latest events, and the latest acts, which failed log-ins bury."""
    found = {event.id: event for event in (*latest(user), *latest(user, ACTS))}
    return [found[key] for key in sorted(found, key=lambda key: (found[key].at, key), reverse=True)]
