"""Who reviews the health certificates of the registers."""

from sqlalchemy import select

from app.accounts.models import User
from app.attachments.models import Attachment
from app.db import db
from app.registers.models import Keeper
from app.sites.models import Site
from app.sites.queries import sites_in_scope
from app.web import DISTRICT_UNION, MUNICIPAL_UNION


def is_reviewer(user: User, attachment: Attachment) -> bool:
    """Whether the file is a certificate that this person reviews: she then sees who has looked at it."""
    if user.role not in (DISTRICT_UNION, MUNICIPAL_UNION):
        return False
    sites = sites_in_scope(user).order_by(None).with_only_columns(Site.id)
    certificates = select(Keeper.id).where(Keeper.certificate_id == attachment.id, Keeper.site_id.in_(sites))
    return db.session.scalar(certificates.limit(1)) is not None
