"""Reading what people have entered on the pages of the checks."""

from collections.abc import Mapping
from datetime import date

from flask import request
from flask_babel import gettext

from app.errors import N_, DomainError
from app.programme.checks.services import wrong

Errors = dict[str, str]


def entered(*names: str) -> dict[str, str]:
    """The form's values without spaces around them; a field that is not there is empty."""
    return {name: request.form.get(name, "").strip() for name in names}


def day(given: str, field: str) -> date:
    """A date. Raises Invalid naming `field`."""
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise wrong(field, N_("Please give the day, such as 2026-11-30")) from None


def number(given: str, field: str) -> int:
    """A whole number that fits the databases. Raises Invalid naming `field`."""
    if not (given.isascii() and given.isdigit() and 0 < int(given[:12]) < 2**31 and len(given) < 12):
        raise wrong(field, N_("Please enter a whole number"))
    return int(given)


def person(given: str, *, is_optional: bool = False) -> int | None:
    """The id of the person chosen. Raises Invalid naming ``inspector_id``."""
    if is_optional and not given:
        return None
    if not (given.isascii() and given.isdigit() and 0 < len(given) < 10):
        raise wrong("inspector_id", N_("Please choose a person"))
    return int(given)


def findings() -> list[dict[str, str]]:
    """The lines of the form, in order: what has to be put right and, where it is about one, the item of the sheet."""
    items = request.form.getlist("item")
    texts = request.form.getlist("finding")
    padded = [*items, *[""] * len(texts)]
    return [{"item": padded[place].strip(), "text": line.strip()} for place, line in enumerate(texts)]


def faults(error: DomainError) -> Errors:
    """What is wrong with which field, in the reader's language; under ``""`` what is about none."""
    said = {name: gettext(message, **error.params) for name, message in error.fields.items()}
    return said or {"": gettext(error.message, **error.params)}


def year(args: Mapping[str, str], this_year: int) -> int:
    """The year asked for: this one, or one of the four before."""
    given = args.get("year", "")
    asked = int(given) if given.isascii() and given.isdigit() and len(given) == 4 else this_year
    return min(max(asked, this_year - 4), this_year)
