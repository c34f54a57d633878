"""What only the forms ask about a site, as inputs: what was typed, and what each answer comes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext

from app.sites.particulars import Particular, particulars, read_answer


@dataclass
class ParticularsForm:
    """The text in each input by the particular's code, and per faulty one what is wrong."""

    typed: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, held: Mapping[str, Any]) -> "ParticularsForm":
        """The form that shows what is `held`."""
        return cls({code: _shown(held, code) for code in particulars()})

    @classmethod
    def read(cls, form: Mapping[str, str], held: Mapping[str, Any]) -> tuple["ParticularsForm", dict[str, Any]]:
        """What was filled in, and the answers without empty ones; an input left out or left as it was changes nothing.

        So a list's odd telephone number stops nobody who corrects something else.
        """
        shown = cls({code: _tidy(form.get(input_name(code), _shown(held, code))) for code in particulars()})
        answers = {code: value for code, value in held.items() if code not in shown.typed}
        for one in particulars().values():
            text = shown.typed[one.code]
            if text and text == _tidy(_shown(held, one.code)):
                answers[one.code] = held[one.code]
            elif text:
                answers[one.code], fault = read_answer(one.kind, one.choices, text)
                if fault:
                    shown.errors[one.code] = gettext(fault)
        return shown, answers

    def groups(self) -> dict[str, list[Particular]]:
        """The questions by the part of the form in which they stand."""
        found: dict[str, list[Particular]] = {}
        for one in particulars().values():
            found.setdefault(one.group, []).append(one)
        return found


def input_name(code: str) -> str:
    """What a particular's input is called: some of their codes are columns of the site too."""
    return f"particular-{code}"


def _shown(held: Mapping[str, Any], code: str) -> str:
    value = held.get(code)
    return "" if value is None else str(value)


def _tidy(text: str) -> str:
    return text.strip().replace("\r\n", "\n")
