"""A case with a file at a place, for the walk over all routes."""

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from app.accounts.models import User
from app.attachments.models import Attachment
from app.attachments.services import path_of
from app.config import Settings
from app.programme.cases.models import Case, CaseAttachment
from app.sites.models import Site
from tests.factories import Factories
from tests.programme.cases.helpers import Cases


@dataclass(frozen=True)
class CasePlace:
    """An application for the title, and a file that everybody who sees it may open."""

    case: Case
    file: Attachment


def case_place(factories: Factories, site: Site, by: User, call_id: int) -> CasePlace:
    """Handed in by `by`, who acts in no other role."""
    number = f"P{site.id:04d}"
    case = Cases(factories).put("demonstration", "submitted", site, by=by, call_id=call_id, number=number)
    settings: Settings = factories.app.extensions["settings"]
    name = f"{uuid4().hex}.jpg"
    path = path_of(Path(settings.data_dir), name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\xff\xd8\xff")
    at = factories.clock()
    row = Attachment(
        file_name=name, title="照片.jpg", media_type="image/jpeg", size_bytes=3, digest=b"\0" * 32, uploaded_at=at,
        uploaded_by_id=by.id,
    )  # fmt: skip
    file: Attachment = factories.add(row)
    factories.add(CaseAttachment(attachment_id=file.id, case_id=case.id, kind="photo", added_at=at))
    return CasePlace(case, file)
