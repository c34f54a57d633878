"""What the door's forms say, read from what was posted."""

from typing import Any
from uuid import UUID

from app.errors import N_, Invalid
from app.usage.services import PURPOSES, Comments, Tap


def tap_from(form: Any) -> Tap:
    """Read the form. Raises Invalid naming the field."""
    try:
        key = UUID(form.get("key", ""))
    except ValueError:
        raise _wrong("key", N_("The key has to be a UUID")) from None
    purpose = form.get("purpose") or None
    if purpose is not None and purpose not in PURPOSES:
        raise _wrong("purpose", N_("This purpose is unknown"))
    return Tap(key, purpose, _milliseconds(form, "tapped_at"), _milliseconds(form, "sent_at"))


def _milliseconds(form: Any, field: str) -> int | None:
    text = form.get(field) or None
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise _wrong(field, N_("A time is given in milliseconds since 1970"))
    return int(text)


def rating_from(form: Any) -> tuple[int, Comments | None]:
    """Read the step, 0 for none or a wrong one, and what was said besides, None if that was not asked for.

    A browser counts a line break as one character while she types and sends two.
    """
    text = form.get("step", "")
    step = int(text) if text in ("1", "2", "3", "4", "5") else 0
    if "details" not in form:
        return step, None
    return step, Comments(form.getlist("tags"), form.get("comment", "").replace("\r\n", "\n"))


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, {field: message})
