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


def issue(secret: str, subject: str, now: datetime, said: str = "") -> str:
    """Return a token that allows one form about ``subject`` (a door code or a receipt) for 12 hours from ``now``.

    ``said`` is about the subject, too, and comes back when the token is read; everybody can see it.
    """
    return _signer(secret, subject).sign(f"{int(now.timestamp()):x}~{said}").decode()


def check(secret: str, subject: str, token: str, now: datetime) -> TokenState:
    """Say whether ``token`` was issued here for ``subject`` and is valid at ``now``.

    One from the future was issued before the clock was set back: it is genuine and has to be replaced, as an old one.
    """
    return read(secret, subject, token, now)[0]


def read(secret: str, subject: str, token: str, now: datetime) -> tuple[TokenState, str]:
    """Return what `check` returns, and what was said when the token was issued; nothing for a forged one."""
    try:
        issued_s, _, said = _signer(secret, subject).unsign(token).decode().partition("~")
        age = timedelta(seconds=now.timestamp() - int(issued_s, 16))
    except (BadSignature, ValueError):
        return TokenState.FORGED, ""
    return (TokenState.VALID if -_CLOCK_TOLERANCE <= age <= FORM_TOKEN_LIFE else TokenState.EXPIRED), said


def _signer(secret: str, subject: str) -> Signer:
    return Signer(secret, salt=f"xiaowu.door-form.{subject}")
