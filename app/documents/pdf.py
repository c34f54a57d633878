"""PDF files by Typst from templates under ``qr_templates/forms``, with the fonts that lie beside them and no others."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from app.documents.text import deep

TEMPLATES = Path(__file__).resolve().parents[2] / "qr_templates"
MIME = "application/pdf"


def render(name: str, content: Mapping[str, Any], on: date) -> bytes:
    """The PDF that the template `name` makes of `content`, dated `on`: the same data give the same file."""
    pdf = typst.compile(
        TEMPLATES / "forms" / f"{name}.typ",
        root=TEMPLATES,
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(deep(dict(content)))},
        timestamp=datetime(on.year, on.month, on.day, tzinfo=UTC),
        format="pdf",
    )
    assert isinstance(pdf, bytes)  # noqa: S101  it is a list only for images of several pages
    return pdf


@cache
def _fonts() -> typst.Fonts:
    folders = [str(TEMPLATES / "fonts"), str(TEMPLATES / "forms" / "fonts")]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
