"""Word files from templates that a union may edit in Word. Values are only ever text: never markup, never a program."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import TemplateError
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from app.documents.text import clean
from app.errors import N_, Invalid

DATA = Path(__file__).with_name("data")
MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def template(name: str, folder: Path) -> Path:
    """The template of that name: the installation's own one in `folder` if there is one, else the product's."""
    own = folder / f"{name}.docx"
    return own if own.is_file() else DATA / f"{name}.docx"


def render(path: Path, content: Mapping[str, Any]) -> bytes:
    """The Word file that the template at `path` makes of `content`. Raises Invalid naming a template that is faulty."""
    from docxtpl import DocxTemplate  # noqa: PLC0415  slow to load, seldom needed

    document = DocxTemplate(str(path))
    buffer = io.BytesIO()
    try:
        document.render(dict(content), jinja_env=_environment())
        document.save(buffer)
    except TemplateError as error:
        message = N_("The Word template %(name)s is faulty: %(reason)s")
        raise Invalid(message, name=path.name, reason=str(error)) from error
    return buffer.getvalue()


def _environment() -> SandboxedEnvironment:
    return SandboxedEnvironment(autoescape=True, finalize=_text)


def _text(value: object) -> object:
    """Escaped for XML. Braces too: docxtpl looks for its own escapes of them in what has been rendered."""
    if value is None:
        return ""
    return Markup(str(escape(clean(str(value)))).replace("{", "&#123;").replace("}", "&#125;"))  # noqa: S704
