"""Which rulebook a union works by from which date on. What has begun is never rewritten; nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.accounts.models import RulebookChoice, TradeUnion, UnionLevel, User
from app.db import db
from app.errors import N_, Conflict, Invalid
from app.months import local_date
from app.programme import queries
from app.rulebooks import Rulebook, load

CHOOSING_LEVELS = (UnionLevel.MUNICIPAL, UnionLevel.DISTRICT)


@dataclass(frozen=True, slots=True)
class InForce:
    """The rulebook of a union on a date. `union` has chosen it; null where nobody has and the default serves."""

    rulebook_id: str
    union: TradeUnion | None
    from_on: date | None


def choices_of(union: TradeUnion) -> list[tuple[RulebookChoice, str]]:
    """All choices of a union itself with the name of who made them, the latest date first."""
    rows = (
        select(RulebookChoice, User.display_name, User.username)
        .join(User, User.id == RulebookChoice.chosen_by_id, isouter=True)
        .where(RulebookChoice.trade_union_id == union.id)
        .order_by(RulebookChoice.from_on.desc())
    )
    return [(choice, display or username or "") for choice, display, username in db.session.execute(rows)]


def in_force(union: TradeUnion, on: date, default: str) -> InForce:
    """What governs a union on a local date: its own latest choice, else that of the nearest union above it."""
    line: Sequence[TradeUnion] = (*queries.unions_on_path(union), union)
    for one in reversed(line):
        of_one = RulebookChoice.trade_union_id == one.id, RulebookChoice.from_on <= on
        latest = select(RulebookChoice).where(*of_one).order_by(RulebookChoice.from_on.desc()).limit(1)
        choice = db.session.scalar(latest)
        if choice is not None:
            return InForce(choice.rulebook_id, one, choice.from_on)
    return InForce(default, None, None)


def check(union: TradeUnion, rulebook_id: str, from_on: date, today: date) -> Rulebook:
    """The rulebook, if the union may begin to work by it on that date.

    Raises `Conflict` for a unit union, `Invalid` naming ``rulebook`` or ``from_on``.
    """
    if union.level not in CHOOSING_LEVELS:
        raise Conflict(N_("A unit union follows the rulebook of its district or city"))
    rulebook = load(rulebook_id)
    if from_on < today:
        raise _wrong("from_on", N_("The date has passed; what was in force then stays. Choose today or later"))
    if not rulebook.is_in_force(from_on):
        raise _wrong("from_on", N_("This rulebook is not in force on that date"))
    begun = db.session.get(RulebookChoice, (union.id, from_on))
    if begun is not None and from_on <= today:
        raise _wrong("from_on", N_("A choice has begun today already; choose tomorrow or later"))
    return rulebook


def choose(union: TradeUnion, rulebook_id: str, from_on: date, actor: User, now: datetime) -> RulebookChoice:
    """Let `union` and those below it work by a rulebook from a local date on; a choice still to come is replaced.

    Open cases keep the rulebook they were opened under, decisions the one they were taken under. Raises as `check`.
    """
    rulebook = check(union, rulebook_id, from_on, local_date(now))
    choice = db.session.get(RulebookChoice, (union.id, from_on))
    if choice is None:
        choice = RulebookChoice(trade_union_id=union.id, from_on=from_on)
        db.session.add(choice)
    choice.rulebook_id, choice.chosen_at, choice.chosen_by_id = rulebook.id, now, actor.id
    db.session.flush()
    return choice


def lower_choosers(union: TradeUnion, on: date) -> list[str]:
    """Paths of the unions below one that work by a rulebook of their own choice on a date: hers does not reach them."""
    paths = queries.rulebooks_of_unions(on)
    return [path for path in paths if path.startswith(union.path) and path != union.path]


def withdraw(union: TradeUnion, from_on: date, today: date) -> None:
    """Take back a choice still to come. Raises `Conflict` when there is none, or when it has begun."""
    choice = db.session.get(RulebookChoice, (union.id, from_on))
    if choice is None or from_on <= today:
        raise Conflict(N_("Only a choice that is still to come can be taken back"))
    db.session.delete(choice)
    db.session.flush()


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, {field: message})
