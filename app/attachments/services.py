"""Taking files in and erasing them. Nothing here commits or asks for the time."""

import hashlib
import io
import os
import secrets
from collections.abc import Set as AbstractSet
from datetime import datetime
from pathlib import Path
from typing import Final

from flask import current_app
from PIL import Image
from werkzeug.datastructures import FileStorage

from app.accounts.models import User
from app.attachments import images, kinds
from app.attachments.models import Attachment
from app.attachments.office import check_office
from app.attachments.pdf import check_pdf
from app.attachments.titles import EXTENSIONS, cleaned, titled
from app.db import db
from app.errors import N_, Invalid

FOLDER = "attachments"
IMAGE, PDF, DOCX, PPTX = "image", "pdf", "docx", "pptx"
ALL: Final = frozenset({IMAGE, PDF, DOCX, PPTX})
IMAGES: Final = frozenset({IMAGE})
SCANS: Final = frozenset({IMAGE, PDF})
"""What a scanner or a telephone makes of paper."""
MEDIA_TYPES: Final = dict(zip((IMAGE, PDF, DOCX, PPTX), EXTENSIONS, strict=True))
LONGEST_SIDE_PX = 2400
"""Longer than on a site's own page: a scanned stamp has to stay readable."""
_IMAGE_STARTS: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MISSING = N_("Please choose a file first")
_EMPTY = N_("“%(file)s” is empty; choose it again")
_TOO_LARGE = N_("“%(file)s” is larger than %(mb)s MB; make it smaller or hand it in in parts")
_UNKNOWN = N_("“%(file)s” is none of the files that are accepted here: %(accepted)s")
_OTHER = N_("“%(file)s” is %(found)s, which is not accepted here; choose one of these: %(accepted)s")
_OLD = N_("“%(file)s” is an old or password-protected Office file; save it as DOCX or PPTX without a password")
_HEIC = N_("“%(file)s” is a HEIC photo; set the telephone's camera to “most compatible”, or send it as JPEG")


def store(
    actor: User | None,
    upload: FileStorage | None,
    *,
    folder: Path,
    now: datetime,
    allowed: AbstractSet[str] = ALL,
    is_restricted: bool = False,
) -> Attachment:
    """Check, clean and keep one file in the data folder `folder`; the caller says whose it is and who may see it.

    What a file is decides its content, never its name. Pictures are written anew as JPEG, upright and without their
    metadata. The file is on the disk before the row is written: should the transaction fail, a file without a row is
    left, never the reverse. Raises Invalid naming the file and the remedy, its field the upload's or ``file``.
    """
    field = (upload.name if upload else None) or "file"
    if upload is None or not upload.filename:
        raise Invalid(_MISSING, {field: _MISSING})
    try:
        kind, content = _checked(upload, allowed)
    except Invalid as error:
        raise Invalid(error.message, {field: error.message}, **error.params) from error
    media_type = MEDIA_TYPES[kind]
    name = secrets.token_hex(16) + EXTENSIONS[media_type][0]
    _write(path_of(folder, name), content)
    attachment = Attachment(
        file_name=name, title=titled(upload.filename, media_type), media_type=media_type, size_bytes=len(content),
        digest=hashlib.sha256(content).digest(), is_restricted=is_restricted, uploaded_at=now,
        uploaded_by_id=actor.id if actor else None,
    )  # fmt: skip
    db.session.add(attachment)
    db.session.flush()
    return attachment


def picture(content: bytes, title: str, longest_side_px: int) -> Image.Image:
    """What `images.decoded` makes of a photo that is kept elsewhere. Raises Invalid in the words of `store`."""
    _accepted(content, title, IMAGES)
    return images.decoded(content, title, longest_side_px)


def erase(attachment: Attachment, folder: Path, now: datetime) -> None:
    """Take the file off the disk and note when; the row stays and tells that there was one. Twice does no harm."""
    path_of(folder, attachment.file_name).unlink(missing_ok=True)
    attachment.erased_at = attachment.erased_at or now
    db.session.flush()


def path_of(folder: Path, name: str) -> Path:
    """Where in the data folder the file lies."""
    return folder / FOLDER / name[:2] / name


def _checked(upload: FileStorage, allowed: AbstractSet[str]) -> tuple[str, bytes]:
    title = cleaned(upload.filename)
    limit: int = current_app.extensions["settings"].upload_limit_bytes
    content = upload.stream.read(limit + 1)
    if len(content) > limit:
        raise Invalid(_TOO_LARGE, file=title, mb=limit // 1048576)
    kind = _accepted(content, title, allowed)
    return kind, _encoded(content, title) if kind == IMAGE else content


def _accepted(content: bytes, title: str, allowed: AbstractSet[str]) -> str:
    if not content:
        raise Invalid(_EMPTY, file=title)
    found = kinds.called(content)
    for is_refused, message in ((content.startswith(_OLD_OFFICE), _OLD), (found == kinds.HEIC, _HEIC)):
        if is_refused:
            raise Invalid(message, file=title)
    kind = _kind(content, title, allowed)
    if kind not in allowed:
        names = {IMAGE: "JPEG, PNG, WebP", PDF: "PDF", DOCX: "DOCX", PPTX: "PPTX"}
        accepted = ", ".join(names[one] for one in names if one in allowed)
        raise Invalid(_OTHER if found else _UNKNOWN, file=title, found=found, accepted=accepted)
    return kind


def _kind(content: bytes, title: str, allowed: AbstractSet[str]) -> str:
    """What the first bytes announce, checked as far as it would be kept."""
    if content.startswith(_IMAGE_STARTS):
        return IMAGE
    if content.startswith(b"%PDF-"):
        if PDF in allowed:
            check_pdf(content, title)
        return PDF
    if content.startswith(b"PK\x03\x04") and allowed & {DOCX, PPTX}:
        return check_office(content, title)
    return ""


def _encoded(content: bytes, title: str) -> bytes:
    image = images.decoded(content, title, LONGEST_SIDE_PX)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    return out.getvalue()


def _write(path: Path, content: bytes) -> None:
    """For its owner alone, and on the disk before anybody is told that it was taken in (decision 2)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
