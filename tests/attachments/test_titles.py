"""Names of files: what is shown and saved under."""

import pytest

from app.attachments.titles import LONGEST_TITLE, cleaned, titled


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("健康证.pdf", "健康证.pdf"),
        ("C:\\Users\\王芳\\健康证.pdf", "健康证.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a\0b\r\nc.pdf", "ab c.pdf"),
        ("report\u202egpj.exe", "reportgpj.exe"),
        ("\u2066x\u2069\u200f.pdf", "x.pdf"),
        ("  many   spaces .pdf ", "many spaces .pdf"),
        ('<b>&"|?*:.pdf', "_b_&_____.pdf"),
        ("", "file"),
        (None, "file"),
        ("...", "file"),
        ("\u202e", "file"),
        ("𠮷野家ｆｕｌｌ.docx", "𠮷野家ｆｕｌｌ.docx"),
        ("e\u0301.pdf", "é.pdf"),
    ],
)
def test_cleaned(given: str | None, kept: str) -> None:
    assert cleaned(given) == kept


def test_a_long_name_keeps_its_end() -> None:
    name = cleaned("长" * 300 + ".docx")
    assert len(name) == LONGEST_TITLE
    assert name.endswith("长.docx")


@pytest.mark.parametrize(
    ("given", "media_type", "title"),
    [
        ("a.pdf", "application/pdf", "a.pdf"),
        ("a.exe", "application/pdf", "a.exe.pdf"),
        ("a.PNG", "image/jpeg", "a.jpg"),
        ("IMG_1.JPEG", "image/jpeg", "IMG_1.JPEG"),
        ("a.html", "image/jpeg", "a.html.jpg"),
        ("x" * 200, "application/pdf", "x" * (LONGEST_TITLE - 4) + ".pdf"),
    ],
)
def test_the_end_of_a_name_is_what_the_file_is(given: str, media_type: str, title: str) -> None:
    assert titled(given, media_type) == title
