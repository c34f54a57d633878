"""The second factor: whatever changes it is written down, and a mistyped first code costs no second scan."""

from typing import Any

from flask import Flask, current_app, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from flask_security import FSQLALiteUserDatastore, tf_disabled, tf_profile_changed
from flask_security import views as library
from flask_security.utils import check_and_get_token_status
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import events
from app.clock import now
from app.errors import Gone


class Datastore(FSQLALiteUserDatastore):
    """The library's, which calls these methods whenever a person changes her authenticator or recovery codes."""

    def tf_set(
        self, user: Any, primary_method: str, totp_secret: str | None = None, phone: str | None = None
    ) -> None:
        """At the end of every log-in with a code, too, when nothing is new."""
        if totp_secret and user.tf_totp_secret != totp_secret:
            events.record("two_factor_on", user, now(), by=user)
        super().tf_set(user, primary_method, totp_secret, phone)

    def tf_reset(self, user: Any) -> None:
        """She does without from now on."""
        events.record("two_factor_off", user, now(), by=user)
        super().tf_reset(user)

    def mf_set_recovery_codes(self, user: Any, rcs: list[str] | None) -> None:
        """Fresh ones; those before are worth nothing."""
        events.record("recovery_codes", user, now(), by=user)
        super().mf_set_recovery_codes(user, rcs)

    def mf_delete_recovery_code(self, user: Any, idx: int) -> bool:
        """One of them was used to log in."""
        events.record("recovery_used", user, now(), by=user)
        return bool(super().mf_delete_recovery_code(user, idx))


def init_app(app: Flask) -> None:
    """Say on `app` what the library does in silence."""
    tf_profile_changed.connect(_say_set_up, app)
    tf_disabled.connect(_say_removed, app)


def _say_set_up(_app: Flask, **_extra: object) -> None:
    flash(gettext("The authenticator has been set up"), "success")


def _say_removed(_app: Flask, **_extra: object) -> None:
    flash(gettext("The authenticator has been removed"), "success")


def confirm_setup(token: str) -> ResponseReturnValue:
    """The first code of a new authenticator, for someone who is logged in; after a wrong one the same pattern again.

    Raises Gone when the page is older than the library accepts.
    """
    answer: BaseResponse = library.two_factor_setup_validate(token)
    if answer.location != url_for("security.two_factor_setup"):
        return answer
    within = current_app.config["SECURITY_TWO_FACTOR_SETUP_WITHIN"]
    expired, invalid, state = check_and_get_token_status(token, "tf_setup", within)
    if expired or invalid:
        raise Gone("This page had been open for too long; go back, reload it and try again")
    shown = current_app.extensions["security"].totp_factory.fetch_setup_values(state["totp_secret"], current_user)
    return render_template(
        "security/two_factor_setup.html", chosen_method=state["method"], changing=True, state_token=token,
        authr_qrcode=shown["image"], authr_key=shown["key"], is_wrong=True,
    )  # fmt: skip
