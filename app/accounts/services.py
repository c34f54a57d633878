"""Make and change unions and accounts. Nothing here commits."""

import re
import secrets
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import NoReturn

from email_validator import EmailNotValidError, validate_email
from flask_security import hash_password
from sqlalchemy import delete, func, select

from app.accounts import queries
from app.accounts.models import LogInSession, Role, RulebookChoice, TotpUse, TradeUnion, UnionLevel, User
from app.db import db
from app.errors import N_, Conflict, Forbidden, Invalid, NotFound
from app.web import ASSESSOR, DISTRICT_UNION, EVERYONE, MUNICIPAL_UNION, SITE_MANAGER, UNIT_UNION

EVER_SINCE = date(2000, 1, 1)
"""From when a rulebook holds that came with the union itself."""
PASSWORD_LENGTH_MIN = 10
PASSWORD_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105  letters nobody mistakes for another
LEVEL_OF_ROLE: Mapping[str, str] = {
    UNIT_UNION: UnionLevel.UNIT,
    DISTRICT_UNION: UnionLevel.DISTRICT,
    MUNICIPAL_UNION: UnionLevel.MUNICIPAL,
}
ROLES_BELOW: Mapping[str, tuple[str, ...]] = {
    UNIT_UNION: (SITE_MANAGER,),
    DISTRICT_UNION: (ASSESSOR, SITE_MANAGER, UNIT_UNION),
    MUNICIPAL_UNION: (ASSESSOR, SITE_MANAGER, UNIT_UNION, DISTRICT_UNION),
}
HEIGHT: Mapping[str, int] = {UnionLevel.UNIT: 0, UnionLevel.DISTRICT: 1, UnionLevel.MUNICIPAL: 2}
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_PHONE = re.compile(r"[0-9+() -]{0,40}")
_USERNAME = re.compile(r"\w[\w.-]{1,63}")


def normal_username(text: str) -> str:
    """The one spelling of a user name: NFKC, no spaces around, lower case. No database accepts a zero character."""
    return unicodedata.normalize("NFKC", text.replace("\0", "")).strip().casefold()


def new_password() -> str:
    """A random password of four groups of four (79 bits) that can be read out over the telephone."""
    return "-".join("".join(secrets.choice(PASSWORD_ALPHABET) for _ in range(4)) for _ in range(4))


def find_union(code: str) -> TradeUnion:
    """The union with `code`. Raises NotFound."""
    union = db.session.scalar(select(TradeUnion).filter_by(code=code))
    if union is None:
        raise NotFound("There is no union with the code %(code)s", code=code)
    return union


def find_user(username: str) -> User:
    """The account called `username`. Raises NotFound."""
    user = db.session.scalar(select(User).filter_by(username=normal_username(username)))
    if user is None:
        raise NotFound("There is no account called %(username)s", username=username)
    return user


def create_union(
    code: str,
    name: str,
    level: str,
    parent: TradeUnion | None = None,
    *,
    division_code: str | None = None,
    rulebook_id: str | None = None,
) -> TradeUnion:
    """A union below `parent`. Raises Invalid naming the field when the code is taken or the level does not fit."""
    if not _CODE.fullmatch(code):
        _refuse("code", N_("A union's code is 1 to 40 letters, digits, dots, hyphens or underscores"))
    if db.session.scalar(select(TradeUnion.id).filter_by(code=code)) is not None:
        _refuse("code", N_("There is already a union with this code"))
    if not 1 <= len(name.strip()) <= 200:
        _refuse("name", N_("A union needs a name of 1 to 200 characters"))
    if level not in HEIGHT:
        _refuse("level", N_("A union's level is municipal, district or unit"))
    if parent is not None and HEIGHT[level] >= HEIGHT[parent.level]:
        _refuse("level", N_("A union stands below one of a higher level: unit, district, municipal"))
    union = TradeUnion(
        code=code, name=name.strip(), level=level, parent=parent, path="",
        division_code=division_code or None,
    )  # fmt: skip
    db.session.add(union)
    db.session.flush()
    union.path = f"{parent.path if parent else '/'}{union.id}/"
    if rulebook_id:
        db.session.add(RulebookChoice(trade_union_id=union.id, from_on=EVER_SINCE, rulebook_id=rulebook_id))
    return union


def describe_union(union: TradeUnion, *, name: str, head_name: str, head_phone: str, women_workers: str) -> None:
    """Give a union the details that forms ask for, as typed. Raises Invalid naming the field; then nothing changes."""
    if not 1 <= len(name.strip()) <= 200:
        _refuse("name", N_("A union needs a name of 1 to 200 characters"))
    if len(head_name.strip()) > 80:
        _refuse("head_name", N_("A name has at most 80 characters"))
    if not _PHONE.fullmatch(head_phone.strip()):
        _refuse("head_phone", N_("A telephone number has digits, spaces, hyphens, brackets and a plus, at most 40"))
    number = women_workers.strip()
    if number and not (number.isascii() and number.isdigit() and len(number) <= 7):
        _refuse("women_workers", N_("Please write a whole number, such as 120"))
    union.name, union.head_name, union.head_phone = name.strip(), head_name.strip(), head_phone.strip()
    union.women_workers = int(number) if number else None


