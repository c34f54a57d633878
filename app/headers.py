"""The headers of every answer: what a browser may load and do with it, and who may keep it."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, g, request

from app.config import Settings
from app.serving import is_logged_in

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

POLICY = "Content-Security-Policy"
EXTENSION = "content_security_policy"


def init_app(app: Flask, settings: Settings) -> None:
    """Add the headers to whatever `app` answers. They are put together here, once."""
    images = " ".join(("'self' data:", *_tile_source(settings.tile_url)))
    policy = (
        "default-src 'none'; script-src 'self'{nonce}; style-src 'self'{nonce}; "
        f"img-src {images}; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    fixed = {
        POLICY: policy.format(nonce=""),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if settings.is_secure:
        fixed["Strict-Transport-Security"] = "max-age=31536000"
    app.extensions[EXTENSION] = policy
    app.wsgi_app = _with_fixed(app.wsgi_app, fixed)  # type: ignore[method-assign, assignment]
    app.after_request(complete)


def _with_fixed(inner: "WSGIApplication", fixed: Mapping[str, str]) -> "WSGIApplication":
    """Add what is the same on every answer as plain pairs, past the library's checks of each value."""
    pairs = [(name.lower(), (name, text)) for name, text in fixed.items()]

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], *failed: Any) -> Callable[[bytes], object]:
            own = {name.lower() for name, _ in headers}
            return start_response(status, headers + [pair for name, pair in pairs if name not in own], *failed)

        return inner(environ, begin)

    return answer


def csp_nonce() -> str:
    """This request's nonce for inline style and script elements."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(12)
    nonce: str = g.csp_nonce
    return nonce


def complete(response: Response) -> Response:
    """Add what the view has not set itself and what differs from answer to answer."""
    if "csp_nonce" in g and POLICY not in response.headers:
        policy = current_app.extensions[EXTENSION]
        response.headers[POLICY] = policy.replace("{nonce}", f" 'nonce-{g.csp_nonce}'")
    if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store" if is_logged_in() else "no-cache"
    return response


def _tile_source(tile_url: str) -> list[str]:
    """The policy's source for map tiles; ``t{s}.example.cn`` has to be written ``*.example.cn`` there."""
    scheme, separator, rest = tile_url.partition("://")
    host = rest.partition("/")[0]
    return [f"{scheme}://{'*.' + host.partition('.')[2] if '{s}' in host else host}"] if separator else []
