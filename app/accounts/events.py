"""What happened to accounts: who logged in or failed, who changed what. Without addresses or devices (design, 5)."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from app.accounts.models import AccountEvent, User
from app.db import db

KINDS = (
    "log_in", "failed", "locked", "log_out", "password", "tokens", "token", "two_factor", "disabled", "enabled",
    "opened",
)  # fmt: skip
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


def latest(user: User) -> list[AccountEvent]:
    """The latest `SHOWN` events of an account, the last first."""
    mine = select(AccountEvent).where(AccountEvent.user_id == user.id)
    return list(db.session.scalars(mine.order_by(AccountEvent.at.desc(), AccountEvent.id.desc()).limit(SHOWN)))
