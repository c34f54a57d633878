"""A document that the access test can ask for."""

from typing import Any

from app.documents.models import IssuedDocument
from app.sites.models import Site
from tests.factories import Factories


def issued(factories: Factories, site: Site, code: str) -> IssuedDocument:
    """A form about a site, issued under `code`."""
    content: dict[str, Any] = {
        "template": "form", "title": "备案表", "author": "", "annex": "", "subtitle": "", "head": [], "rows": [],
        "opinions": [], "sheet": None, "notes": [], "number": "", "site_name": site.name, "is_sample": False,
    }  # fmt: skip
    at = factories.clock()
    row = IssuedDocument(code=code, form="form", site_id=site.id, digest=b"", content=content, issued_at=at)
    made: IssuedDocument = factories.add(row)
    return made
