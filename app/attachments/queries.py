"""Who has looked at a restricted file."""

from sqlalchemy import select

from app.accounts.models import User
from app.attachments.models import Attachment, AttachmentView
from app.attachments.owners import is_reviewer
from app.db import db
from app.errors import N_, NotFound


def get_reviewed(user: User, attachment_id: int) -> Attachment:
    """The file `attachment_id`. Raises NotFound unless this person reviews it."""
    attachment = db.session.get(Attachment, attachment_id)
    if attachment is None or not is_reviewer(user, attachment):
        raise NotFound(N_("There is no such file"))
    return attachment


def looks_at(attachment: Attachment) -> list[tuple[AttachmentView, User]]:
    """Every look at a file and whose it was, the latest first."""
    rows = (
        select(AttachmentView, User)
        .join(User, User.id == AttachmentView.user_id)
        .where(AttachmentView.attachment_id == attachment.id)
        .order_by(AttachmentView.viewed_at.desc(), AttachmentView.id.desc())
    )
    return [(look, user) for look, user in db.session.execute(rows)]
