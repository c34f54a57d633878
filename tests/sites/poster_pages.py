"""Posters to print and to read back, for the tests about them."""

from datetime import date
from typing import Any

import pypdfium2
import zxingcpp
from PIL import Image
from pyzbar import pyzbar

from app.sites.door_codes import door_url, new_code
from app.sites.posters import Poster, PosterFormat, posters_pdf

DPIS: dict[PosterFormat, tuple[int, ...]] = {"a4": (60, 100, 300), "a5": (60, 100, 300), "sticker": (150, 300)}


def poster(name: str = "钱塘区总工会母婴室", base_url: str = "https://xw.example.cn", **values: Any) -> Poster:
    """A poster for `name` with a code of its own."""
    code = new_code()
    return Poster(
        **{
            "name": name,
            "floor_label": "2 号楼 3 层",
            "code": code,
            "url": door_url(base_url, code),
            "domain": base_url.partition("://")[2],
            "print_version": 2,
            "printed_on": date(2026, 11, 22),
            "organisation": "杭州市钱塘区总工会",
            **values,
        }
    )


def page_images(pdf: bytes, dpi: int) -> list[Image.Image]:
    """Each page as grey pixels at `dpi`."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=dpi / 72, grayscale=True).to_pil() for page in document]


def page_texts(pdf: bytes) -> list[str]:
    """Each page's text, without line ends."""
    with pypdfium2.PdfDocument(pdf) as document:
        texts = [page.get_textpage().get_text_bounded() for page in document]
    return [text.replace("\r\n", "").replace("\ufffe", "").replace("\u200b", "") for text in texts]


def page_sizes_mm(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height of each page in whole millimetres."""
    with pypdfium2.PdfDocument(pdf) as document:
        sizes = [page.get_size() for page in document]
    return [(round(width / 72 * 25.4), round(height / 72 * 25.4)) for width, height in sizes]


def decoded(image: Image.Image) -> tuple[list[str], list[str]]:
    """The QR codes that the two decoders, zxing-cpp and ZBar, find in `image`.

    Only QR codes: asked for everything it knows, zxing-cpp also takes rows of one symbol in 400 for a bar code of four
    digits.
    """
    return (
        [found.text for found in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)],
        [found.data.decode() for found in pyzbar.decode(image, symbols=[pyzbar.ZBarSymbol.QRCODE])],
    )


def assert_read_back(posters: list[Poster], paper: PosterFormat) -> None:
    """Every page at every resolution gives exactly its door's address with both decoders."""
    pdf = posters_pdf(posters, paper)
    for dpi in DPIS[paper]:
        for sheet, image in zip(posters, page_images(pdf, dpi), strict=True):
            assert decoded(image) == ([sheet.url], [sheet.url]), f"{paper} at {dpi} dpi: {sheet.name}"
