"""Proof of presence, given at a receipt; and what a site's people set up for it. Nothing here commits."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from flask import current_app
from limits import parse
from sqlalchemy import Table, select

from app.accounts.models import User
from app.config import Settings
from app.db import db
from app.errors import N_, Conflict, Gone, Invalid
from app.months import Month
from app.sites.models import Site
from app.sites.services import lock as lock_site
from app.sites.services import record
from app.usage import leaves, presence, queries, tallies
from app.usage.models import Presence
from app.usage.queries import SiteAtDoor, Use
from app.usage.services import algorithm
from app.web import limiter

PRESENCES = cast("Table", Presence.__table__)
PROVEN_WITHIN = timedelta(hours=3)
"""Of the use: long enough for a nap beside the baby, too short to ask the word from somebody else the next day."""
TRIES = parse("5/day")
"""Wrong words for one use, counted under its random id: nothing about the phone is kept."""
_TOO_LATE = N_("This can no longer be added to the visit")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the receipt asks for; `is_proven` once it was right."""

    word: bool
    code: bool
    is_proven: bool


def asked(site: SiteAtDoor, use: Use, now: datetime) -> Asked | None:
    """What may be proven about a use at ``now``, or has been; None where the site has no such sign or it is too late.

    Costs a statement only at sites that have one.
    """
    if not _has_sign(site) or not use.rating_counts:
        return None
    mine = (PRESENCES.c.site_id == use.site_id, PRESENCES.c.usage_id == use.rated_id)
    is_proven = db.session.execute(select(PRESENCES.c.method).where(*mine)).first() is not None
    if not is_proven and not _is_in_time(use, now):
        return None
    return Asked(site.has_word, site.tablet_key is not None, is_proven)


def prove(site: SiteAtDoor, use: Use, said: str, now: datetime) -> str:
    """Note that who logged the use knows the room's word or its tablet's code; return which of `presence.METHODS`.

    The same proof again changes nothing. Raises `Invalid` naming ``said`` when it is neither, `Conflict` after five
    wrong ones for this use, `Gone` where the room has neither, when it comes more than three hours after the use, the
    use does not count, its month is closed or a reviewer has excluded it.
    """
    if not _has_sign(site) or not use.rating_counts or not _is_in_time(use, now):
        raise Gone(_TOO_LATE)
    tries = ("presence", use.rated_id.hex)
    if not limiter.limiter.test(TRIES, *tries):
        message = N_("That was not right five times; thank you, your visit is counted all the same")
        raise Conflict(message, {"said": message})
    method = _method(site, said, now)
    if method is None:
        limiter.limiter.hit(TRIES, *tries)
        message = N_("That is not the word or the number in the room; you may also leave it out")
        raise Invalid(message, {"said": message})
    month = Month.parse(use.month)
    sequence = tallies.lock_open(use.site_id, month)
    if use.rated_id in queries.excluded_uses(use.site_id, use.month):
        raise Gone(_TOO_LATE)
    row = {
        "site_id": use.site_id, "usage_id": use.rated_id, "month": use.month, "sequence": sequence, "method": method,
        "is_counted": True, "proven_at": now,
    }  # fmt: skip
    if tallies.insert_or_ignore(PRESENCES, leaves.stamped("presence", row, algorithm())):
        tallies.move(use.site_id, month, {"on_site": 1, "events": 1})
    return method


def set_word(actor: User, site: Site, *, has_word: bool, now: datetime) -> None:
    """Say whether a word of the month hangs in the room; the receipt asks for it from now on, or no longer."""
    lock_site(site, "has_word")
    if site.has_word == has_word:
        return
    record(site, "presence", actor, now, fields={"has_word": [site.has_word, has_word]})
    site.has_word = has_word
    db.session.flush()


def set_tablet(actor: User, site: Site, *, has_tablet: bool, now: datetime) -> None:
    """Give the tablet a new secret address, which ends the one before, or none. The history keeps no secret."""
    lock_site(site, "tablet_key")
    if site.tablet_key is None and not has_tablet:
        return
    record(site, "presence", actor, now, fields={"has_tablet": [site.tablet_key is not None, has_tablet]})
    site.tablet_key = secrets.token_urlsafe(18) if has_tablet else None
    db.session.flush()


def secret() -> str:
    """What words and codes are made with."""
    settings: Settings = current_app.extensions["settings"]
    return settings.secret_key


def _has_sign(site: SiteAtDoor) -> bool:
    return site.has_word or site.tablet_key is not None


def _is_in_time(use: Use, now: datetime) -> bool:
    return not use.is_excluded and now - use.used_at <= PROVEN_WITHIN and not Month.parse(use.month).is_closed(now)


def _method(site: SiteAtDoor, said: str, now: datetime) -> str | None:
    if site.has_word and presence.is_word(secret(), site.site_id, said, now):
        return presence.WORD
    if site.tablet_key and presence.is_code(secret(), site.tablet_key, said, now):
        return presence.CODE
    return None
