"""Files as people and attackers hand them in, made on the spot."""

import io
import struct
import zipfile
import zlib

from docx import Document
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

MAIN = "application/vnd.openxmlformats-officedocument.{}.main+xml"
TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{}</Types>'
RELS = '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
GPS, ORIENTATION, MAKE = 0x8825, 0x0112, 0x010F


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **options: object) -> bytes:
    """A plain picture; a JPEG has a place, a maker and a turn by 90 degrees in its metadata."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = 6, "SecretPhone"
    exif.get_ifd(GPS)[2] = (30.0, 20.0, 14.0)
    image = Image.new("RGBA" if kind in ("PNG", "WEBP") else "RGB", size, "#336699")
    image.save(out, kind, **({"exif": exif, **options} if kind == "JPEG" else options))
    return out.getvalue()


def bomb_png(width: int, height: int) -> bytes:
    """A PNG whose header announces more pixels than anybody has memory for."""
    rows = zlib.compress(bytes(1000))
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", rows), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def pdf(
    pages: int = 1, *, password: str = "", script: bool = False, embedded: bool = False, launch: bool = False
) -> bytes:
    """A PDF of blank pages."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if script:
        writer.root_object[NameObject("/OpenAction")] = _action("/JavaScript", "/JS", "app.alert(1)")
    if embedded:
        writer.add_attachment("evil.exe", b"MZ")
    if launch:
        writer.root_object[NameObject("/OpenAction")] = _action("/Launch", "/F", "calc.exe")
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _action(kind: str, key: str, target: str) -> DictionaryObject:
    return DictionaryObject({NameObject("/S"): NameObject(kind), NameObject(key): TextStringObject(target)})


def docx() -> bytes:
    """What Word itself would open."""
    document, out = Document(), io.BytesIO()
    document.add_paragraph("会议记录 <b>&")
    document.save(out)
    return out.getvalue()


def package(kind: str = "docx", *, types: str = "", rels: str = "", compression: int = 8, **members: bytes) -> bytes:
    """A small Word or PowerPoint package with further content types, relations and members (``word__x`` is word/x)."""
    part, name = ("/word/document.xml", "wordprocessingml.document") if kind == "docx" else (
        "/ppt/presentation.xml", "presentationml.presentation"
    )  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        override = f'<Override PartName="{part}" ContentType="{MAIN.format(name)}"/>'
        file.writestr("[Content_Types].xml", TYPES.format(override + types))
        file.writestr("_rels/.rels", RELS.format(rels))
        file.writestr(part[1:], "<x/>")
        for member, content in members.items():
            file.writestr(member.replace("__", "/").replace("_DOT_", "."), content)
    return out.getvalue()


def relation(kind: str, target: str) -> str:
    """A relation to something outside the file."""
    schema = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return f'<Relationship Id="r9" Type="{schema}/{kind}" Target="{target}" TargetMode="External"/>'


def renamed(content: bytes, old: str, new: str) -> bytes:
    """The package with a member's name replaced by one of the same length."""
    assert len(old) == len(new)
    return content.replace(old.encode(), new.encode())
