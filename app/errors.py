"""Domain errors and the one table that turns them into HTTP statuses.

Messages are English message ids with ``%(name)s`` parameters; the edge (web pages, API, commands) translates them.
"""

from collections.abc import Mapping


def N_(message: str) -> str:  # noqa: N802  gettext's own name for the marker
    """Mark `message` for translation without translating it here: pure modules do not know the reader's language."""
    return message


class DomainError(Exception):
    """Something a person asked for cannot be done.

    `message` is a message id, `params` its values, `fields` maps a field or parameter name to message ids about it.
    """

    code = "error"

    def __init__(self, message: str, fields: Mapping[str, str] | None = None, **params: object) -> None:
        super().__init__(message % params if params else message)
        self.message = message
        self.params = params
        self.fields = dict(fields or {})


class Invalid(DomainError):
    """The request was understood and its content is wrong; `fields` says where."""

    code = "invalid"


class NotFound(DomainError):
    """No such object, or none that this person may know of."""

    code = "not_found"


class Forbidden(DomainError):
    """The person is known and may not do this."""

    code = "forbidden"


class Unauthenticated(DomainError):
    """The person has to log in first."""

    code = "unauthenticated"


class Conflict(DomainError):
    """The state of the object does not allow this act."""

    code = "conflict"


class Gone(DomainError):
    """It was there, and is over: a closed month, a revoked code."""

    code = "gone"


class Unavailable(DomainError):
    """Something this depends on is down; trying again later is right."""

    code = "unavailable"


STATUS: Mapping[type[DomainError], int] = {
    Invalid: 422,
    NotFound: 404,
    Forbidden: 403,
    Unauthenticated: 401,
    Conflict: 409,
    Gone: 410,
    Unavailable: 503,
    DomainError: 400,
}


def status_of(error: DomainError) -> int:
    """HTTP status of the nearest class of `error` that the table names."""
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)
