"""API tokens: who calls, by the header of an API request. A token ends with a new password or when it is revoked."""

from datetime import timedelta

from flask import Request
from flask_security.utils import parse_auth_token
from itsdangerous import BadData
from sqlalchemy import select

from app.accounts.models import User
from app.db import db
from app.serving import TOKEN_HEADER

TOKEN_MAX_AGE = timedelta(days=365)


def user_of_token(request: Request) -> User | None:
    """The active account whose token an API request carries. Only in the header, where no log or history keeps it."""
    token = request.headers.get(TOKEN_HEADER)
    if not token or not request.path.startswith("/api/"):
        return None
    try:
        identity = parse_auth_token(token)["uid"]
    except (BadData, ValueError):
        return None
    return db.session.scalar(select(User).filter_by(fs_uniquifier=identity, active=True))


def new_token(user: User) -> str:
    """A signed token, valid for `TOKEN_MAX_AGE`. It is stored nowhere."""
    return str(user.get_auth_token())
