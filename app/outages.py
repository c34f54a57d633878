"""What is answered while something this depends on is away: the database, room on the disk, the limiter's store.

Nothing is ever acknowledged then: the answer is a 503 with ``Retry-After``, the page offers to send the same form
again, and the queue on the phone does so by itself. The finder does not come here, it answers from memory. A command
ends with a sentence.
"""

import copy
import errno
import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

import click
import psycopg
from flask import Flask, Response, current_app, g, got_request_exception
from flask.typing import ResponseReturnValue
from flask_security.core import AnonymousUser
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from app import headers, web
from app.db import db
from app.errors import Invalid, Unavailable
from app.web import HTTP_MESSAGES

LOG = logging.getLogger(__name__)
RETRY_AFTER_S = 5
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def init_app(app: Flask) -> None:
    """Answer for what is away on `app`."""
    for away in (OperationalError, InterfaceError, NoConnectionFree):
        app.register_error_handler(away, _answer_database_away)
    app.register_error_handler(OSError, _answer_full_disk)
    app.register_error_handler(DataError, _answer_refused_value)
    got_request_exception.connect(_end_transaction, app)
    app.after_request(_say_when)


def tell_commands(app: Flask) -> None:
    """Let every command of `app` say in a sentence what is away, or that there are no tables yet."""
    for name, command in app.cli.commands.items():
        app.cli.commands[name] = told = copy.copy(command)  # the command itself belongs to every application
        told.invoke = _telling(command.invoke)  # type: ignore[method-assign, assignment]


def _telling(invoke: Callable[[click.Context], Any]) -> Callable[[click.Context], Any]:
    @wraps(invoke)
    def told(context: click.Context) -> Any:
        try:
            return invoke(context)
        except DBAPIError as error:
            if _lacks_tables(error):
                raise click.ClickException("The database lacks tables; run flask db upgrade first") from error
            if isinstance(error, OperationalError | InterfaceError):
                cause = str(error.orig).partition("\n")[0]
                raise click.ClickException(f"The database does not answer: {cause}") from error
            raise
        except Unavailable as error:
            raise click.ClickException(str(error)) from error

    return told


def _lacks_tables(error: DBAPIError) -> bool:
    missing = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn)
    return isinstance(error.orig, missing) or str(error.orig).startswith(("no such table", "no such column"))


def limiter_is_away() -> bool:
    """Whether the limits of this request were counted by this process alone, because their shared store is away."""
    is_shared = current_app.config["RATELIMIT_STORAGE_URI"] != "memory://"
    return is_shared and bool(web.limiter._storage_dead)  # the library has no public word for it


def _answer_database_away(error: Exception) -> ResponseReturnValue:
    # The message of a driver may hold values; its class says enough.
    LOG.warning("The database does not answer: %s", type(getattr(error, "orig", None) or error).__name__)
    return _try_again()


def _answer_full_disk(error: OSError) -> ResponseReturnValue:
    if error.errno not in _DISK_FULL:
        raise error
    LOG.warning("The disk is full")
    return _try_again()


def _answer_refused_value(error: DataError) -> ResponseReturnValue:
    """What no check has found and the database does not take: a NUL in a text, a number too large for its column."""
    LOG.warning("The database refuses a value: %s", type(error.orig).__name__)
    db.session.rollback()
    return web.answer_domain_error(Invalid("Some values are wrong"))


def _end_transaction(_app: Flask, **_said: object) -> None:
    """The page of the error asks who is logged in, and a transaction that has failed answers nothing any more."""
    db.session.rollback()


def _try_again() -> Response:
    db.session.rollback()
    # Who is logged in cannot be looked up now, and the page of the error would ask.
    g._login_user = AnonymousUser()  # type: ignore[no-untyped-call]
    answer = current_app.make_response(web.answer_domain_error(Unavailable(HTTP_MESSAGES[503])))
    answer.headers["Cache-Control"] = "no-store"
    # When the commit fails, everything else that completes an answer has completed the one that is not sent.
    return _say_when(headers.complete(answer))


def _say_when(response: Response) -> Response:
    if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers.setdefault("Retry-After", str(RETRY_AFTER_S))
    return response
