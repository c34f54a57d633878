"""How often one may try to log in: by address, by account and overall, each counted for itself.

By address first: whoever has used up her own address neither fills an account's bucket nor everybody's. When the shared
store is gone the limiter counts in this process (`in_memory_fallback_enabled` in `app.web`): slower, never unlimited.
"""

import hmac
from collections.abc import Callable
from typing import Any

from flask import current_app, request, session

from app.accounts.services import normal_username
from app.config import Settings
from app.web import limiter

PER_ADDRESS, PER_ACCOUNT, OVERALL = "30 per minute;300 per hour", "20 per minute;100 per hour", "300 per minute"
SCOPE = "log-in"
View = Callable[..., Any]


def _account() -> str:
    """Whom it is about, known or not, under the key of the installation: all processes count the same.

    Only the page that asks for a name is believed one: on the others a made-up name would be a bucket of its own.
    """
    settings: Settings = current_app.extensions["settings"]
    is_asked = request.endpoint == "security.login"
    named = normal_username(request.form.get("username", "")[:200]) if is_asked else _of_session()
    return hmac.new(settings.secret_key.encode(), f"log-in {named}".encode(), "sha256").hexdigest()[:24]


def _of_session() -> str | None:
    found: str | None = session.get("tf_user_id") or session.get("_user_id")
    return found


def limited(view: View) -> View:
    """All three buckets on every attempt; the innermost is asked first."""
    by_address = limiter.shared_limit(PER_ADDRESS, scope=SCOPE, methods=["POST"])
    by_account = limiter.shared_limit(PER_ACCOUNT, scope=f"{SCOPE} account", key_func=_account, methods=["POST"])
    overall = limiter.shared_limit(OVERALL, scope=f"{SCOPE} overall", key_func=lambda: "all", methods=["POST"])
    return overall(by_account(by_address(view)))
