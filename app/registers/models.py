"""The registers of a site. An entry is never changed or deleted: a wrong one is voided with a reason and made again."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import BigId, Json, Model


class Voidable:
    """Who recorded a row when, and who took it back when and why."""

    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    voided_at: Mapped[datetime | None]
    voided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    void_reason: Mapped[str] = mapped_column(String(300), default="")


class RegisterEntry(Voidable, Model):
    """One line of a simple register; `register` is ``cleaning``, ``maintenance`` or ``safety``.

    `findings` maps the codes of what was looked at to true (in order) or false; the codes are data of the feature.
    """

    __tablename__ = "register_entry"
    __table_args__ = (Index("ix_register_entry_site_id_on", "site_id", "done_on"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"))
    register: Mapped[str] = mapped_column(String(20))
    done_on: Mapped[date]
    done_by: Mapped[str] = mapped_column(String(80), default="")
    findings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    note: Mapped[str] = mapped_column(String(400), default="")
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))


class Activity(Voidable, Model):
    """An activity or lecture for women workers, [starts_at, ends_at), declared before or recorded after.

    `kind` is ``activity`` or ``lecture``; `topic` one of the feature's topic codes; `declared_at` is when it was first
    written down: one declared beforehand explains a burst of uses.
    """

    __tablename__ = "activity"
    __table_args__ = (
        Index("ix_activity_site_id_starts_at", "site_id", "starts_at"),
        CheckConstraint("ends_at > starts_at", name="order"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    topic: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(160))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    participants: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(400), default="")
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))


class SupplyMovement(Voidable, Model):
    """Supplies received (`quantity` > 0) or given out (< 0); `item` is a code of the feature's supplies."""

    __tablename__ = "supply_movement"
    __table_args__ = (Index("ix_supply_movement_site_id_item", "site_id", "item"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"))
    item: Mapped[str] = mapped_column(String(30))
    quantity: Mapped[int]
    moved_on: Mapped[date]
    source: Mapped[str] = mapped_column(String(160), default="")
    note: Mapped[str] = mapped_column(String(400), default="")


class SupplyLevel(Model):
    """Below how many pieces of an item a site asks for more."""

    __tablename__ = "supply_level"

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), primary_key=True)
    item: Mapped[str] = mapped_column(String(30), primary_key=True)
    least: Mapped[int]


class FixedAsset(Voidable, Model):
    """A fixed asset (固定资产); `facility` is a facility code where it is one. `disposal` says where it went."""

    __tablename__ = "fixed_asset"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), index=True)
    number: Mapped[str] = mapped_column(String(60), default="")
    name: Mapped[str] = mapped_column(String(120))
    facility: Mapped[str | None] = mapped_column(String(40))
    quantity: Mapped[int] = mapped_column(default=1)
    value_yuan: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    source: Mapped[str] = mapped_column(String(20))
    acquired_on: Mapped[date | None]
    disposed_on: Mapped[date | None]
    disposal: Mapped[str] = mapped_column(String(300), default="")


class SubsidyEntry(Voidable, Model):
    """Earmarked money (专款专用): received (`amount_yuan` > 0) or spent (< 0) on a `purpose` of the feature's list."""

    __tablename__ = "subsidy_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), index=True)
    booked_on: Mapped[date]
    amount_yuan: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    purpose: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(160), default="")
    note: Mapped[str] = mapped_column(String(400), default="")
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))


class Keeper(Voidable, Model):
    """A person who looks after a site (管理人员) and her health certificate. `kind` is of `app.registers`' list."""

    __tablename__ = "keeper"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    phone: Mapped[str] = mapped_column(String(40), default="")
    certificate_until: Mapped[date | None]
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    since_on: Mapped[date | None]
    left_on: Mapped[date | None]
