"""The form token of the door page: signed, short-lived and stateless, so that no cookie is needed before the tap."""

from datetime import datetime, timedelta
from enum import Enum

from itsdangerous import BadSignature, Signer

FORM_TOKEN_LIFE = timedelta(hours=12)
_CLOCK_TOLERANCE = timedelta(minutes=5)


class TokenState(Enum):
    """What a form token turned out to be."""

    VALID = "valid"
    EXPIRED = "expired"
    FORGED = "forged"


def issue(secret: str, subject: str, now: datetime) -> str:
    """Return a token that allows one form about ``subject`` (a door code or a receipt) for 12 hours from ``now``."""
    return _signer(secret, subject).sign(f"{int(now.timestamp()):x}").decode()


def check(secret: str, subject: str, token: str, now: datetime) -> TokenState:
    """Say whether ``token`` was issued here for ``subject`` and is valid at ``now``.

    One from the future was issued before the clock was set back: it is genuine and has to be replaced, as an old one.
    """
    try:
        issued_s = int(_signer(secret, subject).unsign(token), 16)
    except (BadSignature, ValueError):
        return TokenState.FORGED
    age = timedelta(seconds=now.timestamp() - issued_s)
    return TokenState.VALID if -_CLOCK_TOLERANCE <= age <= FORM_TOKEN_LIFE else TokenState.EXPIRED


def _signer(secret: str, subject: str) -> Signer:
    return Signer(secret, salt=f"xiaowu.door-form.{subject}")
