"""Adding up a score sheet: exact, pure, the same on every machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from app.errors import N_, Invalid
from app.rulebooks.sheets import ScoreGroup, ScoreItem, ScoreSheet

Answer = Fraction | bool | None


@dataclass(frozen=True, slots=True)
class SheetTotal:
    """What a sheet adds up to.

    `total` counts open items as nothing; it is null on a tick list. `is_passed` is null there too, and while items are
    open, unless a veto has decided. `vetoed` and `open` are ids of items in the order of the paper; `by_group` has the
    points of each group by its id, on a tick list the number of ticks.
    """

    total: Fraction | None
    is_passed: bool | None
    vetoed: tuple[str, ...]
    open: tuple[str, ...]
    by_group: Mapping[str, Fraction]


def total(sheet: ScoreSheet, answers: Mapping[str, Answer], on: date) -> SheetTotal:
    """Add up the answers by item id under the pass mark of a local date; null or missing: nobody has answered.

    True and false stand for all points and none. Raises `Invalid` naming the item: an unknown one, points that a fixed
    item does not give or that lie outside a range (qingdao-2023 annex 1). Raises `NotInForce`.
    """
    _refuse_unknown(sheet, answers)
    by_group = {group.id: _points(sheet, group, answers) for group in sheet.groups}
    vetoed = tuple(item.id for item in sheet.items if item.veto and answers.get(item.id) in (Fraction(0), False))
    unanswered = tuple(item.id for item in sheet.items if answers.get(item.id) is None)
    if sheet.pass_mark is None:
        return SheetTotal(None, None, vetoed, unanswered, by_group)
    points = sum(by_group.values(), Fraction(0))
    is_passed = None if unanswered else points >= sheet.pass_mark.at(on).value
    return SheetTotal(points, False if vetoed else is_passed, vetoed, unanswered, by_group)


def points_of(item: ScoreItem, answer: Answer) -> Fraction:
    """The points of one answer, nothing while there is none. Raises `Invalid` naming the item."""
    if answer is None:
        return Fraction(0)
    if isinstance(answer, bool):
        if item.is_ranged and answer:
            raise _wrong(item.id, N_("%(item)s takes a number of points from %(least)s to %(most)s"), item)
        return item.most if answer else Fraction(0)
    if item.is_ranged and answer and not item.least <= answer <= item.most:
        raise _wrong(item.id, N_("%(item)s takes a number of points from %(least)s to %(most)s"), item)
    if not item.is_ranged and answer not in (0, item.most):
        raise _wrong(item.id, N_("%(item)s gives %(most)s points or none"), item)
    return answer


def _points(sheet: ScoreSheet, group: ScoreGroup, answers: Mapping[str, Answer]) -> Fraction:
    if not sheet.is_tick_list:
        return sum((points_of(item, answers.get(item.id)) for item in group.items), Fraction(0))
    ticks = [(item, answers.get(item.id)) for item in group.items]
    for item, tick in ticks:
        if tick is not None and not isinstance(tick, bool):
            raise _wrong(item.id, N_("%(item)s is ticked or not; it has no points"), item)
    return Fraction(sum(tick is True for _, tick in ticks))


def _refuse_unknown(sheet: ScoreSheet, answers: Mapping[str, Answer]) -> None:
    known = {item.id for item in sheet.items}
    for name in answers:
        if name not in known:
            message = N_("The sheet has no item %(item)s")
            raise Invalid(message, {name: message}, item=name)


def _wrong(name: str, message: str, item: ScoreItem) -> Invalid:
    return Invalid(message, {name: message}, item=name, least=float(item.least), most=float(item.most))
