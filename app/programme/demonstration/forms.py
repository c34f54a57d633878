"""Reading what the pages of a call send. Every complaint names its field."""

from collections.abc import Mapping
from datetime import date

from app.accounts.models import TradeUnion
from app.errors import N_, Invalid
from app.programme.demonstration.services import Terms
from app.programme.forms import read_date

LARGEST = 9999
YEARS = range(2000, 2100)


def read_terms(values: Mapping[str, str], districts: list[TradeUnion], *, by_district: bool) -> Terms:
    """The terms of a call. Raises `Invalid` naming the field."""
    closes_on = required_date(values, "closes_on")
    quotas = {one.id: whole(values, f"quota-{one.id}") for one in districts}
    return Terms(
        title=values.get("title", ""),
        year=year(values),
        opens_on=required_date(values, "opens_on"),
        closes_on=closes_on,
        recommend_by=closes_on if by_district else required_date(values, "recommend_by"),
        places=whole(values, "places"),
        quotas={union_id: number for union_id, number in quotas.items() if number is not None},
        note=values.get("note", ""),
    )


def required_date(values: Mapping[str, str], name: str) -> date:
    """A date that has to be there."""
    found = read_date(values.get(name), name)
    if found is None:
        message = N_("The date is missing")
        raise Invalid(message, {name: message})
    return found


def whole(values: Mapping[str, str], name: str) -> int | None:
    """A whole number, None for nothing."""
    text = values.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= LARGEST):
        message = N_("Write a whole number from 0 to 9999, or nothing")
        raise Invalid(message, {name: message})
    return int(text)


def number(values: Mapping[str, str], name: str) -> int:
    """The id of something; 0, which is none, for what is no id."""
    text = values.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def year(values: Mapping[str, str]) -> int:
    """The year of a call or a title."""
    found = whole(values, "year")
    if found not in YEARS:
        message = N_("Write the year with four digits, such as 2026")
        raise Invalid(message, {"year": message})
    return found or 0
