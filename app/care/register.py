"""Puts the feature on the application."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the feature on `app`."""
    app.extensions.setdefault("features", []).append("care")
