"""Opening the files that come out."""

import io
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pypdfium2
from lxml import etree

TOKEN_PAGE = "/documents/check"
NASTY = "<b>&</b> =1+1 {{ 7*7 }} {% for x in y %} {_{ }_} ＡＢＣ１２３ 𠮷䶮﨑"
"""What people may type and files have to survive."""
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def word_text(content: bytes, part: str = "word/document.xml") -> str:
    """The text of a DOCX, a line for each paragraph."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = etree.fromstring(archive.read(part))
    return "\n".join(_paragraph(paragraph) for paragraph in root.iter(f"{_WORD}p"))


def _paragraph(paragraph: etree._Element) -> str:
    said = {f"{_WORD}br": "\n", f"{_WORD}tab": "\t"}
    parts = ((part.tag, part.text or "") for part in paragraph.iter())
    return "".join(said.get(tag) or (text if tag == f"{_WORD}t" else "") for tag, text in parts)


def footer_text(content: bytes) -> str:
    """The text of the footers of a DOCX."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [name for name in archive.namelist() if name.startswith("word/footer")]
    return "\n".join(word_text(content, part) for part in parts)


def pdf_text(content: bytes) -> str:
    """The text of all pages of a PDF, without blanks and line breaks: where they fall is the layout's affair."""
    pdf = pypdfium2.PdfDocument(content)
    return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in pdf).replace("\u200b", "")


def pages(content: bytes) -> int:
    """How many pages a PDF has."""
    return len(pypdfium2.PdfDocument(content))


def to_pdf(folder: Path, files: dict[str, bytes]) -> dict[str, bytes]:
    """What LibreOffice makes of office files, by name: one process for all of them."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    names = [str(folder / name) for name in files]
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder / "out"), *names]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return {name: (folder / "out" / f"{Path(name).stem}.pdf").read_bytes() for name in files}


def book(content: bytes) -> openpyxl.Workbook:
    """An XLSX as openpyxl reads it."""
    return openpyxl.load_workbook(io.BytesIO(content))
