"""What the other kinds of site are judged by. No child is named: initials or a number on the site's own roster."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import BigId, Json, Model


class CareTerm(Model):
    """One term of holiday care; dates included. `places`: for how many children."""

    __tablename__ = "care_term"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    places: Mapped[int | None]
    staff: Mapped[int | None]
    volunteers: Mapped[int | None]
    closed_on: Mapped[date | None]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class CareChild(Model):
    """A child in a term: `label` is initials or a roster number. `code` serves drop-off and pick-up at the door."""

    __tablename__ = "care_child"
    __table_args__ = (UniqueConstraint("term_id", "label"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("care_term.id", ondelete="CASCADE"))
    label: Mapped[str] = mapped_column(String(12))
    grade: Mapped[int | None]
    code: Mapped[str] = mapped_column(String(12), unique=True)
    enrolled_on: Mapped[date]
    left_on: Mapped[date | None]
    is_insured: Mapped[bool] = mapped_column(default=False)
    has_agreement: Mapped[bool] = mapped_column(default=False)


class CareAttendance(Model):
    """One child on one day. `recorded_by_id` is null when a code at the door did it."""

    __tablename__ = "care_attendance"

    child_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("care_child.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    on: Mapped[date] = mapped_column("attended_on", primary_key=True)
    arrived_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class CareDay(Model):
    """A day on which a term ran, marked by staff: the days that an attendance rate is taken over."""

    __tablename__ = "care_day"

    term_id: Mapped[int] = mapped_column(ForeignKey("care_term.id", ondelete="CASCADE"), primary_key=True)
    on: Mapped[date] = mapped_column("ran_on", primary_key=True)
    safety_checked: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(300), default="")


class Incident(Model):
    """What must not happen: `kind` is ``accident``, ``violation``, ``dishonesty``, ``abuse`` or ``bad_event``.

    `retracted_at` with a reason takes back one that was recorded wrongly; the row stays.
    """

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_site_id_happened_on", "site_id", "happened_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    happened_on: Mapped[date]
    description: Mapped[str] = mapped_column(String(600))
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    retracted_at: Mapped[datetime | None]
    retracted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    retract_reason: Mapped[str] = mapped_column(String(300), default="")


class NurseryReturn(Model):
    """What a nursery reports as of a day; the latest one is in force. Money in yuan a month, areas in square metres."""

    __tablename__ = "nursery_return"
    __table_args__ = (Index("ix_nursery_return_site_id_as_of", "site_id", "as_of"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"))
    as_of: Mapped[date]
    places: Mapped[int]
    enrolled: Mapped[int]
    own_employees_children: Mapped[int]
    class_types: Mapped[list[str]] = mapped_column(Json, default=list)
    price_yuan: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    local_average_yuan: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    indoor_area_m2: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    outdoor_area_m2: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    has_health_title: Mapped[bool] = mapped_column(default=False)
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class CombinedPart(Model):
    """A site that is part of a combined centre; a site belongs to one centre at most."""

    __tablename__ = "combined_part"

    part_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), primary_key=True)
    centre_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), index=True)
    since_on: Mapped[date]
