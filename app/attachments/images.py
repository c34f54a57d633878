"""Pictures that people upload: decoded, turned upright, scaled down, and written anew without their metadata.

Phones write where and when a photo was taken into it; nothing of that reaches the disk. Pure.
"""

import io
import threading
import warnings
from typing import Final

from PIL import Image, UnidentifiedImageError

from app.errors import N_, Invalid

FORMATS: Final = ("JPEG", "PNG", "WEBP")
LONGEST_SIDE_PX = 1600
SMALLEST_SIDE_PX = 200
MOST_PIXELS: Final = {"JPEG": 50_000_000, "PNG": 8_800_000, "WEBP": 4_400_000}
"""Only a sequential JPEG can be scaled down while it is decoded; the others lie in memory whole, WebP three times."""
MOST_PROGRESSIVE: Final = {True: 12_000_000, False: 6_000_000}
"""The same for progressive JPEG, by whether its colours are stored at half the size, as cameras and chats do."""
MOST_DECODED_PIXELS = 12_000_000
MOST_DECODED_PROGRESSIVE = 6_000_000
STRIP_PX = 256
_NOT_A_PHOTO = N_("“%(file)s” is not a JPEG, PNG or WebP photo, or it is damaged; choose another one")
_TOO_MANY_PIXELS = N_("“%(file)s” has more than %(most)s million pixels; make it smaller and choose it again")
_TOO_SMALL = N_("“%(file)s” is too small to see anything; it needs at least %(least)s pixels on each side")
_ORIENTATION = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
"""How to turn a picture upright, by what Exif calls its orientation."""
_ONE_AT_A_TIME = threading.Lock()


def decoded(content: bytes, title: str, longest_side_px: int = LONGEST_SIDE_PX) -> Image.Image:
    """The picture as plain RGB pixels, upright, at most `longest_side_px` long; what was transparent is white.

    Raises Invalid, naming the file `title`, for what is no JPEG, PNG or WebP, is damaged, too small, or has too many
    pixels. The header alone decides about the size: a decompression bomb is refused before it is decoded. One picture
    at a time in a process, scaled down before anything else is done to it: that keeps a worker below 300 MB.
    """
    with _ONE_AT_A_TIME:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                image: Image.Image = Image.open(io.BytesIO(content), formats=FORMATS)
                _check_size(image, title)
                turn = image.getexif().get(_ORIENTATION, 1)
                _scale_while_decoding(image, longest_side_px)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise Invalid(_TOO_MANY_PIXELS, file=title, most=max(MOST_PIXELS.values()) // 1_000_000) from error
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
            raise Invalid(_NOT_A_PHOTO, file=title) from error
        image = image if image.mode == "RGB" else _on_white(image)
        image.thumbnail((longest_side_px, longest_side_px), Image.Resampling.LANCZOS)
    image.info = {}
    return image.transpose(_TURNS[turn]) if turn in _TURNS else image


def _check_size(image: Image.Image, title: str) -> None:
    """Before its pixels are decoded: the header alone says how many there are."""
    most = MOST_PROGRESSIVE[_has_small_colours(image)] if _is_progressive(image) else MOST_PIXELS[str(image.format)]
    if image.width * image.height > most:
        raise Invalid(_TOO_MANY_PIXELS, file=title, most=most // 1_000_000)
    if min(image.size) < SMALLEST_SIDE_PX:
        raise Invalid(_TOO_SMALL, file=title, least=SMALLEST_SIDE_PX)


def _is_progressive(image: Image.Image) -> bool:
    return bool(image.info.get("progressive")) or image.mode == "CMYK"


def _has_small_colours(image: Image.Image) -> bool:
    layers: list[tuple[int, int, int, int]] = getattr(image, "layer", [])
    return len(layers) == 1 or (len(layers) == 3 and layers[0][1] * layers[0][2] == 4)


def _scale_while_decoding(image: Image.Image, longest_side_px: int) -> None:
    """Decode; a JPEG at once by a half, a quarter or an eighth: as long as wanted, unless it would be too much then."""
    step = next(step for step in (8, 4, 2, 1) if step == 1 or max(image.size) >= step * longest_side_px)
    most = MOST_DECODED_PROGRESSIVE if _is_progressive(image) else MOST_DECODED_PIXELS
    if image.width * image.height > step**2 * most:
        step *= 2
    image.draft("RGB", (image.width // step, image.height // step))
    image.load()


def _on_white(image: Image.Image) -> Image.Image:
    """As RGB, what is transparent white; strip by strip, so that it never lies in memory three times."""
    flat = Image.new("RGB", image.size, "#ffffff")
    for top in range(0, image.height, STRIP_PX):
        strip = image.crop((0, top, image.width, min(top + STRIP_PX, image.height))).convert("RGBA")
        flat.paste(strip, (0, top), mask=strip.getchannel("A"))
    return flat
