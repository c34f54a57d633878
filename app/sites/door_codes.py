"""Door codes as values: making them, reading them back from whatever a person typed, and their QR symbols.

A code is 12 random Crockford base32 characters, 60 bits (decision 14): guessing a million of them against 10,000 doors
hits one with probability 10^6 * 10^4 / 2^60, less than one in a hundred million.
"""

import io
import secrets
from itertools import groupby

import qrcode
import qrcode.util
from PIL import Image
from qrcode.constants import ERROR_CORRECT_H

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
CODE_LENGTH = 12
QUIET_MODULES = 4
SMALLEST_VERSION = 5
"""Version 5 holds 44 bytes at level H; one version for all keeps a network's posters alike."""
LOGO_SHARE = 0.25
"""The logo's white field is at most this share of the symbol's width."""

_LOOK_ALIKE = str.maketrans("oil", "011")
_IGNORED = str.maketrans("", "", " -\u00a0\u3000\u2010\u2011\u2013\u2014")
# The house of the site's header on a 32 x 32 field, and the heart in it.
_HOUSE = "M16 3 3 14h3v14h20V14h3z"
_HEART = "M16 24.2s-6-3.7-6-7.9a3.3 3.3 0 0 1 6-1.9 3.3 3.3 0 0 1 6 1.9c0 4.2-6 7.9-6 7.9z"


def new_code() -> str:
    """A fresh random code, lower case."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def fold_code(typed: str) -> str | None:
    """The code that `typed` means, or None when it cannot be one.

    Case does not matter, blanks and hyphens between the groups are dropped, and what Crockford's alphabet leaves out
    because it looks alike is read as what it looks like: ``o`` as ``0``, ``i`` and ``l`` as ``1``.
    """
    if len(typed) > 4 * CODE_LENGTH or not typed.translate(_IGNORED).isascii():
        return None
    folded = typed.translate(_IGNORED).lower().translate(_LOOK_ALIKE)
    is_code = len(folded) == CODE_LENGTH and all(character in ALPHABET for character in folded)
    return folded if is_code else None


def grouped(code: str) -> str:
    """The code for reading aloud and typing: three groups of four capitals."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4)).upper()


def door_url(base_url: str, code: str) -> str:
    """The address behind the symbol, ``https://HOST/r/CODE``. `base_url` has no slash at its end."""
    return f"{base_url}/r/{code}"


def qr_modules(url: str) -> list[list[bool]]:
    """Rows of modules, true is dark, without quiet zone: level H, version 5 or as much larger as `url` needs."""
    symbol = qrcode.QRCode(version=SMALLEST_VERSION, error_correction=ERROR_CORRECT_H, border=0, box_size=1)
    # One segment of bytes (mode 4): guessed mixed modes make symbols of different size for codes of the same length.
    symbol.add_data(qrcode.util.QRData(url.encode(), mode=4))
    symbol.make(fit=True)
    return [[bool(module) for module in row] for row in symbol.get_matrix()]


def logo_modules(width: int) -> int:
    """Side of the logo's white field in modules: the largest odd number within its share, so that it sits centred."""
    side = int(width * LOGO_SHARE)
    return side if side % 2 else side - 1


def qr_svg(url: str, *, logo: bool = True, dark: str = "#1d1216", brand: str = "#b02a52") -> str:
    """The symbol with its quiet zone as SVG: one path for all modules, then the logo. Its unit is one module."""
    rows = qr_modules(url)
    width = len(rows)
    field = logo_modules(width) if logo else 0
    clear = range((width - field) // 2, (width + field) // 2)
    path = "".join(_row_path(row, y, clear if y in clear else range(0)) for y, row in enumerate(rows))
    size = width + 2 * QUIET_MODULES
    centre = QUIET_MODULES + width / 2
    mark = _logo_svg(centre, field - 0.6, brand) if logo else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="{dark}" d="{path}"/>{mark}</svg>'
    )


def _row_path(row: list[bool], y: int, clear: range) -> str:
    parts: list[str] = []
    x = 0
    for is_dark, run in groupby(module and x not in clear for x, module in enumerate(row)):
        length = len(list(run))
        if is_dark:
            parts.append(f"M{x + QUIET_MODULES} {y + QUIET_MODULES}h{length}v1h-{length}z")
        x += length
    return "".join(parts)


def _logo_svg(centre: float, side: float, brand: str) -> str:
    scale = side / 32
    corner = centre - side / 2
    return (
        f'<g transform="translate({corner:g} {corner:g}) scale({scale:g})">'
        f'<path fill="{brand}" d="{_HOUSE}"/><path fill="#fff" d="{_HEART}"/></g>'
    )


def qr_png(url: str, *, module_px: int = 12) -> bytes:
    """The symbol with its quiet zone as a black and white PNG, without logo: for other people's print shops."""
    rows = qr_modules(url)
    size = len(rows) + 2 * QUIET_MODULES
    image = Image.new("1", (size, size), 1)
    for y, row in enumerate(rows):
        for x, is_dark in enumerate(row):
            if is_dark:
                image.putpixel((x + QUIET_MODULES, y + QUIET_MODULES), 0)
    out = io.BytesIO()
    image.resize((size * module_px, size * module_px), Image.Resampling.NEAREST).save(out, "PNG", optimize=True)
    return out.getvalue()
