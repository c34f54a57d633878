"""The files of a case: who may add and see which."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app.accounts.models import User
from app.attachments.models import Attachment
from app.attachments.services import ALL, IMAGES, SCANS, store
from app.db import db
from app.errors import N_, Conflict, Forbidden, Invalid, NotFound
from app.programme.cases import queries
from app.programme.cases.models import Case, CaseAttachment
from app.programme.transitions import is_final
from app.web import ASSESSOR, DISTRICT_UNION, MUNICIPAL_UNION

KINDS = ("photo", "presentation", "material", "certificate", "minutes", "scan", "evidence")
ALLOWED = {"photo": IMAGES, "certificate": SCANS, "scan": SCANS, "evidence": ALL}
RESTRICTED = ("certificate",)
REVIEWERS = (DISTRICT_UNION, MUNICIPAL_UNION, ASSESSOR)
"""Who sees restricted files beside the person who handed them in."""
MOST = 60
Held = tuple[CaseAttachment, Attachment, User | None]


def kinds_for(case: Case) -> tuple[str, ...]:
    """What may be handed in with such a case, the usual first."""
    if case.kind == "rectification":
        return ("evidence", "photo", "scan", "material")
    if case.kind == "demonstration":
        return ("photo", "presentation", "material", "minutes", "scan", "certificate")
    return ("photo", "scan", "certificate", "material", "minutes")


def may_add(case: Case, _user: User) -> bool:
    """Whether files may still be added: nobody adds to a case that is over."""
    return not is_final(case.kind, case.state, queries.rulebook_of(case).workflow)


def may_see(attachment: Attachment, user: User) -> bool:
    """Whether a person who may see the case may see this file of it."""
    return not attachment.is_restricted or user.role in REVIEWERS or attachment.uploaded_by_id == user.id


def is_reviewer(user: User, attachment: Attachment) -> bool:
    """Whether the file is one of a case that this person reviews: she then sees who has looked at it."""
    row = db.session.get(CaseAttachment, attachment.id)
    if row is None or user.role not in REVIEWERS:
        return False
    return db.session.scalar(queries.cases_in_scope(user).where(Case.id == row.case_id)) is not None


def files_of(case: Case, user: User) -> list[tuple[CaseAttachment, Attachment, User | None, bool]]:
    """The files that were not removed, with who handed them in and whether this person may open them."""
    return [(row, attachment, by, may_see(attachment, user)) for row, attachment, by in _held(case)]


def _held(case: Case) -> list[Held]:
    rows = (
        select(CaseAttachment, Attachment, User)
        .join(Attachment, Attachment.id == CaseAttachment.attachment_id)
        .outerjoin(User, User.id == Attachment.uploaded_by_id)
        .where(CaseAttachment.case_id == case.id, CaseAttachment.removed_at.is_(None))
        .order_by(CaseAttachment.attachment_id)
    )
    return [(row, attachment, user) for row, attachment, user in db.session.execute(rows)]


def get_file(case: Case, user: User, attachment_id: int) -> tuple[CaseAttachment, Attachment]:
    """One file. Raises NotFound for none, Forbidden for one that only reviewers see."""
    for row, attachment, _ in _held(case):
        if attachment.id == attachment_id:
            if not may_see(attachment, user):
                raise Forbidden(N_("Only those who review the case may open this file"))
            return row, attachment
    raise NotFound(N_("There is no such file"))


def add(
    actor: User, case: Case, kind: str, uploads: list[FileStorage], *, folder: Path, now: datetime
) -> list[Attachment]:
    """Hand in files. Raises Conflict when the case is over, Invalid for a kind or a file that cannot be."""
    if not may_add(case, actor):
        raise Conflict(N_("This case is over; no files can be added"))
    if kind not in KINDS:
        message = N_("Please say what kind of file this is")
        raise Invalid(message, {"kind": message})
    if len(_held(case)) + len(uploads) > MOST:
        message = N_("A case has at most 60 files")
        raise Invalid(message, {"file": message})
    found = []
    chosen: list[FileStorage | None] = [*uploads] or [None]
    for upload in chosen:
        attachment = store(
            actor, upload, folder=folder, now=now, allowed=ALLOWED.get(kind, ALL), is_restricted=kind in RESTRICTED
        )
        db.session.add(CaseAttachment(attachment_id=attachment.id, case_id=case.id, kind=kind, added_at=now))
        found.append(attachment)
    db.session.flush()
    return found


def remove(actor: User, case: Case, attachment_id: int, now: datetime) -> None:
    """Hide a file that was handed in by mistake; it is kept. Raises Conflict for one of somebody else, or too late."""
    row, attachment = get_file(case, actor, attachment_id)
    if attachment.uploaded_by_id != actor.id:
        raise Conflict(N_("Only who has handed in a file takes it back"))
    if not may_add(case, actor):
        raise Conflict(N_("This case is over; its files stay"))
    row.removed_at = now
    db.session.flush()
