"""Pictures that people upload: decoded, turned upright, scaled down, and written anew without their metadata.

Phones write where and when a photo was taken into it; nothing of that reaches the disk. Pure.
"""

import io
import warnings
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from app.errors import N_, Invalid

FORMATS: Final = ("JPEG", "PNG", "WEBP")
LONGEST_SIDE_PX = 1600
SMALLEST_SIDE_PX = 200
MOST_PIXELS = 60_000_000
NOT_A_PHOTO = N_("This file is not a JPEG, PNG or WebP photo, or it is damaged")
TOO_MANY_PIXELS = N_("This photo has more than 60 million pixels; please take it with a smaller setting")
TOO_SMALL = N_("This photo is too small to see anything; it needs at least %(least)s pixels on each side")


def decoded(content: bytes, longest_side_px: int = LONGEST_SIDE_PX) -> Image.Image:
    """The picture as plain RGB pixels, upright, at most `longest_side_px` long; what was transparent is white.

    Raises Invalid for what is no JPEG, PNG or WebP, is damaged, too small, or has too many pixels. The header alone
    decides about the size: a decompression bomb is refused before it is decoded.
    """
    if not content:
        raise Invalid(N_("Please choose a photo first"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            _check_size(image)
            image.draft("RGB", (2 * longest_side_px, 2 * longest_side_px))
            image.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError,
            Image.DecompressionBombWarning) as error:  # fmt: skip
        raise Invalid(NOT_A_PHOTO) from error
    upright = ImageOps.exif_transpose(image)
    flat = Image.new("RGB", upright.size, "#ffffff")
    layer = upright.convert("RGBA")
    flat.paste(layer, mask=layer.getchannel("A"))
    flat.thumbnail((longest_side_px, longest_side_px), Image.Resampling.LANCZOS)
    return flat


def _check_size(image: Image.Image) -> None:
    """Before its pixels are decoded: the header alone says how many there are."""
    if image.width * image.height > MOST_PIXELS:
        raise Invalid(TOO_MANY_PIXELS)
    if min(image.size) < SMALLEST_SIDE_PX:
        raise Invalid(TOO_SMALL, least=SMALLEST_SIDE_PX)
