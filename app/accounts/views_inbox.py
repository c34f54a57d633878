"""The inbox: what waits for a person, in one glance. And the navigation of the workbench, which shows its number."""

from itertools import groupby
from typing import Any

from flask import Flask, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from app.accounts.inbox import forget_numbers, inbox, number_to_do, remembered_number
from app.accounts.models import User
from app.accounts.views import blueprint
from app.clock import now
from app.months import local_date
from app.serving import SAFE
from app.web import EVERYONE, access, declared_access


@blueprint.get("/inbox")
@access(*EVERYONE)
def show_inbox() -> ResponseReturnValue:
    """What is overdue, returned, due and waiting for others."""
    user: User = current_user._get_current_object()
    at = now()
    items = inbox(user, at)
    groups = [(state, list(found)) for state, found in groupby(items, key=lambda item: item.state)]
    return render_template("accounts/inbox.html", groups=groups, today=local_date(at), number=number_to_do(items))


def may_open(path: str) -> bool:
    """Whether there is such a page and the person's role may open it: other features bring pages along, or not."""
    allowed: dict[tuple[str, str], bool] = current_app.extensions.setdefault("navigation", {})
    key = (path, current_user.role)
    if key not in allowed:
        allowed[key] = _declares(path, current_user.role)
    return allowed[key]


def _declares(path: str, role: str) -> bool:
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return False
    return role in (declared_access(current_app, endpoint) or ())


def _number_to_do() -> int:
    return remembered_number(current_user._get_current_object(), now())


def _after_an_act(response: Response) -> Response:
    if request.method not in SAFE:
        forget_numbers()
    return response


def init_app(app: Flask) -> None:
    """Give the templates what the navigation needs."""
    words: dict[str, Any] = {"may_open": may_open, "number_to_do": _number_to_do}
    app.context_processor(lambda: words)
    app.after_request(_after_an_act)
