"""Unions, people and roles."""

from datetime import datetime
from enum import StrEnum

from flask_security import AsaList, RoleMixin, UserMixin
from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String, Table, UniqueConstraint
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model


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
    rulebook_id: Mapped[str | None] = mapped_column(String(60))

    parent: Mapped["TradeUnion | None"] = relationship(remote_side="TradeUnion.id")


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


class TotpUse(Model):
    """A one-time code that has been used; the same one is refused a second time."""

    __tablename__ = "totp_use"
    __table_args__ = (UniqueConstraint("user_id", "counter"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    counter: Mapped[int] = mapped_column(Integer)
    used_at: Mapped[datetime]
