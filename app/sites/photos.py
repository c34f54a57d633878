"""Photos of a site: what people upload is decoded and written anew, as `app.attachments.images` says."""

import secrets
from datetime import datetime
from pathlib import Path
from typing import Final

from app.accounts.models import User
from app.attachments.images import LONGEST_SIDE_PX
from app.attachments.services import picture
from app.attachments.titles import cleaned
from app.db import db
from app.errors import N_, Conflict, Invalid
from app.sites.models import Site, SitePhoto
from app.sites.services import lock, record

KINDS: Final = ("entrance", "inside")
MOST_PHOTOS = 12
FOLDER = "photos"


def add_photo(
    actor: User | None, site: Site, kind: str, content: bytes, *, file: str = "", folder: Path, now: datetime
) -> SitePhoto:
    """Store `content` as a photo of the site; `kind` is ``entrance`` or ``inside``, `folder` the data folder.

    `file` is the name under which it was handed in, for the words about what is wrong with it.

    The file is written before the row: should the transaction fail, a file without a row is left, never the reverse.
    Raises Invalid when it is no photo that can be used, Conflict when the site has its full number of photos.
    """
    if kind not in KINDS:
        raise Invalid(N_("A photo shows the entrance or the inside"))
    if not (content or file):
        raise Invalid(N_("Please choose a photo first"))
    lock(site, "photos")
    if len(site.photos) >= MOST_PHOTOS:
        raise Conflict(N_("A site has at most %(most)s photos; remove one first"), most=MOST_PHOTOS)
    image = picture(content, cleaned(file), LONGEST_SIDE_PX)
    name = f"{secrets.token_hex(16)}.webp"
    path = photo_path(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, "WEBP", quality=82, method=4)
    photo = SitePhoto(
        kind=kind, file_name=name, width=image.width, height=image.height, uploaded_at=now,
        uploaded_by_id=actor.id if actor else None,
    )  # fmt: skip
    site.photos.append(photo)
    record(site, "add_photo", actor, now, fields={"photo": [None, kind]})
    db.session.flush()
    return photo


def remove_photo(actor: User, site: Site, photo: SitePhoto, now: datetime) -> str:
    """Take the photo off the site. The name of its file, which the caller deletes once this is committed."""
    site.photos.remove(photo)
    record(site, "remove_photo", actor, now, fields={"photo": [photo.kind, None]})
    return photo.file_name


def photo_path(folder: Path, name: str) -> Path:
    """Where in the data folder the photo lies."""
    return folder / FOLDER / name
