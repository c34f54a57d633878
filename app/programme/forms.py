"""Reading what pages send: dates, the table's filter, a statement. Every complaint names its field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask import request

from app.accounts.models import TradeUnion, User
from app.accounts.queries import get_union
from app.errors import N_, Invalid, NotFound
from app.programme.judging import BANDS
from app.programme.table import NAME, SORTS, Filter
from app.rulebooks.node import YEARS

LONGEST_TEXT = 60


def read_date(text: str | None, name: str) -> date | None:
    """A date ``YYYY-MM-DD``, None for nothing. Raises `Invalid` naming the field."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        message = N_("“%(text)s” is not a date; write it as 2026-11-22")
        raise Invalid(message, {name: message}, text=text)
    return day


def read_filter(values: Mapping[str, str], shown: TradeUnion, user: User) -> Filter:
    """The table's filter from a query string. Raises `Invalid` naming the field."""
    band = values.get("band", "")
    if band not in ("", *BANDS):
        message = N_("“%(text)s” is not one of above, near, below, unknown")
        raise Invalid(message, {"band": message}, text=band)
    text = values.get("q", "").strip()
    if len(text) > LONGEST_TEXT or "\0" in text:
        message = N_("The text to look for is longer than 60 characters")
        raise Invalid(message, {"q": message})
    sort = values.get("sort", "") or NAME
    if sort not in SORTS:
        message = N_("“%(text)s” is not one of name, uses, satisfaction, verdict")
        raise Invalid(message, {"sort": message}, text=sort)
    return Filter(band, _union(values.get("district", ""), shown, user), text, sort, _after(values.get("after", "")))


def _after(text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        message = N_("“%(text)s” is not the number of a site")
        raise Invalid(message, {"after": message}, text=text)
    return int(text) if text else None


def _union(text: str, shown: TradeUnion, user: User) -> TradeUnion | None:
    if not text:
        return None
    message = N_("There is no such union below this one")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(message, {"district": message})
    try:
        union = get_union(user, int(text))
    except NotFound as error:
        raise Invalid(message, {"district": message}) from error
    if not union.path.startswith(shown.path):
        raise Invalid(message, {"district": message})
    return union


@dataclass(slots=True)
class StatementForm:
    """A statement as it was sent, so that it can be shown again with what is wrong about it."""

    item: str
    holds: str
    stated_on: str
    note: str
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_request(cls) -> "StatementForm":
        """What the present request has sent."""
        values = request.form
        item, holds, stated_on, note = (values.get(name, "") for name in ("item", "holds", "stated_on", "note"))
        return cls(item, holds, stated_on, note)

    def read(self) -> tuple[bool, date]:
        """(holds, stated_on). Raises `Invalid` naming the field."""
        if self.holds not in ("yes", "no"):
            message = N_("Say whether it holds or not")
            raise Invalid(message, {"holds": message})
        stated_on = read_date(self.stated_on, "stated_on")
        if stated_on is None:
            message = N_("The date is missing")
            raise Invalid(message, {"stated_on": message})
        return self.holds == "yes", stated_on
