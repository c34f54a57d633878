"""Flask as this product serves it: what only some requests need is not done for the others.

Most requests come from people without an account, who find rooms and open doors. Libraries install hooks that look at
the session or for limits on every request; here they run only on those that may be concerned.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, Request, Response, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import current_user

TOKEN_HEADER = "Authentication-Token"  # noqa: S105  the name of a header
_CREDENTIALS = ("HTTP_COOKIE", "HTTP_AUTHENTICATION_TOKEN")
SAFE = ("GET", "HEAD", "OPTIONS")

Hook = Callable[..., Any]
Condition = Callable[[], bool]


class Sessions(SecureCookieSessionInterface):
    """Sessions that cost nothing where there is none."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of the cookie, an empty one without a cookie."""
        return super().open_session(app, request) if "HTTP_COOKIE" in request.environ else SecureCookieSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie if need be. An empty session at which nobody has looked leaves nothing to be said."""
        if session or session.accessed or session.modified:
            super().save_session(app, session, response)


class Application(Flask):
    """Flask without what nothing here uses."""

    session_interface = Sessions()

    def ensure_sync(self, func: Hook) -> Hook:
        """Nothing here is asynchronous; Flask would examine every hook and view anew on every request."""
        return func


def is_unsafe() -> bool:
    """Whether the request may change something."""
    return request.method not in SAFE


def has_credentials() -> bool:
    """Whether somebody with an account may have sent the request. Who logs in has the cookie of the form's token."""
    return any(one in request.environ for one in _CREDENTIALS)


def is_logged_in() -> bool:
    """Whether somebody with an account has sent the request; nothing is looked up where that cannot be."""
    return ("_login_user" in g or has_credentials()) and bool(current_user.is_authenticated)


def narrowed(app: Flask, condition: Condition | None, install: Callable[[Flask], Any]) -> None:
    """Let `install` put a library on `app`; what it hooks into every request runs only where `condition` holds.

    Without a condition it never runs.
    """
    chains = [
        hooks.setdefault(None, [])
        for hooks in (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs)
    ]
    known = [len(chain) for chain in chains]
    install(app)
    for chain, first in zip(chains, known, strict=True):
        chain[first:] = [_only_if(condition, hook) for hook in chain[first:]] if condition else []


def _only_if(condition: Condition, hook: Hook) -> Hook:
    """Before and at the end of a request a hook gives nothing; after it, it hands on the response it was given."""

    @wraps(hook, assigned=())
    def narrow(*given: Any) -> Any:
        if condition():
            return hook(*given)
        return given[0] if given else None

    return narrow
