"""Puts this part of the programme on the application."""

from flask import Flask

from app.programme.cases import applications, deregistrations, suspensions

KINDS = (applications, deregistrations, suspensions)
"""Importing them registers their requirements and effects."""


def init_app(app: Flask) -> None:
    """Register it on `app`."""
    app.extensions.setdefault("suspension_hooks", []).append(suspensions.follow)
