"""What a Word or PowerPoint file has to be before it is kept: a whole package, of a sensible size, without programs."""

import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import Final
from xml.etree import ElementTree as ET

from app.errors import N_, Invalid

MAIN_PARTS: Final = {
    "docx": (
        "/word/document.xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    ),
    "pptx": (
        "/ppt/presentation.xml",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
    ),
}
MOST_MEMBERS = 2000
MOST_UNPACKED_BYTES = 100 * 1024 * 1024
MOST_RATIO = 200
SMALL_BYTES = 1024 * 1024
"""Below this a member may be packed as tightly as it likes: empty tables compress a thousandfold."""
MOST_XML_BYTES = 4 * 1024 * 1024
_LAST_RECORD: Final = b"PK\x05\x06"
_PROGRAM = re.compile(
    r"vbaproject|vbadata|activex|oleobject|\.(exe|dll|com|scr|bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta|msi|lnk|jar|reg|"
    r"cpl|docm|dotm|pptm|potm|ppsm|xlsm|xltm|xlam|ppam|html?|svgz|swf)$",
    re.IGNORECASE,
)
_PROGRAM_TYPE = re.compile(r"macroenabled|vbaproject|activex|oleobject", re.IGNORECASE)
_DAMAGED = N_("“%(file)s” is no Word or PowerPoint file that can be read, or it is damaged; save it as DOCX or PPTX")
_LOCKED = N_("“%(file)s” is protected by a password; save it without one and choose it again")
_TOO_MUCH = N_("“%(file)s” holds far more than its size says; save its content into a new file")
_MACROS = N_("“%(file)s” holds macros or embedded programs; save it as DOCX or PPTX without them")
_LINKED = N_("“%(file)s” takes parts of itself from elsewhere; put the pictures and templates into the file itself")


def check_office(content: bytes, title: str) -> str:
    """``docx`` or ``pptx``. Raises Invalid, naming the file and the remedy, for what cannot be kept.

    Counts, sizes and ratios come from the table of contents, before anything is unpacked; then every member is read
    once, piece by piece, so that a table that lies is found out.
    """
    if content[-22:-18] != _LAST_RECORD:
        raise Invalid(_DAMAGED, file=title)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = package.infolist()
            _check_table(members, len(content), title)
            _check_names(members, title)
            kind = _kind_of(package, title)
            for member in members:
                _check_member(package, member, title)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
            ET.ParseError) as error:  # fmt: skip
        raise Invalid(_DAMAGED, file=title) from error
    return kind


def _check_table(members: list[zipfile.ZipInfo], size: int, title: str) -> None:
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED_BYTES:
        raise Invalid(_TOO_MUCH, file=title)
    for member in members:
        if member.file_size > SMALL_BYTES and member.file_size > MOST_RATIO * max(member.compress_size, 1):
            raise Invalid(_TOO_MUCH, file=title)
        if member.flag_bits & 0x1:
            raise Invalid(_LOCKED, file=title)
    # Nothing before the first member, as nothing is after the last record: no second file hides in this one.
    is_tight = members and min(member.header_offset for member in members) == 0
    if not is_tight or sum(member.compress_size for member in members) > size:
        raise Invalid(_DAMAGED, file=title)


def _check_names(members: list[zipfile.ZipInfo], title: str) -> None:
    names = [member.orig_filename for member in members]
    if len({name.casefold() for name in names}) != len(names):
        raise Invalid(_DAMAGED, file=title)
    for name in names:
        is_plain = not name.startswith("/") and not re.search(r"[\\:\x00-\x1f]", name)
        if not is_plain or ".." in PurePosixPath(name).parts:
            raise Invalid(_DAMAGED, file=title)
        if _PROGRAM.search(name):
            raise Invalid(_MACROS, file=title)


def _kind_of(package: zipfile.ZipFile, title: str) -> str:
    """By the declared type of the main part, which has to be there."""
    types = _xml(package, "[Content_Types].xml", title)
    declared = {(row.get("PartName") or row.get("Extension") or ""): row.get("ContentType") or "" for row in types}
    if any(_PROGRAM_TYPE.search(row.get("ContentType") or "") for row in types):  # also those that another one hides
        raise Invalid(_MACROS, file=title)
    names = set(package.namelist())
    for kind, (part, content_type) in MAIN_PARTS.items():
        if declared.get(part) == content_type and part[1:] in names:
            return kind
    raise Invalid(_DAMAGED, file=title)


def _check_member(package: zipfile.ZipFile, member: zipfile.ZipInfo, title: str) -> None:
    if member.filename.casefold().endswith(".rels"):  # the format's names do not tell capitals from small letters
        for relation in _xml(package, member.filename, title):
            kind = (relation.get("Type") or "").rpartition("/")[2]
            if relation.get("TargetMode") == "External" and kind != "hyperlink":
                raise Invalid(_LINKED, file=title)
        return
    with package.open(member) as stream:
        if stream.read(2) == b"MZ":
            raise Invalid(_MACROS, file=title)
        while stream.read(SMALL_BYTES):
            pass


def _xml(package: zipfile.ZipFile, name: str, title: str) -> ET.Element:
    if name not in package.namelist() or package.getinfo(name).file_size > MOST_XML_BYTES:
        raise Invalid(_DAMAGED, file=title)
    text = package.read(name).decode("utf-8-sig")
    if "<!" in text.replace("<!--", ""):
        raise Invalid(_DAMAGED, file=title)
    return ET.fromstring(text)  # noqa: S314  a text with a document type, and so with entities, was refused above
