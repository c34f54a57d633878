"""The limits of the door: by kind of device behind an address, and by address, because a whole hospital may share one.

Both are asked of the limits' store directly. What the library does around that takes several times as long, so it is
called only when a limit is broken or the store does not answer: it counts in the same places, refuses, and falls back.
"""

import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import request
from limits import RateLimitItem, parse

from app import web
from app.web import limiter

A_DEVICE, AN_ADDRESS = "60/minute", "1200/minute"
_A_DEVICE: RateLimitItem = parse(A_DEVICE)
_AN_ADDRESS: RateLimitItem = parse(AN_ADDRESS)

View = Callable[..., Any]


def limited(view: View) -> View:
    """60 a minute for one kind of device behind one address, 1,200 for the address; to stand under `access`."""
    guarded: View = limiter.limit(A_DEVICE, key_func=_device)(limiter.limit(AN_ADDRESS)(view))

    @wraps(guarded)
    def asked(*args: Any, **kwargs: Any) -> Any:
        return (view if _is_within() else guarded)(*args, **kwargs)

    return asked


def _device() -> str:
    """What the limits count by: network and device under a key that nobody keeps, so that one hospital is many."""
    seen = f"{web.client_address()}\n{request.headers.get('User-Agent', '')}"
    return hmac.digest(web.limits_key(), seen.encode(), "sha256").hex()[:24]


def _is_within() -> bool:
    """Whether both limits hold, counting this request; False also when the library has to look."""
    if limiter._storage_dead or not limiter.enabled:  # the library has no public word for the first
        return False
    try:
        hit, endpoint = limiter.limiter.hit, request.endpoint or ""
        return hit(_A_DEVICE, _device(), endpoint) and hit(_AN_ADDRESS, web.limiter_key(), endpoint)
    except Exception:  # noqa: BLE001  whatever the store's driver raises
        return False
