"""The name under which a file was handed in, made safe to show and to save under. Pure."""

import re
import unicodedata
from pathlib import PurePosixPath

LONGEST_TITLE = 160
EXTENSIONS = {
    "image/jpeg": (".jpg", ".jpeg"),
    "application/pdf": (".pdf",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": (".pptx",),
}
_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".jfif", ".heic")
_UNNAMED = "file"


def cleaned(name: str | None) -> str:
    """The last part of a path in one line, without control, invisible and direction characters; never empty."""
    last = re.split(r"[/\\]", name or "")[-1]
    text = unicodedata.normalize("NFC", last)
    # Controls, and the marks that turn the direction of writing and make “gpj.exe” read as “exe.jpg”.
    spaced = re.sub(r"\s", " ", text)
    kept = "".join(char for char in spaced if unicodedata.category(char)[0] != "C")
    kept = re.sub(r'[<>:"|?*]', "_", " ".join(kept.split())).strip(". ")
    if len(kept) > LONGEST_TITLE:
        suffix = PurePosixPath(kept).suffix[:10]
        kept = kept[: LONGEST_TITLE - len(suffix)].rstrip(". ") + suffix
    return kept or _UNNAMED


def titled(name: str | None, media_type: str) -> str:
    """`cleaned`, ending as `media_type` ends: what a file says it is does not decide what it is opened with."""
    title = cleaned(name)
    wanted = EXTENSIONS[media_type]
    suffix = PurePosixPath(title).suffix.lower()
    if suffix in wanted:
        return title
    if media_type == "image/jpeg" and suffix in _PICTURES:
        title = title[: -len(suffix)]
    return title[: LONGEST_TITLE - len(wanted[0])] + wanted[0]
