"""Sites, what changes about them, and the codes on their doors."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import TradeUnion
from app.db import BigId, Json, Model
from app.months import local_date


class SiteKind(StrEnum):
    """The four kinds of site (qingdao-2023 art. 2–6)."""

    ROOM = "room"
    HOLIDAY_CARE = "holiday_care"
    NURSERY = "nursery"
    COMBINED = "combined"


class LocationKind(StrEnum):
    """公共场所 or 单位内部: thresholds differ."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Admission(StrEnum):
    """Who may use it (qingdao-2020 annex 2): own staff, the building's staff, any woman in need."""

    STAFF = "staff"
    BUILDING = "building"
    ANYONE = "anyone"


class SuspensionMode(StrEnum):
    """What a suspension means at the door: nobody enters, or only who scans the code (qingdao-2020)."""

    CLOSED = "closed"
    SCAN_ONLY = "scan_only"


class SiteStatus(StrEnum):
    """Where a site is in its life. A suspension is not a status: it is an interval of its own."""

    PREPARING = "preparing"
    OPERATING = "operating"
    CLOSED = "closed"


class Site(Model):
    """One site. `lon`, `lat` are WGS-84 degrees or both null (no pin yet); `source_datum` is what they came from.

    `hours` is `app.sites.hours.Hours.to_json()`; `facilities` maps codes of `data/facilities.toml` to a number or null.
    `open_to_outsiders` is null until a person has decided. `review_note` says what a person still has to decide.
    `premises` is a code of `data/premises.toml`; `particulars` holds what only the forms ask for, by the codes of
    `data/particulars.toml`. `being_checked_since`: independent reports say that it is locked or gone.
    `has_word`: a word of the month hangs inside; `tablet_key`: secret of the tablet that shows a rotating code inside.
    """

    __tablename__ = "site"
    __table_args__ = (
        CheckConstraint("(lon IS NULL) = (lat IS NULL)", name="pin_whole"),
        CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name="pin_degrees"),
        UniqueConstraint("external_source", "external_code"),
        Index("ix_site_name_key_address_key", "name_key", "address_key"),
        Index("ix_site_name_id", "name", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("trade_union.id"), index=True)
    external_source: Mapped[str | None] = mapped_column(String(60))
    external_code: Mapped[str | None] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    address_key: Mapped[str] = mapped_column(String(300), default="")
    kind: Mapped[str] = mapped_column(String(20), default=SiteKind.ROOM.value)
    location_kind: Mapped[str] = mapped_column(String(10), default=LocationKind.INTERNAL.value)
    premises: Mapped[str | None] = mapped_column(String(30))
    admission: Mapped[str | None] = mapped_column(String(10))
    women_only: Mapped[bool | None]
    open_to_outsiders: Mapped[bool | None]
    access_note: Mapped[str] = mapped_column(String(300), default="")
    is_listed: Mapped[bool] = mapped_column(default=False)
    division_code: Mapped[str | None] = mapped_column(String(12), index=True)
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    source_datum: Mapped[str] = mapped_column(String(10), default="wgs84")
    pin_note: Mapped[str] = mapped_column(String(300), default="")
    floor_label: Mapped[str] = mapped_column(String(60), default="")
    floor_order: Mapped[int | None]
    landmark: Mapped[str] = mapped_column(String(400), default="")
    hours: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    facilities: Mapped[dict[str, int | None]] = mapped_column(Json, default=dict)
    area_m2: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    status: Mapped[str] = mapped_column(String(12), default=SiteStatus.OPERATING.value)
    opened_on: Mapped[date | None]
    accepted_on: Mapped[date | None]
    filed_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    public_phone: Mapped[str] = mapped_column(String(80), default="")
    contact_name: Mapped[str] = mapped_column(String(80), default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    review_note: Mapped[str] = mapped_column(String(400), default="")
    particulars: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    receipt_number: Mapped[str] = mapped_column(String(60), default="")
    plaque_number: Mapped[str] = mapped_column(String(60), default="")
    plaque_issued_on: Mapped[date | None]
    being_checked_since: Mapped[datetime | None]
    last_verified_on: Mapped[date | None]
    has_word: Mapped[bool] = mapped_column(default=False)
    tablet_key: Mapped[str | None] = mapped_column(String(40), index=True, unique=True)
    is_synthetic: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    host: Mapped[TradeUnion] = relationship(lazy="joined")
    photos: Mapped[list["SitePhoto"]] = relationship(order_by="SitePhoto.id", cascade="all, delete-orphan")
    door_codes: Mapped[list["DoorCode"]] = relationship(order_by="DoorCode.print_version", back_populates="site")
    suspensions: Mapped[list["Suspension"]] = relationship(order_by="Suspension.starts_at", back_populates="site")

    @property
    def is_public(self) -> bool:
        """Whether the finder may show it: operating, listed, and a person has said that outsiders may come in."""
        return self.status == SiteStatus.OPERATING and self.is_listed and self.open_to_outsiders is True

    def is_suspended(self, at: datetime) -> bool:
        """Whether a suspension keeps the site closed at the instant `at`."""
        return self._has(SuspensionMode.CLOSED, at)

    def is_scan_only(self, at: datetime) -> bool:
        """Whether at the instant `at` only who scans the code may enter."""
        return self._has(SuspensionMode.SCAN_ONLY, at)

    def _has(self, mode: SuspensionMode, at: datetime) -> bool:
        return any(suspension.mode == mode and suspension.covers(at) for suspension in self.suspensions)


class SiteManager(Model):
    """Which person manages which site (管理负责人)."""

    __tablename__ = "site_manager"

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Suspension(Model):
    """An interval [starts_at, ends_at) without use (暂停); open-ended while `ends_at` is null.

    Only an official one, which a district or municipal union made or confirmed, takes months out of the averages; and
    only one of `mode` ``closed``: during a ``scan_only`` one the site is used, and its uses count.
    """

    __tablename__ = "suspension"
    __table_args__ = (CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(300))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    is_official: Mapped[bool] = mapped_column(default=True)
    mode: Mapped[str] = mapped_column(String(10), default=SuspensionMode.CLOSED.value)

    site: Mapped[Site] = relationship(back_populates="suspensions")

    def covers(self, at: datetime) -> bool:
        """Whether the instant `at` lies in the interval."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)

    @property
    def last_on(self) -> date | None:
        """The last local date of it, as people said it; None while it is open-ended."""
        return None if self.ends_at is None else local_date(self.ends_at - timedelta.resolution)


class DoorCode(Model):
    """One printed code. `code` is 12 lower-case Crockford base32 characters, one per print version (decision 14)."""

    __tablename__ = "door_code"
    __table_args__ = (UniqueConstraint("site_id", "print_version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(12), unique=True)
    print_version: Mapped[int]
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str] = mapped_column(String(300), default="")

    site: Mapped[Site] = relationship(back_populates="door_codes")


class SitePhoto(Model):
    """A re-encoded photo in the data folder; `kind` is ``entrance`` or ``inside``."""

    __tablename__ = "site_photo"
    __table_args__ = (CheckConstraint("kind IN ('entrance', 'inside')", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    file_name: Mapped[str] = mapped_column(String(80), unique=True)
    width: Mapped[int]
    height: Mapped[int]
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class SiteChange(Model):
    """One entry of a site's history: who did which act when, and per field the value before and after."""

    __tablename__ = "site_change"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    act: Mapped[str] = mapped_column(String(30))
    fields: Mapped[dict[str, list[Any]]] = mapped_column(Json, default=dict)
    note: Mapped[str] = mapped_column(String(400), default="")


class Division(Model):
    """An administrative division by its statistical code (national list, 2023-06); `boundary` is GeoJSON in WGS-84."""

    __tablename__ = "division"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    parent_code: Mapped[str | None] = mapped_column(String(12), index=True)
    boundary: Mapped[dict[str, Any] | None] = mapped_column(Json)
