"""Reading what a form or a telephone says about one item of a sheet. Pure."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from app.errors import N_
from app.rulebooks.sheets import ScoreItem, ScoreSheet

YES, NO = "yes", "no"
LONGEST_NOTE = 400
LONGEST_KEY = 40
_BINARY = N_("Choose one of the two")
_RANGE = N_("Choose a number of points, or none")
_NOTE = N_("A note has at most 400 characters")
_UNKNOWN = N_("The sheet has no such item")


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody has answered about an item: `value` is ``yes``, ``no``, a number of points, or empty.

    `key` is the client's key of this change (empty: it comes from a form and is sent once), `earlier` the keys of her
    own changes of this item that the server may or may not have, `seen` the version of the answer she had before her.
    """

    item: str
    value: str
    note: str = ""
    key: str = ""
    seen: int | None = None
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """A change understood: `points` on a sheet with points, `is_ticked` on a tick list; both null for no answer."""

    points: Decimal | None
    is_ticked: bool | None


def fault_of(sheet: ScoreSheet, change: Change) -> str | None:
    """What is wrong with a change, as a message id; None when nothing is."""
    item = next((one for one in sheet.items if one.id == change.item), None)
    if item is None:
        return _UNKNOWN
    if len(change.note) > LONGEST_NOTE or "\0" in change.note or len(change.key) > LONGEST_KEY:
        return _NOTE
    if change.value in ("", NO) or (change.value == YES and not item.is_ranged):
        return None
    if sheet.is_tick_list or not item.is_ranged:
        return _BINARY
    points = _number(change.value)
    return None if points is not None and (points == 0 or item.least <= Fraction(points) <= item.most) else _RANGE


def read(sheet: ScoreSheet, change: Change) -> Read:
    """The change as it is stored; it has no fault."""
    item = next(one for one in sheet.items if one.id == change.item)
    if not change.value:
        return Read(None, None)
    if sheet.is_tick_list:
        return Read(None, change.value == YES)
    if change.value == NO:
        return Read(Decimal(0), None)
    return Read(_decimal(item.most) if change.value == YES else _number(change.value), None)


def written(item: ScoreItem, points: Decimal | None, is_ticked: bool | None) -> str:
    """The stored answer as forms have it."""
    if points is None:
        return "" if is_ticked is None else YES if is_ticked else NO
    if item.is_ranged:
        return format(points.normalize(), "f")
    return YES if points else NO


def steps(item: ScoreItem) -> list[str]:
    """The points that a ranged item is offered with: from its least to its most by ones."""
    whole = [item.least + step for step in range(int(item.most - item.least) + 1)]
    return [format(_decimal(points).normalize(), "f") for points in dict.fromkeys([*whole, item.most])]


def _number(text: str) -> Decimal | None:
    """A number with at most one decimal place."""
    try:
        number = Decimal(text[:8])
    except InvalidOperation:
        return None
    return number if number.is_finite() and number * 10 == int(number * 10) else None


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
