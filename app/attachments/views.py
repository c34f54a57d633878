"""Who has looked at a restricted file, for those who review it."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.models import User
from app.attachments.queries import get_reviewed, looks_at
from app.db import db
from app.web import ASSESSOR, DISTRICT_UNION, MUNICIPAL_UNION, access

blueprint = Blueprint("attachments", __name__, url_prefix="/manage/attachments")
MOST_SHOWN = 500


@blueprint.get("/<int:reviewed_id>/looks")
@access(ASSESSOR, DISTRICT_UNION, MUNICIPAL_UNION)
def looks(reviewed_id: int) -> ResponseReturnValue:
    """Who has looked at a file, and when."""
    attachment = get_reviewed(current_user, reviewed_id)
    uploader = db.session.get(User, attachment.uploaded_by_id) if attachment.uploaded_by_id else None
    rows = looks_at(attachment)
    return render_template(
        "attachments/looks.html", attachment=attachment, uploader=uploader, rows=rows[:MOST_SHOWN], number=len(rows)
    )
