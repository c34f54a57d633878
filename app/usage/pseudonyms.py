"""Pseudonyms of visitors: enough to count fairly, too little to know anybody.

``p_site`` links the uses of one browser at one site within one month. ``p_day`` links the uses of one kind of device
behind one network within one day; it serves only the search for inflated numbers and is erased with its key.
"""

import hashlib
import hmac
import ipaddress
import secrets
from datetime import UTC, date, datetime, time, timedelta

from app.months import SHANGHAI

_ROTATION = time(4, 0)
_DAY_KEY_LIFE = timedelta(hours=45)
_TOKEN_BYTES = 16
_TOKEN_CHARACTERS = 22
_URL_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def new_token() -> str:
    """Return a random visitor token of 128 bits for the first-party cookie."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def is_token(value: str) -> bool:
    """Whether ``value`` has the form of a token made here; anything else in the cookie is replaced."""
    return len(value) == _TOKEN_CHARACTERS and _URL_SAFE.issuperset(value)


def site_pseudonym(key: bytes, token: str) -> bytes:
    """Return ``p_site``: 16 bytes, under the random key of one site and month."""
    return _mac(key, "p_site", token)


def day_pseudonym(key: bytes, address: str, user_agent: str) -> bytes:
    """Return ``p_day``: 16 bytes, under the random key of one day, of the network and the user agent."""
    return _mac(key, "p_day", network(address), user_agent)


def report_pseudonym(key: bytes, site_id: int, address: str, user_agent: str) -> bytes:
    """Return what tells two reports of a day about one site apart: never equal to a ``p_day``, so links to no use."""
    return _mac(key, "report", str(site_id), network(address), user_agent)


def network(address: str) -> str:
    """Return the /24 (IPv4) or /56 (IPv6) network of an address, ``unknown`` when there is none to read."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ipaddress.IPv6Network((parsed, 56), strict=False))
        parsed = parsed.ipv4_mapped
    return str(ipaddress.IPv4Network((parsed, 24), strict=False))


def key_day(at: datetime) -> date:
    """Return the day whose key applies at ``at``; it begins at 04:00 in Asia/Shanghai, when few people use rooms."""
    return (at.astimezone(SHANGHAI) - timedelta(hours=_ROTATION.hour)).date()


def key_day_ends_at(day: date) -> datetime:
    """Return when ``day`` ends, at 04:00 of the next."""
    return _day_starts_at(day + timedelta(days=1))


def day_key_expires_at(day: date) -> datetime:
    """Return when the key of ``day`` must be gone: 45 hours after its day began, at 01:00, when it is quiet."""
    return _day_starts_at(day) + _DAY_KEY_LIFE


def last_expired_day(now: datetime) -> date:
    """Return the newest day whose key must be gone at ``now``; no ``p_day`` of that day or earlier may be kept."""
    return key_day(now - _DAY_KEY_LIFE)


def _day_starts_at(day: date) -> datetime:
    return datetime.combine(day, _ROTATION, SHANGHAI).astimezone(UTC)


def _mac(key: bytes, *parts: str) -> bytes:
    # Each part carries its length, so that no two lists of parts give the same message.
    message = b"".join(len(data).to_bytes(4, "big") + data for data in (part.encode() for part in parts))
    return hmac.new(key, message, hashlib.sha256).digest()[:16]
