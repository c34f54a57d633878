"""Log-ins as rows: each has an id of its own, and is over at log-out, after 12 hours unused, or after a week."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from flask import session
from flask_security.utils import set_request_attr
from sqlalchemy import delete, select

from app.accounts.models import LogInSession, User
from app.clock import now
from app.db import db

KEY, SEEN = "log_in", "seen_at"
IDLE = timedelta(hours=12)
"""Unused for so long, a log-in is over."""
LONGEST = timedelta(days=7)
"""After so long she has to log in again, however much she works."""
REFRESH = timedelta(minutes=5)


def begin(user: User, at: datetime) -> None:
    """A new id for this browser's session; the one it had before is worth nothing any more."""
    end()
    db.session.execute(delete(LogInSession).where(LogInSession.began_at <= at - LONGEST))
    session[KEY] = made(user, at)
    session[SEEN] = int(at.timestamp())


def made(user: User, at: datetime) -> str:
    """The id of a new log-in of `user`. The database knows only its hash."""
    fresh = secrets.token_urlsafe(24)
    db.session.add(LogInSession(id=digest(fresh), user_id=user.id, began_at=at))
    return fresh


def end() -> None:
    """This browser's log-in is over, also for a copy of its cookie."""
    known = session.pop(KEY, None)
    session.pop(SEEN, None)
    if isinstance(known, str):
        db.session.execute(delete(LogInSession).where(LogInSession.id == digest(known)))


def user_of_session(identity: str) -> User | None:
    """The active account of a log-in that is not over; `identity` changes with every new password."""
    known, seen, at = session.get(KEY), session.get(SEEN), now()
    if not isinstance(known, str) or not isinstance(seen, int):
        return None
    unused = at - datetime.fromtimestamp(seen, UTC)
    if unused > IDLE:
        return None
    user = db.session.scalar(
        select(User).join(LogInSession, LogInSession.user_id == User.id).where(
            User.fs_uniquifier == identity, User.active,
            LogInSession.id == digest(known), LogInSession.began_at > at - LONGEST,
        )
    )  # fmt: skip
    if user is None:
        return None
    if unused > REFRESH:
        session[SEEN] = int(at.timestamp())
    set_request_attr("fs_authn_via", "session")  # what the library's own loader says
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    return user


def digest(known: str) -> bytes:
    """What the database knows of a session's id."""
    return hashlib.sha256(known.encode()).digest()
