"""Whose a file is: features say which person may look after a restricted one. Features to the left register here."""

from collections.abc import Callable

from flask import Flask, current_app

from app.accounts.models import User
from app.attachments.models import Attachment

Owner = Callable[[User, Attachment], bool]


def add_owner(app: Flask, owner: Owner) -> None:
    """Let `owner` say of its own files whether a person reviews them: she then sees who has looked at one, and when."""
    app.extensions.setdefault("attachment_owners", []).append(owner)


def is_reviewer(user: User, attachment: Attachment) -> bool:
    """Whether any feature names this person as a reviewer of the file."""
    owners: list[Owner] = current_app.extensions.get("attachment_owners", [])
    return any(owner(user, attachment) for owner in owners)
