"""What a file is by its first bytes, whatever its name says. Pure."""

from typing import Final

HEIC: Final = "HEIC"
_STARTS: Final = {
    b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"RIFF": "WebP", b"%PDF-": "PDF", b"GIF8": "GIF",
    b"BM": "BMP", b"II*\0": "TIFF", b"MM\0*": "TIFF", b"<svg": "SVG", b"PK\x03\x04": "Office / ZIP", b"Rar!": "RAR",
}  # fmt: skip
_HEIC_BRANDS: Final = frozenset(b"heic heix heim heis hevc hevx hevm hevs heif mif1 msf1".split())
_OTHER_BRANDS: Final = {b"avif": "AVIF", b"avis": "AVIF"}


def called(content: bytes) -> str:
    """What people call this kind of file; empty where the first bytes do not tell."""
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        return HEIC if brand in _HEIC_BRANDS else _OTHER_BRANDS.get(brand, "MP4 / MOV")
    return next((name for start, name in _STARTS.items() if content.startswith(start)), "")
