"""What score sheets put into a person's inbox."""

from collections.abc import Sequence
from datetime import datetime

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select

from app.accounts.inbox import DUE, InboxItem
from app.accounts.models import User
from app.db import db
from app.programme.scoring.models import FilledSheet
from app.programme.scoring.rights import is_visible
from app.sites.models import Site


def drafts(user: User, _at: datetime) -> Sequence[InboxItem]:
    """Her own sheets that she has begun and not handed in."""
    rows = (
        select(FilledSheet.id, Site.name)
        .join(Site, Site.id == FilledSheet.site_id)
        .where(FilledSheet.filled_by_id == user.id, FilledSheet.submitted_at.is_(None), is_visible(user))
        .order_by(FilledSheet.id)
    )
    return [
        InboxItem(
            f"sheet-{sheet_id}-draft", gettext("%(site)s: a score sheet has been begun and not handed in", site=name),
            url_for("scoring.sheet", sheet_id=sheet_id), DUE,
        )
        for sheet_id, name in db.session.execute(rows)
    ]  # fmt: skip
