"""What a person may see: the subtree of her union, by the prefix of its path."""

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import contains_eager

from app.accounts.models import TradeUnion, User
from app.db import db
from app.errors import NotFound
from app.web import UNIONS


def is_union_account(user: User) -> bool:
    """Whether the person acts for a union, and not for single sites."""
    return user.role in UNIONS


def is_in_subtree(user: User) -> ColumnElement[bool]:
    """The condition on `TradeUnion` that a union lies in the subtree of the person's own union.

    Nothing lies in the subtree of a site manager, of a person without a role, or below a union without a path.
    """
    path = user.trade_union.path
    if not is_union_account(user) or not path.strip("/"):
        return false()
    return TradeUnion.path.startswith(path, autoescape=True)


def subtree(user: User) -> Select[int]:
    """Ids of the unions in the person's subtree, her own included, for use in ``IN``."""
    return select(TradeUnion.id).where(is_in_subtree(user))


def unions_in_scope(user: User) -> Select[TradeUnion]:
    """The unions in the person's subtree, each parent before its children."""
    return select(TradeUnion).where(is_in_subtree(user)).order_by(TradeUnion.path, TradeUnion.id)


def get_union(user: User, union_id: int) -> TradeUnion:
    """The union `union_id`. Raises NotFound when there is none in the person's subtree."""
    union = db.session.scalar(unions_in_scope(user).where(TradeUnion.id == union_id))
    if union is None:
        raise NotFound("There is no such union")
    return union


def users_in_scope(user: User) -> Select[User]:
    """The accounts at unions of the person's subtree, by union and name."""
    return (
        select(User)
        .join(TradeUnion, User.trade_union_id == TradeUnion.id)
        .options(contains_eager(User.trade_union))
        .where(is_in_subtree(user))
        .order_by(TradeUnion.path, User.username)
    )


def users_named(user: User, wanted: str) -> Select[User]:
    """Those of `users_in_scope` whose name, user name or union has `wanted` in it; the empty text is in all."""
    if not wanted:
        return users_in_scope(user)
    places = (User.username, User.display_name, TradeUnion.name)
    return users_in_scope(user).where(or_(*(place.icontains(wanted, autoescape=True) for place in places)))


def get_user(user: User, user_id: int) -> User:
    """The account `user_id`. Raises NotFound when there is none in the person's subtree."""
    found = db.session.scalar(users_in_scope(user).where(User.id == user_id))
    if found is None:
        raise NotFound("There is no such account")
    return found
