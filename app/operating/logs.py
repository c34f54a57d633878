"""The log as JSON lines. Of a request it names the route, never the path: there is a door's code in it, or an id.

No line has an address, a user agent, a query string or an account (design, section 5). Of an error that nobody has
expected the places in the code are told and its class, not its message: that may hold what somebody has sent.
"""

import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

import orjson
from flask import Flask, Response, g, has_request_context, request

REQUESTS = logging.getLogger("app.requests")
ABOUT_REQUESTS = ("route", "method", "status", "ms")


class JsonLines(logging.Formatter):
    """One JSON object a line: at (UTC), level, logger, message; request, while one is answered."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of `record`."""
        said: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if has_request_context() and "request_id" in g:
            said["request"] = g.request_id
        said |= {name: vars(record)[name] for name in ABOUT_REQUESTS if name in vars(record)}
        if record.exc_info and record.exc_info[0]:
            said["error"] = record.exc_info[0].__name__
            said["places"] = places(record.exc_info[2])
        return orjson.dumps(said, default=str).decode()


def places(trace: TracebackType | None) -> list[str]:
    """Where in the code an error came by, without its message."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


def configure(log_format: str, stream: TextIO | None = None) -> None:
    """Send what this process logs to `stream` (stderr) in that format. ``text`` is Python's own: warnings, as they are.

    For a process that serves or runs a command; making an application does not touch its process's logging.
    """
    if log_format != "json":
        return
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    REQUESTS.setLevel(logging.INFO)


def init_app(app: Flask) -> None:
    """Errors of `app` that nobody has expected are told by their route."""
    app.log_exception = _tell  # type: ignore[method-assign]


def _tell(exc_info: object) -> None:
    logging.getLogger("app").error(
        "An error that nobody has expected", exc_info=exc_info,  # type: ignore[arg-type]
        extra={"route": route(), "method": request.method},
    )  # fmt: skip


def tell_request(response: Response, seconds: float) -> None:
    """One line for an answered request."""
    REQUESTS.info(
        "answered",
        extra={
            "route": route(), "method": request.method, "status": response.status_code, "ms": round(1000 * seconds, 1),
        },
    )  # fmt: skip


def route() -> str:
    """The rule of this request's route, such as ``/r/<code>``; ``other`` when there is none."""
    return request.url_rule.rule if request.url_rule else "other"
