"""From an issued document to its file: the content as it was kept, with the footer that says what it is."""

from collections.abc import Callable, Mapping
from pathlib import Path

from app import downloads
from app.config import Settings
from app.documents import docx, pdf, queries, workbook
from app.documents.forms import Content
from app.documents.layouts import word
from app.documents.models import IssuedDocument
from app.documents.statements import statement_pages
from app.errors import N_, NotFound
from app.months import local_date
from app.sites.door_codes import grouped
from app.spreadsheets import XLSX
from app.usage.ledger.symbol import checkpoint_svg

DIGEST_HEAD = 12
OWN_TEMPLATES = "templates"


def printed(document: IssuedDocument, settings: Settings) -> Content:
    """What the templates get: the kept content and its footer."""
    content = document.content
    says = []
    if document.rulebook_id:
        says.append(word("footer_rulebook", id=document.rulebook_id, digest=document.rulebook_digest[:DIGEST_HEAD]))
    if content.get("number"):
        says.append(word("footer_number", number=content["number"]))
    if content.get("is_sample"):
        says.append(word("sample"))
    check = word("footer_check", code=grouped(document.code), url=f"{settings.base_url}/documents/check")
    made: Content = {**content, "footer": {"left": word("between").join(says), "right": check}}
    if checkpoint := made.get("checkpoint"):
        made["checkpoint"] = {**checkpoint, "qr": checkpoint_svg(checkpoint["line"])}
    return made


def _docx(document: IssuedDocument, settings: Settings) -> bytes:
    content = printed(document, settings)
    path = docx.template(str(content["template"]), Path(settings.data_dir) / OWN_TEMPLATES)
    return docx.render(path, content)


def _pdf(document: IssuedDocument, settings: Settings) -> bytes:
    content = printed(document, settings)
    return pdf.render(str(content["template"]), content, local_date(document.issued_at))


def _xlsx(document: IssuedDocument, settings: Settings) -> bytes:
    content = printed(document, settings)
    with workbook.workbook(statement_pages(content), document.issued_at) as file:
        return file.read()


MAKERS: Mapping[str, tuple[str, Callable[[IssuedDocument, Settings], bytes]]] = {
    "docx": (docx.MIME, _docx),
    "pdf": (pdf.MIME, _pdf),
    "xlsx": (XLSX, _xlsx),
}
"""By extension: media type and what makes the file."""


def formats(document: IssuedDocument) -> list[str]:
    """The extensions in which a document can be had."""
    formats = document.content.get("formats", ["docx", "pdf"])
    return list(formats) if isinstance(formats, list) else []


def make(document: IssuedDocument, extension: str, settings: Settings) -> tuple[str, bytes]:
    """Media type and bytes of a document. Raises NotFound for a format that it does not come in."""
    if extension not in formats(document):
        raise NotFound(N_("This document does not come in that format"))
    media_type, maker = MAKERS[extension]
    return media_type, maker(document, settings)


def file_name(document: IssuedDocument, extension: str) -> str:
    """A name that says what it is: of a statement also whose and of which month, so that a folder can hold many."""
    content, month = document.content, document.content.get("month", "")
    union = queries.named(document)[1] if month and not document.site_id else ""
    said = (content.get(name) or "" for name in ("annex", "title", "site_name"))
    return downloads.file_name(union, month, *said, ending=extension)
