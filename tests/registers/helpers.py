"""An entry with a file, for the tests that walk every route."""

from datetime import date
from pathlib import Path
from uuid import uuid4

from app.attachments.models import Attachment
from app.attachments.services import path_of
from app.config import Settings
from app.registers.models import Keeper
from app.sites.models import Site
from tests.factories import Factories


def keeper_with_file(factories: Factories, site: Site) -> Keeper:
    """A keeper of `site` whose file is shown to everybody who sees the site."""
    settings: Settings = factories.app.extensions["settings"]
    name = f"{uuid4().hex}.jpg"
    path = path_of(Path(settings.data_dir), name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\xff\xd8\xff")
    at = factories.clock()
    file: Attachment = factories.add(
        Attachment(
            file_name=name, title="证.jpg", media_type="image/jpeg", size_bytes=3, digest=b"\0" * 32, uploaded_at=at
        )
    )  # fmt: skip
    row = Keeper(
        site_id=site.id, name="王红", kind="officer", certificate_until=date(2027, 1, 1), certificate_id=file.id,
        recorded_at=at,
    )  # fmt: skip
    made: Keeper = factories.add(row)
    return made