def create_user(
    username: str, role: str, trade_union: TradeUnion, password: str, display_name: str = "", *, hashed: bool = False
) -> User:
    """An account with `role` at `trade_union`. Raises Invalid naming the field.

    `hashed` says that `password` already is the result of `hash_password`: the demo makes many accounts at once.
    """
    name = normal_username(username)
    if not _USERNAME.fullmatch(name):
        _refuse("username", N_("A user name is 2 to 64 letters, digits, dots, hyphens or underscores"))
    if db.session.scalar(select(User.id).filter_by(username=name)) is not None:
        _refuse("username", N_("This user name is already taken"))
    if role not in EVERYONE:
        _refuse("role", N_("This is not a role"))
    if LEVEL_OF_ROLE.get(role, trade_union.level) != trade_union.level:
        _refuse("role", N_("This role does not fit the level of the union"))
    if len(display_name.strip()) > 80:
        _refuse("display_name", N_("A name has at most 80 characters"))
    user = User(
        username=name,
        display_name=display_name.strip(),
        password=password if hashed else _hash_of(password),
        fs_uniquifier=_fresh_uniquifier(),
        trade_union=trade_union,
        roles=[db.session.scalars(select(Role).filter_by(name=role)).one()],
    )
    db.session.add(user)
    db.session.flush()
    return user


def roles_below(actor: User) -> tuple[str, ...]:
    """The roles that `actor` may give and whose holders she may change: those below her own."""
    return ROLES_BELOW.get(actor.role, ())


def open_account(
    actor: User, union_id: int, role: str, *, username: str, display_name: str, password: str
) -> User:
    """What `create_user` does, on behalf of `actor`: in her subtree and below her own role.

    Raises NotFound for a union elsewhere, Forbidden for a role of her own height or above, and Invalid.
    """
    trade_union = queries.get_union(actor, union_id)
    if role in EVERYONE and role not in roles_below(actor):
        raise Forbidden("You can only open accounts below your own role")
    return create_user(username, role, trade_union, password, display_name)


def account_to_change(actor: User, user_id: int) -> User:
    """The account `user_id`, for `actor` to change. Raises NotFound outside her subtree, Forbidden at her height."""
    user = queries.get_user(actor, user_id)
    if user.role not in roles_below(actor):
        raise Forbidden("You can only change accounts below your own role")
    return user


def set_password(user: User, password: str) -> None:
    """Give `user` a new password; every session and token of hers ends, a lock is lifted. Raises Invalid."""
    user.password = _hash_of(password)
    user.failed_logins, user.locked_until = 0, None
    revoke_tokens(user)


def revoke_tokens(user: User) -> None:
    """End every session and every API token of `user`."""
    user.fs_uniquifier = _fresh_uniquifier()
    db.session.execute(delete(LogInSession).filter_by(user_id=user.id))


def confirm_password(user: User, password: str) -> None:
    """Raise Invalid unless this is the person's present password."""
    if user.password is None or not user.verify_and_update_password(unicodedata.normalize("NFKD", password[:200])):
        _refuse("current", N_("This is not your present password"))


def set_email(user: User, address: str) -> None:
    """Where notices go; the empty text for nowhere. Raises Invalid naming ``email``."""
    if not address.strip():
        user.email = None
        return
    try:
        found = validate_email(address.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        _refuse("email", N_("This is not an e-mail address; it looks like name@example.cn"))
    other = select(User.id).where(func.lower(User.email) == found.normalized.lower(), User.id != user.id)
    if db.session.scalar(other.limit(1)) is not None:
        _refuse("email", N_("Another account uses this address"))
    user.email = found.normalized


def disable(user: User) -> None:
    """Take the account out of use: it is out at its next request."""
    user.active = False
    revoke_tokens(user)


def enable(user: User) -> None:
    """Take the account back into use. Raises Conflict when it is in use."""
    if user.active:
        raise Conflict("This account is in use already")
    user.active = True
    user.failed_logins, user.locked_until = 0, None


def reset_two_factor(user: User) -> None:
    """Forget the person's authenticator and recovery codes, for when her phone is lost; every session ends."""
    user.tf_primary_method = user.tf_totp_secret = None
    user.mf_recovery_codes = None
    db.session.execute(delete(TotpUse).filter_by(user_id=user.id))
    revoke_tokens(user)


def _hash_of(password: str) -> str:
    password = unicodedata.normalize("NFKD", password)
    if not PASSWORD_LENGTH_MIN <= len(password) <= 200:
        _refuse("password", N_("A password has 10 to 200 characters"))
    hashed: str = hash_password(password)
    return hashed


def _fresh_uniquifier() -> str:
    return secrets.token_hex(32)


def _refuse(field: str, message: str) -> NoReturn:
    raise Invalid(message, fields={field: message})
