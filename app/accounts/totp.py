"""One-time codes that really work once: every use is a row, so that no process accepts the same code again."""

from flask_security import Totp, UserMixin
from passlib.exc import TokenError
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from app.accounts.models import TotpUse
from app.clock import now
from app.db import db

KEPT_STEPS = 20
"""Used codes older than this many steps of 30 s can no longer match and are forgotten."""


class OneTimeCodes(Totp):
    """Flask-Security's TOTP by the application's clock, with a store against replay."""

    def verify_totp(self, token: str, totp_secret: str, user: UserMixin, window: int = 0) -> bool:
        """Whether `token` is a code of `totp_secret` within `window` seconds that `user` has not used yet."""
        at = now()
        try:
            match = self._totp.verify(
                str(token), totp_secret, time=at, window=window, last_counter=self.get_last_counter(user)
            )
        except TokenError:
            return False
        try:
            # Two requests may both have read the same last counter; the unique key lets only one of them in.
            with db.session.begin_nested():
                db.session.add(TotpUse(user_id=user.id, counter=match.counter, used_at=at))
        except IntegrityError:
            return False
        oldest = match.counter - KEPT_STEPS
        db.session.execute(delete(TotpUse).where(TotpUse.user_id == user.id, TotpUse.counter < oldest))
        return True

    def get_last_counter(self, user: UserMixin) -> int | None:
        """The latest step of which a code was used."""
        return db.session.scalar(select(func.max(TotpUse.counter)).where(TotpUse.user_id == user.id))
