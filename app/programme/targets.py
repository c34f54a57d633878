"""How many sites of a kind are to open in a year, and how far that has come. Nothing here commits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from app.accounts.models import TradeUnion, User
from app.db import db
from app.errors import N_, Conflict, Invalid
from app.programme import choices
from app.programme.models import YearTarget
from app.rulebooks import NoSuchRulebook, load
from app.rulebooks.model import KINDS
from app.sites.models import Site, SiteStatus

MOST = 99_999


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of site: `number` is null while nobody has set a target; `reference` is the rulebook's place for it.

    `accepted` sites were accepted in the year, `preparing` ones are still on the way.
    """

    kind: str
    number: int | None
    accepted: int
    preparing: int
    reference: str

    @property
    def percent(self) -> int:
        """How much of the target is there, cut to whole per cent, at most 100."""
        return min(100, self.accepted * 100 // self.number) if self.number else 0


def targets(union: TradeUnion, year: int, default: str) -> list[Target]:
    """The targets of a union for a calendar year, by kind: its own, else those of the rulebook that it has chosen.

    A union below one that has chosen has only the targets that it sets itself: the text's are the issuer's.
    """
    own = {row.kind: row.number for row in _rows(union, year)}
    stated = _of_rulebook(union, year, default)
    accepted, preparing = _counts(union, year)
    return [
        Target(
            kind,
            own.get(kind, stated[kind][0] if kind in stated else None),
            accepted.get(kind, 0),
            preparing.get(kind, 0),
            stated[kind][1] if kind in stated and kind not in own else "",
        )
        for kind in KINDS
    ]


def _rows(union: TradeUnion, year: int) -> list[YearTarget]:
    rows = select(YearTarget).where(YearTarget.trade_union_id == union.id, YearTarget.year == year)
    return list(db.session.scalars(rows))


def _of_rulebook(union: TradeUnion, year: int, default: str) -> dict[str, tuple[int, str]]:
    current = choices.in_force(union, date(year, 12, 31), default)
    if current.union is None or current.union.id != union.id:
        return {}
    try:
        stated = load(current.rulebook_id).year_targets
    except NoSuchRulebook:
        return {}
    return {one.kind: (one.number, one.reference) for one in stated if one.year == year}


def _counts(union: TradeUnion, year: int) -> tuple[dict[str, int], dict[str, int]]:
    sites = (
        select(Site.kind, func.count())
        .join(TradeUnion, TradeUnion.id == Site.host_id)
        .where(TradeUnion.path.startswith(union.path, autoescape=True))
        .group_by(Site.kind)
    )
    in_year = Site.accepted_on.between(date(year, 1, 1), date(year, 12, 31))
    opened = dict(db.session.execute(sites.where(in_year)).all())
    waiting = sites.where(Site.accepted_on.is_(None), Site.status != SiteStatus.CLOSED)
    return opened, dict(db.session.execute(waiting).all())


def set_targets(actor: User, union: TradeUnion, year: int, numbers: Mapping[str, str]) -> None:
    """Set a union's own targets for a year by kind; an empty text leaves the kind to the rulebook.

    Raises Conflict for accounts that cannot set them, `Invalid` naming the kind.
    """
    if union.level not in choices.CHOOSING_LEVELS or actor.role not in ("district_union", "municipal_union"):
        raise Conflict(N_("Districts and cities set targets"))
    rows = {row.kind: row for row in _rows(union, year)}
    for kind in KINDS:
        number = _number(kind, numbers.get(kind, "").strip())
        if number is None and kind in rows:
            db.session.delete(rows[kind])
        elif number is not None:
            row = rows.get(kind) or YearTarget(trade_union_id=union.id, year=year, kind=kind)
            row.number = number
            db.session.add(row)
    db.session.flush()


def _number(kind: str, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) <= MOST):
        message = N_("Write a whole number from 0 to 99999, or nothing")
        raise Invalid(message, {kind: message})
    return int(text)
