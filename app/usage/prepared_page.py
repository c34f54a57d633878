"""The door page, drawn once for each kind of page and then only filled in: drawing it took most of a visit's time.

Nothing is remembered of a site or a visitor. What a page says depends on the site's row as it is now; what differs
between two pages of one kind are the words in `Words`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import NamedTuple
from uuid import uuid4

from flask import Response, current_app, render_template, request
from markupsafe import escape

from app import web
from app.headers import csp_nonce
from app.usage.queries import SiteAtDoor
from app.usage.services import PURPOSES

Piece = bytes | int


class Words(NamedTuple):
    """What is filled in, as plain text."""

    name: str
    floor_label: str
    code: str
    key: str
    token: str
    nonce: str


@dataclass(frozen=True)
class AnySite:
    """What the page asks of a site: the first three are filled in, the others make it another kind of page."""

    name: str
    floor_label: str
    code: str
    is_room: bool
    is_synthetic: bool


class PreparedPage:
    """A page in pieces, with gaps."""

    def __init__(self, draw: Callable[[Words], str]) -> None:
        # Letters and digits only: they mean the same in text, in attributes and in addresses.
        gaps = Words(*(f"gap{token_hex(12)}" for _ in Words._fields))
        parts = re.split(f"({'|'.join(gaps)})", draw(gaps))
        self._pieces: tuple[Piece, ...] = tuple(gaps.index(part) if part in gaps else part.encode() for part in parts)

    def filled(self, words: Words) -> bytes:
        """The page for one visit."""
        texts = [str(escape(word)).encode() for word in words]
        return b"".join(texts[piece] if isinstance(piece, int) else piece for piece in self._pieces)


def is_visitor() -> bool:
    """Whether no session came along: it is nobody who works here."""
    return current_app.config["SESSION_COOKIE_NAME"] not in request.cookies


def page_for_visit(site: SiteAtDoor, token: str, now: datetime) -> Response | None:
    """The page for a visitor who has just scanned the code; None when her address asks for more than a language."""
    language = request.args.get("lang", "")
    if not is_visitor() or len(request.args) > bool(language) or (language and language not in web.LOCALES):
        return None
    scan_only = site.is_scan_only_at(now)
    words = Words(site.name, site.floor_label, site.code, str(uuid4()), token, csp_nonce())
    kind = (web.select_locale(), language, site.is_room, site.is_synthetic, scan_only, bool(site.floor_label))
    prepared: dict[object, PreparedPage] = current_app.extensions.setdefault("door_pages", {})
    if kind not in prepared:
        prepared[kind] = PreparedPage(lambda gaps: _drawn(site, gaps, scan_only=scan_only))
    return Response(prepared[kind].filled(words), headers={"Cache-Control": "no-store"}, mimetype="text/html")


def _drawn(site: SiteAtDoor, gaps: Words, *, scan_only: bool) -> str:
    floor = gaps.floor_label if site.floor_label else ""
    any_site = AnySite(gaps.name, floor, gaps.code, site.is_room, site.is_synthetic)
    return render_template(
        "usage/door.html", site=any_site, key=gaps.key, token=gaps.token, csp_nonce=lambda: gaps.nonce,
        scan_only=scan_only, purposes=PURPOSES, chosen=None, note=None, staff=None,
    )  # fmt: skip
