"""The library's log-in forms with a lock. What went wrong is said by the templates, always in the same words."""

import re
import unicodedata
from typing import Any

from flask_security.forms import (
    LoginForm,
    TwoFactorRescueForm,
    TwoFactorSetupForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
)
from flask_security.recovery_codes import MfRecoveryForm
from sqlalchemy import ColumnElement, select
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from app.accounts import events
from app.accounts.models import User
from app.accounts.services import normal_username
from app.clock import now
from app.db import db


def _hold(condition: ColumnElement[bool]) -> User | None:
    """The account, its row locked: parallel attempts wait for each other, so that none escapes the count."""
    held = select(User).where(condition).with_for_update(of=User).execution_options(populate_existing=True)
    return db.session.scalar(held)


def _told(user: User | None, is_right: bool) -> bool:
    """Write down what failed; a name that is nobody's costs the same row, so that the answer takes as long."""
    if not is_right:
        events.record("locked" if user is not None and user.is_locked() else "failed", user, now())
    return is_right


def _as_printed(text: str | None) -> str:
    """A recovery code as its page shows it, however it was copied: ``xxxx-xxxx-xxxx`` in small letters."""
    bare = re.sub(r"[^0-9a-z]", "", unicodedata.normalize("NFKC", text or "").lower())
    return "-".join(bare[at : at + 4] for at in range(0, len(bare), 4))


class LogInForm(LoginForm):
    """User name and password."""

    email = None  # type: ignore[assignment]
    remember = None  # type: ignore[assignment]
    username = StringField(validators=[InputRequired(), Length(max=200)])
    password = PasswordField(validators=[InputRequired(), Length(max=200)])

    def validate(self, **kwargs: Any) -> bool:
        """Whether this is the person, and her account in use and not locked."""
        self.ifield = self.username
        self.user = _hold(User.username == normal_username(self.username.data or ""))
        return _told(self.user, bool(super().validate(**kwargs)))


class _Locking:
    """Refuses while the account is locked, whatever was entered."""

    user: User

    def validate(self, **kwargs: Any) -> bool:
        """Whether the account is not locked and the entry right."""
        _hold(User.id == self.user.id)
        is_right: bool = super().validate(**kwargs)  # type: ignore[misc]
        return _told(self.user, is_right) and not self.user.is_locked()


class PasswordAgainForm(_Locking, VerifyForm):  # type: ignore[misc]
    """The password once more, before something that matters."""


class CodeForm(_Locking, TwoFactorVerifyCodeForm):  # type: ignore[misc]
    """A code of the authenticator."""

    def validate(self, **kwargs: Any) -> bool:
        """As above; but the first code of a new one of hers is no log-in, and wrong it is no guess."""
        if self.is_setup:
            return bool(TwoFactorVerifyCodeForm.validate(self, **kwargs))
        return super().validate(**kwargs)


class SetupForm(TwoFactorSetupForm):
    """Setting up or giving up the authenticator: there is only this one method, hence nothing to choose from."""

    setup = StringField()  # type: ignore[assignment]


class _NoChoice(StringField):
    """A field without choices; the library appends its own, which no page of ours shows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices: list[object] = []


class RescueForm(TwoFactorRescueForm):
    """The library builds one beside every code form; ours only link to the recovery codes."""

    help_setup = _NoChoice()  # type: ignore[assignment]


class RecoveryForm(_Locking, MfRecoveryForm):  # type: ignore[misc]
    """A recovery code, in place of the authenticator."""

    code = StringField(validators=[InputRequired(), Length(max=200)], filters=[_as_printed])

    def validate(self, **kwargs: Any) -> bool:
        """As above; the library does not count wrong recovery codes by itself."""
        if super().validate(**kwargs):
            return True
        self.user.track_failed_authn("recovery_code", tfa=True)
        return False
