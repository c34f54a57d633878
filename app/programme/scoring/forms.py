"""What a sheet's form and a telephone's script send, as changes."""

import zlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from flask import Request
from werkzeug.datastructures import FileStorage

from app.errors import N_, Invalid
from app.programme.scoring.answers import Change
from app.rulebooks.sheets import ScoreSheet

MOST_CHANGES = 300


def mark(version: int, value: str, note: str) -> str:
    """What a form carries about an answer it shows: its version, and a check of what it says."""
    return f"{version}:{zlib.crc32(f'{value}|{note}'.encode()):08x}"


def changes_of_form(sheet: ScoreSheet, form: Mapping[str, str]) -> list[Change]:
    """The items whose answer or note differs from what the form showed: the others may have moved on meanwhile."""
    changes = []
    for item in sheet.items:
        value, note = form.get(f"v-{item.id}", ""), form.get(f"n-{item.id}", "").replace("\r\n", "\n").strip()
        was = form.get(f"was-{item.id}", "")
        version = was.partition(":")[0]
        seen = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
        if mark(seen, value, note) != was:
            changes.append(Change(item.id, value, note, seen=seen))
    return changes


def photos_of_form(sheet: ScoreSheet, request: Request) -> list[tuple[str, UUID, FileStorage]]:
    """The photos chosen for the items; each has a key that is the same when the form is sent a second time."""
    found = []
    for item in sheet.items:
        chosen = [one for one in request.files.getlist(f"p-{item.id}") if one.filename]
        for number, upload in enumerate(chosen):
            key = uuid5(read_key(request.form.get("form_key", "")), f"{item.id}-{number}")
            found.append((item.id, key, upload))
    return found


def read_key(text: str) -> UUID:
    """A client's key. Raises Invalid naming ``key``."""
    try:
        return UUID(text)
    except ValueError as error:
        message = N_("This request lacks its key; reload the page and try again")
        raise Invalid(message, {"key": message}) from error


def changes_of_json(body: Any) -> list[Change]:
    """What a telephone sends: ``{"changes": [{"item", "value", "note", "key", "seen"}]}``. Raises Invalid."""
    rows = body.get("changes") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not rows or len(rows) > MOST_CHANGES or not all(map(_is_change, rows)):
        message = N_("This request cannot be understood")
        raise Invalid(message, {"changes": message})
    return [
        Change(
            row["item"], row["value"], row["note"].replace("\r\n", "\n").strip(), row["key"], row.get("seen"),
            tuple(row.get("earlier", ())),
        )
        for row in rows
    ]  # fmt: skip


def _is_change(row: Any) -> bool:
    if not isinstance(row, dict):
        return False
    texts = all(isinstance(row.get(name), str) for name in ("item", "value", "note", "key"))
    seen, earlier = row.get("seen"), row.get("earlier", [])
    texts = texts and isinstance(earlier, list) and all(isinstance(key, str) for key in earlier)
    return texts and bool(row["key"]) and (seen is None or (type(seen) is int and 0 <= seen < 2**31))
