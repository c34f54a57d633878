"""Puts this part of the programme on the application."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register it on `app`."""
    app.extensions.setdefault("features", []).append("programme.demonstration")
