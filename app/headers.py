"""The headers of every answer: what a browser may load and do with it, and who may keep it."""

import secrets

from flask import Flask, Response, current_app, g, request

from app.config import Settings
from app.serving import is_logged_in

EXTENSION = "fixed_headers"


def init_app(app: Flask, settings: Settings) -> None:
    """Add the headers to whatever `app` answers. They are put together here, once."""
    images = " ".join(("'self' data:", *_tile_source(settings.tile_url)))
    policy = (
        "default-src 'none'; script-src 'self'{nonce}; style-src 'self'{nonce}; "
        f"img-src {images}; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    fixed = {
        "Content-Security-Policy": policy.format(nonce=""),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if settings.is_secure:
        fixed["Strict-Transport-Security"] = "max-age=31536000"
    app.extensions[EXTENSION] = fixed, policy
    app.after_request(complete)


def csp_nonce() -> str:
    """This request's nonce for inline style and script elements."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(12)
    nonce: str = g.csp_nonce
    return nonce


def complete(response: Response) -> Response:
    """Add what the view has not set itself."""
    fixed, policy = current_app.extensions[EXTENSION]
    own = {name.lower() for name, _ in response.headers}
    for name, text in fixed.items():
        if name.lower() not in own:
            response.headers.add(name, text)
    if "csp_nonce" in g and "content-security-policy" not in own:
        response.headers["Content-Security-Policy"] = policy.replace("{nonce}", f" 'nonce-{g.csp_nonce}'")
    if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif "cache-control" not in own:
        response.headers["Cache-Control"] = "no-store" if is_logged_in() else "no-cache"
    return response


def _tile_source(tile_url: str) -> list[str]:
    """The policy's source for map tiles; ``t{s}.example.cn`` has to be written ``*.example.cn`` there."""
    scheme, separator, rest = tile_url.partition("://")
    host = rest.partition("/")[0]
    return [f"{scheme}://{'*.' + host.partition('.')[2] if '{s}' in host else host}"] if separator else []
