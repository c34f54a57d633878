"""What is taken in, what becomes of it, and what is refused with which words."""

import hashlib
import io
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from werkzeug.datastructures import FileStorage

from app.attachments import pdf as pdfs
from app.attachments import services
from app.attachments.models import Attachment
from app.db import db
from app.errors import Invalid
from tests.attachments import files
from tests.conftest import Clock

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def upload(content: bytes, name: str = "材料.bin") -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name, name="file", content_type="application/x-msdownload")


def refused(content: bytes, folder: Path, clock: Clock, **options: Any) -> Invalid:
    with pytest.raises(Invalid) as refusal:
        services.store(None, upload(content), folder=folder, now=clock(), **options)
    assert set(refusal.value.fields) == {"file"}
    return refusal.value


def test_each_kind_is_known_by_its_content_and_kept_for_its_owner_alone(
    app: Flask, tmp_path: Path, clock: Clock
) -> None:
    given = {
        "image/jpeg": (files.picture(), "照片.exe", "照片.exe.jpg"),
        "application/pdf": (files.pdf(), "证书.PDF", "证书.PDF"),
        DOCX: (files.docx(), "记录.docx", "记录.docx"),
        PPTX: (files.package("pptx"), "汇报.doc", "汇报.doc.pptx"),
    }
    with app.app_context():
        for media_type, (content, name, title) in given.items():
            kept = services.store(None, upload(content, name), folder=tmp_path, now=clock())
            path = services.path_of(tmp_path, kept.file_name)
            stored = path.read_bytes()
            assert (kept.media_type, kept.title, kept.size_bytes) == (media_type, title, len(stored))
            assert kept.digest == hashlib.sha256(stored).digest()
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
            assert name not in str(path)
            assert media_type == "image/jpeg" or stored == content
        db.session.rollback()


def test_pictures_are_written_anew_upright_and_without_metadata(app: Flask, tmp_path: Path, clock: Clock) -> None:
    hidden = files.picture("JPEG", (3000, 2000)) + b"PK\x03\x04 a second file <script>"
    with app.app_context():
        for content, size in (
            (hidden, (1600, 2400)),
            (files.picture("PNG"), (640, 480)),
            (files.picture("WEBP"), (640, 480)),
        ):
            kept = services.store(None, upload(content), folder=tmp_path, now=clock(), allowed=services.IMAGES)
            stored = services.path_of(tmp_path, kept.file_name).read_bytes()
            image = Image.open(io.BytesIO(stored), formats=["JPEG"])
            assert image.size == size
            assert not image.getexif()
            assert not any(trace in stored for trace in (b"SecretPhone", b"Exif", b"<script>", b"PK\x03\x04"))
        db.session.rollback()


def broken_crc() -> bytes:
    content = bytearray(files.package(compression=zipfile.ZIP_STORED, word__a_DOT_xml=b"<long/>" * 50))
    content[content.index(b"<long/>")] = 0x2A
    return bytes(content)


