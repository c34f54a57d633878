"""Which rulebook a union follows, where unions stand, what was ever stated about a site. Facts: `evidence`."""

from datetime import date

from sqlalchemy import select

from app.accounts.models import RulebookChoice, TradeUnion, User
from app.db import db
from app.ids import Ids
from app.programme.evidence import SITE_COLUMNS, SiteRow, facts_of, site_columns
from app.programme.models import Attestation

__all__ = [
    "SITE_COLUMNS", "Ids", "SiteRow", "facts_of", "rulebook_at", "rulebooks_of_unions", "site_columns",
    "statements_about", "unions_below", "unions_on_path",
]  # fmt: skip


def statements_about(site_id: int) -> list[tuple[Attestation, str]]:
    """All statements ever made about a site with the name of who made them (empty: not known), the latest first."""
    rows = (
        select(Attestation, User.display_name, User.username)
        .join(User, User.id == Attestation.user_id, isouter=True)
        .where(Attestation.site_id == site_id)
        .order_by(Attestation.stated_on.desc(), Attestation.stated_at.desc(), Attestation.id.desc())
    )
    return [(stated, display_name or username or "") for stated, display_name, username in db.session.execute(rows)]


def rulebooks_of_unions(on: date) -> dict[str, str]:
    """Rulebook ids in force on a local date, by the path of the unions that have chosen one."""
    chosen = (
        select(TradeUnion.path, RulebookChoice.rulebook_id)
        .join(RulebookChoice, RulebookChoice.trade_union_id == TradeUnion.id)
        .where(RulebookChoice.from_on <= on)
        .order_by(RulebookChoice.from_on)
    )
    return {row.path: row.rulebook_id for row in db.session.execute(chosen)}


def rulebook_at(path: str, chosen: dict[str, str], default: str) -> str:
    """The rulebook of the union at `path`: its own, else that of the nearest union above it, else `default`."""
    above = [other for other in chosen if path.startswith(other)]
    return chosen[max(above, key=len)] if above else default


def unions_below(union: TradeUnion) -> list[TradeUnion]:
    """The unions directly below one, by name."""
    children = select(TradeUnion).where(TradeUnion.parent_id == union.id).order_by(TradeUnion.name, TradeUnion.id)
    return list(db.session.scalars(children))


def unions_on_path(union: TradeUnion) -> list[TradeUnion]:
    """The unions above one, the root first."""
    ids = [int(part) for part in union.path.strip("/").split("/")[:-1]]
    return list(db.session.scalars(select(TradeUnion).where(TradeUnion.id.in_(ids)).order_by(TradeUnion.path)))
