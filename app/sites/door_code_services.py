"""Codes on the door: the first one, a new print version, revoking. Each act leaves an entry in the site's history."""

from datetime import datetime, timedelta

from app.accounts.models import User
from app.db import db
from app.errors import N_, Conflict, Invalid
from app.sites.door_codes import grouped, new_code
from app.sites.models import DoorCode, Site, SiteStatus
from app.sites.services import lock, record

GRACE = timedelta(days=30)
"""How long a replaced code stays valid when the poster cannot be changed at once."""


def live_codes(site: Site, at: datetime) -> list[DoorCode]:
    """The codes that count at the instant `at`, the newest print version first."""
    live = [code for code in site.door_codes if code.revoked_at is None or code.revoked_at > at]
    return sorted(live, key=lambda code: -code.print_version)


def printable_code(site: Site, at: datetime) -> DoorCode | None:
    """The code for a poster printed at the instant `at`: the newest one that is not already being replaced."""
    return next((code for code in live_codes(site, at) if code.revoked_at is None), None)


def issue_code(actor: User | None, site: Site, now: datetime) -> DoorCode:
    """The site's first valid code. Raises Conflict when there is one, or when the site is closed."""
    _lock_open(site)
    if printable_code(site, now) is not None:
        raise Conflict(N_("The site has a valid door code already; issue a new print version instead"))
    return _issue(actor, site, now, "issue_code", "")


def reissue_code(
    actor: User | None, site: Site, now: datetime, *, reason: str = "", keep_old_for: timedelta = timedelta()
) -> DoorCode:
    """A new code with the next print version; every older one ends after `keep_old_for`, by default at once.

    Raises Conflict when there is nothing to replace, or when the site is closed.
    """
    _lock_open(site)
    old = live_codes(site, now)
    if not old:
        raise Conflict(N_("The site has no valid door code yet; issue the first one"))
    ends_at = now + keep_old_for
    for code in old:
        if code.revoked_at is None or code.revoked_at > ends_at:
            code.revoked_at, code.revoked_reason = ends_at, reason[:300]
    return _issue(actor, site, now, "reissue_code", reason)


def revoke_code(actor: User | None, site: Site, code: DoorCode, reason: str, now: datetime) -> None:
    """End the validity of one code at once. Raises Invalid without a reason, Conflict when it has ended already."""
    lock(site, "door_codes")
    db.session.refresh(code)
    if not reason.strip():
        raise Invalid(N_("Please say why the code is revoked"), {"reason": N_("Please say why")})
    if code.revoked_at is not None and code.revoked_at <= now:
        raise Conflict(N_("This door code has been revoked already"))
    code.revoked_at, code.revoked_reason = now, reason.strip()[:300]
    site.updated_at = now
    record(site, "revoke_code", actor, now, fields={"door_code": [_told(code), None]}, note=reason.strip())


def _issue(actor: User | None, site: Site, now: datetime, act: str, reason: str) -> DoorCode:
    version = 1 + max((code.print_version for code in site.door_codes), default=0)
    code = DoorCode(code=new_code(), print_version=version, issued_at=now)
    site.door_codes.append(code)
    site.updated_at = now
    record(site, act, actor, now, fields={"door_code": [None, _told(code)]}, note=reason)
    db.session.flush()
    return code


def _told(code: DoorCode) -> str:
    return f"{grouped(code.code)} ({code.print_version})"


def _lock_open(site: Site) -> None:
    lock(site, "status", "door_codes")
    if site.status == SiteStatus.CLOSED:
        raise Conflict(N_("The site is closed for good and gets no new door code"))
