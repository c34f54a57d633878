"""Pages that only read and read much ask a replica of the database; a person's own writes are never missing there.

A replica may lag. So each write of somebody who is logged in leaves its place in the write-ahead log in her session,
and a view declared with `reads_replica` uses the replica only when it has come so far, streams, and is at most
`MOST_BEHIND_S` late. Otherwise, and whenever the replica fails, the primary answers: nobody sees a replica's trouble.
"""

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app, request, session
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from app.db import db, read_from

LOG = logging.getLogger(__name__)
MOST_BEHIND_S = 30
LEFT_ALONE_S = 10.0
"""So long nobody asks a replica that did not answer."""
WRITTEN = "written_at_lsn"
NEVER_THERE = "FFFFFFFF/FFFFFFFF"
_IS_READY = text("""
SELECT NOT pg_is_in_recovery() OR (
    (CAST(:written AS pg_lsn) IS NULL OR pg_last_wal_replay_lsn() >= CAST(:written AS pg_lsn))
    AND EXISTS (SELECT FROM pg_stat_wal_receiver)
    AND (pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn()
         OR pg_last_xact_replay_timestamp() > now() - make_interval(secs => :most_behind_s)))
""")
_WRITTEN_SO_FAR = text("SELECT CAST(pg_current_wal_lsn() AS text)")

View = TypeVar("View", bound=Callable[..., Any])


def init_app(app: Flask) -> None:
    """Note what people write. To be called before `app.db.init_app`: its commit then comes first."""
    app.extensions["replica_left_alone_until_s"] = float("-inf")
    app.after_request(_note_write)


def reads_replica(view: View) -> View:
    """Declare that a GET of this view only reads. What fails on the replica is asked of the primary once more."""

    @wraps(view)
    def routed(*args: Any, **kwargs: Any) -> Any:
        if request.method in ("GET", "HEAD") and "replica" in db.engines and _is_ready():
            try:
                answer = view(*args, **kwargs)
                read_from(None)
            except DBAPIError as error:
                _give_up(error, is_away=error.connection_invalidated)
            else:
                return answer
        return view(*args, **kwargs)

    return cast("View", routed)


def _is_ready() -> bool:
    """Whether this request's session reads from the replica from here on."""
    if time.monotonic() < current_app.extensions["replica_left_alone_until_s"]:
        return False
    read_from("replica")
    values = {"written": session.get(WRITTEN), "most_behind_s": MOST_BEHIND_S}
    try:
        is_ready: bool = db.session.execute(_IS_READY, values).scalar_one()
    except (DBAPIError, NoConnectionFree) as error:
        _give_up(error, is_away=True)
        return False
    if not is_ready:
        read_from(None)
    return is_ready


def _give_up(error: Exception, *, is_away: bool) -> None:
    # The message of a driver may hold values; its class says enough.
    LOG.warning("The replica did not answer: %s", type(getattr(error, "orig", None) or error).__name__)
    if is_away:
        current_app.extensions["replica_left_alone_until_s"] = time.monotonic() + LEFT_ALONE_S
    db.session.rollback()
    read_from(None)


def _note_write(response: Response) -> Response:
    """How far the log had come just after the commit of somebody who is logged in; visitors get no cookie."""
    is_write = request.method not in ("GET", "HEAD", "OPTIONS") and response.status_code < 400
    if is_write and "replica" in db.engines and "_user_id" in session:
        try:
            session[WRITTEN] = db.session.execute(_WRITTEN_SO_FAR).scalar_one()
        except SQLAlchemyError:  # it is committed all the same: she reads from the primary until she writes again
            session[WRITTEN] = NEVER_THERE
        db.session.rollback()
    return response
