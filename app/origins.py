"""Which page sent a request, and what of a form that came too late is handed back to who wrote it.

Browsers keep no page of somebody who is logged in (`app.headers`): going back shows an empty form.
"""

from urllib.parse import urlsplit

from flask import current_app, request

from app.errors import Forbidden

SECRETS = frozenset({"again", "code", "current", "password"})
"""Fields that no page says again."""


def _sender() -> str | None:
    return request.headers.get("Origin") or request.headers.get("Referer")


def _is_ours(address: str) -> bool:
    mine = {urlsplit(current_app.extensions["settings"].base_url).netloc, request.host}
    try:
        return urlsplit(address).netloc in mine
    except ValueError:  # no address at all: a bracket that nothing closes
        return False


def refuse_foreign_origin() -> None:
    """Raise Forbidden when the browser says that another site's page sent this."""
    sender = _sender()
    if sender is not None and not _is_ours(sender):
        raise Forbidden("This form was sent from another web site and has been refused")


def kept_form() -> list[tuple[str, str]]:
    """Names and values to be sent once more, after she has logged in and pressed a button that says so.

    None unless a page of ours has sent them, and none with a password or a file among them.
    """
    sender = _sender()
    is_work = request.method == "POST" and request.path.startswith("/manage/")
    if not is_work or sender is None or not _is_ours(sender):
        return []
    if SECRETS & set(request.form) or any(file.filename for file in request.files.values()):
        return []
    return [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]
