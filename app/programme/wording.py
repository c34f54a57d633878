"""Report texts in the reader's language."""

from functools import partial
from typing import Any

from app.rulebooks.phrases import word
from app.rulebooks.wording import shown
from app.web import select_locale


def language() -> str:
    """``zh`` or ``en``, as the rulebooks name their wordings."""
    return "en" if select_locale() == "en" else "zh"


def template_words(said_in: str) -> dict[str, Any]:
    """What templates need to say a report in one language: `lang`, and `word`, `shown` bound to it."""
    return {"lang": said_in, "word": partial(word, language=said_in), "shown": partial(shown, language=said_in)}
