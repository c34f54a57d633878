"""Unions, people and roles."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from flask import current_app
from flask_security import AsaList, RoleMixin, UserMixin
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.clock import now
from app.db import BigId, Model

LOCK_AFTER = 10
"""Wrong passwords or codes in a row after which an account is locked."""
LOCK_FOR = timedelta(minutes=15)


class UnionLevel(StrEnum):
    """The three levels of union (工会三级)."""

    MUNICIPAL = "municipal"
    DISTRICT = "district"
    UNIT = "unit"


class TradeUnion(Model):
    """One union in the tree. `path` is the ids from the root, ``/1/4/17/``: a subtree is a prefix of it."""

    __tablename__ = "trade_union"
    __table_args__ = (CheckConstraint("level IN ('municipal', 'district', 'unit')", name="level"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    level: Mapped[str] = mapped_column(String(10))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("trade_union.id"), index=True)
    path: Mapped[str] = mapped_column(String(200), index=True)
    division_code: Mapped[str | None] = mapped_column(String(12))
    head_name: Mapped[str] = mapped_column(String(80), default="")
    head_phone: Mapped[str] = mapped_column(String(40), default="")
    women_workers: Mapped[int | None]

    parent: Mapped["TradeUnion | None"] = relationship(remote_side="TradeUnion.id")


class RulebookChoice(Model):
    """From the local date `from_on` on, a union and those below it follow a rulebook, until its next choice."""

    __tablename__ = "rulebook_choice"

    trade_union_id: Mapped[int] = mapped_column(ForeignKey("trade_union.id", ondelete="CASCADE"), primary_key=True)
    from_on: Mapped[date] = mapped_column(primary_key=True)
    rulebook_id: Mapped[str] = mapped_column(String(60))
    chosen_at: Mapped[datetime | None]
    chosen_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class NoticeSent(Model):
    """That a person was told by e-mail about something in her inbox; nothing is told twice."""

    __tablename__ = "notice_sent"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    sent_at: Mapped[datetime]


roles_users = Table(
    "roles_users",
    Model.metadata,
    Column("user_id", ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id"), primary_key=True),
)


class Role(Model, RoleMixin):
    """A role by its name: see `app.web.ROLES`."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)


class User(Model, UserMixin):
    """A person who works with the system, at one union. No address of hers is ever stored.

    A site manager sees the sites assigned to her, everybody else the subtree of `trade_union`.
    """

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str | None] = mapped_column(String(255), unique=True)  # type: ignore[assignment]
    display_name: Mapped[str] = mapped_column(String(80), default="")
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    trade_union_id: Mapped[int] = mapped_column(ForeignKey("trade_union.id"), index=True)
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]

    trade_union: Mapped[TradeUnion] = relationship(lazy="joined")
    roles: Mapped[list[Role]] = relationship(secondary=roles_users, lazy="selectin")  # type: ignore[assignment]

    @property
    def role(self) -> str:
        """Name of the person's role; the empty text when none was given yet."""
        return self.roles[0].name if self.roles else ""

    # The four methods below are Flask-Security's hooks; their names and arguments are its own, and it passes no time.

    def is_locked(self, form_error: list[str] | None = None) -> bool:  # noqa: ARG002
        """Whether too many wrong passwords or codes came in a row, and not long ago."""
        return self.locked_until is not None and now() < self.locked_until

    def track_failed_authn(self, auth_type: str, tfa: bool = False) -> None:  # noqa: ARG002
        """Count a wrong password or code; lock the account at the last one allowed. No count while it is locked."""
        if self.is_locked():
            return
        self.failed_logins += 1
        if self.failed_logins >= LOCK_AFTER:
            self.failed_logins, self.locked_until = 0, now() + LOCK_FOR

    def check_tf_required(
        self, tf_setup_methods: list[tuple[str, str]], tf_fresh: bool  # noqa: ARG002
    ) -> tuple[bool, list[tuple[str, str]]]:
        """Whether a one-time code follows the password: for the roles that need one, and for who has set it up."""
        return bool(tf_setup_methods) or self.check_tf_required_setup(), tf_setup_methods

    def check_tf_required_setup(self) -> bool:
        """Whether this person has to have an authenticator."""
        return self.role in current_app.config["TWO_FACTOR_ROLES"]


class TotpUse(Model):
    """A one-time code that has been used; the same one is refused a second time."""

    __tablename__ = "totp_use"
    __table_args__ = (UniqueConstraint("user_id", "counter"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    counter: Mapped[int] = mapped_column(Integer)
    used_at: Mapped[datetime]


class LogInSession(Model):
    """One log-in, until she logs out. `id` is the SHA-256 of what her cookie says; no address or device is kept."""

    __tablename__ = "log_in_session"

    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    began_at: Mapped[datetime]


class AccountEvent(Model):
    """What happened to an account: a log-in, a failed one, a new password. `user_id` is None for an unknown name."""

    __tablename__ = "account_event"
    __table_args__ = (Index(None, "user_id", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]

    by: Mapped["User | None"] = relationship(foreign_keys=by_id)