HUGE = b"0" * (3 * 1024 * 1024)
MACROS = "application/vnd.ms-word.x.macroEnabled.main+xml"
HOSTILE = {
    "empty": (b"", "is empty"),
    "text": (b"just words", "none of the files"),
    "gif": (b"GIF89a" + bytes(300), "is GIF, which"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "is SVG, which"),
    "html named pdf": (b"<!doctype html><script>1</script>", "none of the files"),
    "program": (b"MZ" + bytes(500), "none of the files"),
    "damaged picture": (files.picture()[:300], "not a JPEG, PNG or WebP"),
    "riff that is no picture": (b"RIFF\x10\0\0\0WAVEfmt " + bytes(100), "not a JPEG, PNG or WebP"),
    "tiny picture": (files.picture("PNG", (50, 900)), "too small"),
    "pixel bomb": (files.bomb_png(30_000, 30_000), "50 million"),
    "bomb below Pillow's limit": (files.bomb_png(8_000, 8_000), "8 million"),
    "heic": (b"\0\0\0\x18ftypheic" + bytes(100), "HEIC"),
    "heic of several pictures": (b"\0\0\0\x18ftyphevc" + bytes(100), "HEIC"),
    "video": (b"\0\0\0\x14ftypqt  " + bytes(100), "is MP4 / MOV, which"),
    "old word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old or password-protected"),
    "no pdf inside": (b"%PDF-1.7\n%%EOF", "no PDF that can be read"),
    "pdf without an end": (files.pdf()[:-20], "no PDF that can be read"),
    "pdf and zip": (files.pdf() + files.package(), "no PDF that can be read"),
    "locked pdf": (files.pdf(password="geheim"), "protected by a password"),
    "pdf with a script": (files.pdf(script=True), "scripts or further files"),
    "pdf with a file": (files.pdf(embedded=True), "scripts or further files"),
    "pdf that starts a program": (files.pdf(launch=True), "scripts or further files"),
    "long pdf": (files.pdf(pdfs.MOST_PAGES + 1), "more than 300 pages"),
    "any zip": (b"PK\x03\x04" + bytes(100), "no Word or PowerPoint"),
    "cut docx": (files.docx()[:-40], "no Word or PowerPoint"),
    "docx after something": (b"PK\x03\x04" + files.package(), "no Word or PowerPoint"),
    "docx and html": (files.package() + b"<script>1</script>", "no Word or PowerPoint"),
    "broken member": (broken_crc(), "no Word or PowerPoint"),
    "no main part": (files.renamed(files.package(), "word/document.xml", "word/documenx.xml"), "no Word or PowerPoint"),
    "way out": (files.renamed(files.package(a__b_DOT_xml=b"x"), "a/b.xml", "../.xml"), "no Word or PowerPoint"),
    "absolute": (files.renamed(files.package(a__b_DOT_xml=b"x"), "a/b.xml", "/ab.xml"), "no Word or PowerPoint"),
    "backslash": (files.renamed(files.package(a__b_DOT_xml=b"x"), "a/b.xml", "a\\b.xml"), "no Word or PowerPoint"),
    "name twice": (files.package(Word__document_DOT_xml=b"<y/>"), "no Word or PowerPoint"),
    "entities": (files.package(types="]]><!DOCTYPE x [<!ENTITY a 'b'>]>"), "no Word or PowerPoint"),
    "zip bomb": (files.package(word__a_DOT_xml=HUGE), "far more than its size"),
    "many members": (files.package(**{f"a__{n}": b"" for n in range(2000)}), "far more than its size"),
    "macros": (files.package(word__vbaProject_DOT_bin=b"x"), "macros or embedded programs"),
    "macro type": (
        files.package(types=f'<Default Extension="z" ContentType="{MACROS}"/>'),
        "macros or embedded programs",
    ),
    "active x": (files.package(word__activeX__activeX1_DOT_xml=b"<x/>"), "macros or embedded programs"),
    "embedded program": (files.package(word__embeddings__a_DOT_exe=b"x"), "macros or embedded programs"),
    "program by content": (files.package(word__media__image1_DOT_png=b"MZ\x90"), "macros or embedded programs"),
    "object": (files.package(word__embeddings__oleObject1_DOT_bin=b"x"), "macros or embedded programs"),
    "its template": (files.package(rels=files.relation("attachedTemplate", "https://evil.cn/t")), "from elsewhere"),
    "its template, in capitals": (
        files.renamed(
            files.package(a__b_DOT_rels=files.RELS.format(files.relation("attachedTemplate", "https://evil.cn/t"))),
            "a/b.rels", "a/b.RELS",
        ),
        "from elsewhere",
    ),
    "macro type behind another": (
        files.package(types="".join(f'<Default Extension="z" ContentType="{one}"/>' for one in (MACROS, "a/b"))),
        "macros or embedded programs",
    ),
    "its picture": (files.package(rels=files.relation("image", "https://evil.example/1.png")), "from elsewhere"),
}  # fmt: skip


def test_what_cannot_be_kept_is_refused_by_name_with_a_remedy(app: Flask, tmp_path: Path, clock: Clock) -> None:
    wrong = {}
    with app.app_context():
        for name, (content, words) in HOSTILE.items():
            said = str(refused(content, tmp_path, clock))
            if words not in said or "材料.bin" not in said:
                wrong[name] = said
        assert wrong == {}
        assert db.session.query(Attachment).count() == 0
    assert list(tmp_path.iterdir()) == []


def test_a_flagged_member_is_locked(app: Flask, tmp_path: Path, clock: Clock) -> None:
    content = bytearray(files.package())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with app.app_context():
        assert "protected by a password" in str(refused(bytes(content), tmp_path, clock))


def test_links_that_wait_for_a_click_are_fine(app: Flask, tmp_path: Path, clock: Clock) -> None:
    content = files.package(rels=files.relation("hyperlink", "https://example.cn/"))
    with app.app_context():
        assert services.store(None, upload(content), folder=tmp_path, now=clock()).media_type == DOCX
        db.session.rollback()


def test_too_large_and_not_among_the_allowed(app: Flask, tmp_path: Path, clock: Clock) -> None:
    limit = app.extensions["settings"].upload_limit_bytes
    with app.app_context():
        assert "larger than 12 MB" in str(refused(b"%PDF-" + bytes(limit), tmp_path, clock))
        for content in (files.pdf(), files.docx()):
            error = refused(content, tmp_path, clock, allowed=services.IMAGES)
            assert "JPEG, PNG, WebP" in str(error)
        assert "JPEG, PNG, WebP, PDF" in str(refused(files.docx(), tmp_path, clock, allowed=services.SCANS))
        for nothing in (None, FileStorage(io.BytesIO(b"x"), filename="")):
            with pytest.raises(Invalid, match="choose a file"):
                services.store(None, nothing, folder=tmp_path, now=clock())


def test_erasing_takes_the_file_and_keeps_the_row(app: Flask, tmp_path: Path, clock: Clock) -> None:
    with app.app_context():
        kept = services.store(None, upload(files.pdf()), folder=tmp_path, now=clock())
        services.erase(kept, tmp_path, clock())
        first = clock()
        clock.advance(days=1)
        services.erase(kept, tmp_path, clock())
        assert kept.erased_at == first
        assert not services.path_of(tmp_path, kept.file_name).exists()
        db.session.rollback()
