"""Photos of a site: what people upload is decoded, turned upright, scaled down and written anew without its metadata.

Phones write where and when a photo was taken into it; nothing of that reaches the disk.
"""

import io
import secrets
import warnings
from datetime import datetime
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from app.accounts.models import User
from app.db import db
from app.errors import N_, Conflict, Invalid
from app.sites.models import Site, SitePhoto
from app.sites.services import lock, record

KINDS: Final = ("entrance", "inside")
FORMATS: Final = ("JPEG", "PNG", "WEBP")
LONGEST_SIDE_PX = 1600
SMALLEST_SIDE_PX = 200
MOST_PIXELS = 60_000_000
MOST_PHOTOS = 12
FOLDER = "photos"


def add_photo(
    actor: User | None, site: Site, kind: str, content: bytes, *, folder: Path, now: datetime
) -> SitePhoto:
    """Store `content` as a photo of the site; `kind` is ``entrance`` or ``inside``, `folder` the data folder.

    The file is written before the row: should the transaction fail, a file without a row is left, never the reverse.
    Raises Invalid when it is no photo that can be used, Conflict when the site has its full number of photos.
    """
    if kind not in KINDS:
        raise Invalid(N_("A photo shows the entrance or the inside"))
    lock(site, "photos")
    if len(site.photos) >= MOST_PHOTOS:
        raise Conflict(N_("A site has at most %(most)s photos; remove one first"), most=MOST_PHOTOS)
    image = _decoded(content)
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


def _decoded(content: bytes) -> Image.Image:
    if not content:
        raise Invalid(N_("Please choose a photo first"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            _check_size(image)
            image.draft("RGB", (2 * LONGEST_SIDE_PX, 2 * LONGEST_SIDE_PX))
            image.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError,
            Image.DecompressionBombWarning) as error:  # fmt: skip
        raise Invalid(_NOT_A_PHOTO) from error
    upright = ImageOps.exif_transpose(image)
    flat = Image.new("RGB", upright.size, "#ffffff")
    layer = upright.convert("RGBA")
    flat.paste(layer, mask=layer.getchannel("A"))
    flat.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX), Image.Resampling.LANCZOS)
    return flat


def _check_size(image: Image.Image) -> None:
    """Before its pixels are decoded: the header alone says how many there are."""
    if image.width * image.height > MOST_PIXELS:
        raise Invalid(_TOO_MANY_PIXELS)
    if min(image.size) < SMALLEST_SIDE_PX:
        raise Invalid(_TOO_SMALL, least=SMALLEST_SIDE_PX)


_NOT_A_PHOTO = N_("This file is not a JPEG, PNG or WebP photo, or it is damaged")
_TOO_MANY_PIXELS = N_("This photo has more than 60 million pixels; please take it with a smaller setting")
_TOO_SMALL = N_("This photo is too small to see anything; it needs at least %(least)s pixels on each side")
